/*
 * fn_jobs - SELECT * FROM zdb_jobs(repository): what is scheduled
 */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/jobs_file.h"
#include "sqlite_ext/run_due.h"
#include "sqlite_ext/vtab_json.h"

#define SECOND_US 1000000

static void
load_jobs(zdblite_call *call, json_t *rows)
{
	const char *repo = call->path;
	int64_t now_s = zdb_now_us() / SECOND_US;
	zdb_jobs jobs;
	bool running;

	zdb_jobs_open(&jobs, repo, &call->err);
	running = !call->err.code && zdb_jobs_running(repo);
	for (size_t i = 0; !call->err.code && i < json_array_size(jobs.list); i++)
	{
		zdb_jobs_entry entry;
		zdb_job_runs runs;

		zdb_jobs_get(&jobs, i, repo, &entry, &call->err);
		runs = zdb_jobs_runs(&entry, running, now_s);
		if (!call->err.code &&
			json_array_append_new(rows,
								  zdb_job_row(&entry.job, &runs, now_s)) != 0)
			zdb_err_nomem(&call->err);
		zdb_jobs_entry_clear(&entry);
	}
	zdb_jobs_close(&jobs);
}

zdb_rc
zdblite_jobs_health(zdblite_call *call, zdb_arena *arena,
					zdb_health_request *request)
{
	char *own = zdblite_database_name(call->db, &call->err);

	if (own)
		zdb_jobs_health(call->path, own, arena, request, &call->err);
	zdb_free(own);
	return call->err.code;
}

static const char *const columns[] = {
	"name",     "database",     "cron",       "zone",     "job",     "active",
	"last_run", "last_outcome", "last_error", "next_run", "overdue", NULL};

const zdblite_row_function zdblite_jobs = {
	.name = "zdb_jobs",
	.argument = "repository",
	.usage = "zdb_jobs('backups')",
	.kind = ZDB_CALL_SCHEDULE,
	.columns = columns,
	.load = load_jobs,
};
