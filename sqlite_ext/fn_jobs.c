/*
 * fn_jobs - SELECT * FROM zdb_jobs(repository): what is scheduled
 */
#include <unistd.h>

#include "core/base/text.h"
#include "core/job/jobs_file.h"
#include "sqlite_ext/vtab_rows.h"

#define SECOND_US 1000000

/* One that started and has not ended runs, or was killed. */
static const char *
outcome_of(const zdb_jobs_entry *entry, bool running)
{
	if (entry->started_s && !entry->ended_s)
		return running ? "running" : "interrupted";
	return entry->outcome;
}

static json_t *
row_of(const zdb_jobs_entry *entry, bool running)
{
	int64_t now_s = zdb_now_us() / SECOND_US;
	zdb_job_runs runs = {
		.database = entry->database,
		.after_s = entry->due_s < now_s ? entry->due_s : now_s,
		.last_s = entry->started_s,
		.outcome = outcome_of(entry, running),
		.error = entry->error,
	};

	return zdb_job_row(&entry->job, &runs, now_s);
}

static bool
is_running(const char *repo)
{
	zdb_err err = {0};
	int lock;

	if (zdb_jobs_claim(repo, &lock, &err) == ZDB_OK)
		close(lock);
	return err.code == ZDB_BUSY;
}

static void
load_jobs(zdblite_call *call, json_t *rows)
{
	const char *repo = call->path;
	zdb_jobs jobs;
	bool running;

	zdb_jobs_open(&jobs, repo, &call->err);
	running = !call->err.code && is_running(repo);
	for (size_t i = 0; !call->err.code && i < json_array_size(jobs.list); i++)
	{
		zdb_jobs_entry entry;

		if (zdb_jobs_get(&jobs, i, repo, &entry, &call->err) == ZDB_OK &&
			json_array_append_new(rows, row_of(&entry, running)) != 0)
			zdb_err_nomem(&call->err);
		zdb_jobs_entry_clear(&entry);
	}
	zdb_jobs_close(&jobs);
}

static const char *const columns[] = {
	"name",     "database",     "cron",       "zone",     "job",     "active",
	"last_run", "last_outcome", "last_error", "next_run", "overdue", NULL};

const zdblite_rows zdblite_jobs = {
	.name = "zdb_jobs",
	.argument = "repository",
	.usage = "zdb_jobs('backups')",
	.kind = ZDB_CALL_SCHEDULE,
	.columns = columns,
	.load = load_jobs,
};
