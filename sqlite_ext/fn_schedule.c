/*
 * fn_schedule - zdb_schedule(name, cron, job), zdb_unschedule(name, repo),
 * zdb_schedule_defaults(repo), zdb_run_due(repo), zdb_scheduler_start(repo),
 * zdb_scheduler_stop([repo])
 */
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/jobs_file.h"
#include "core/job/path.h"
#include "core/job/report.h"
#include "sqlite_ext/run_due.h"
#include "sqlite_ext/scheduler.h"

#define SECOND_US 1000000

/* What the functions say of a job. */
static json_t *
job_json(const zdb_job *job, const char *database, int64_t now_s)
{
	int64_t next_s = zdb_cron_next(&job->cron, job->zone, now_s);

	return json_pack("{s:s, s:s, s:s, s:O, s:o}", "name", job->name,
					 "database", database, "cron", job->text, "job", job->spec,
					 "next_run",
					 zdb_job_active(job) ? zdb_report_time(next_s * SECOND_US)
										 : json_null());
}

/* Put jobs into the file of their repository, all or none. */
static json_t *
put_jobs(zdblite_call *call, const char *repo, const zdb_job *list,
		 size_t count)
{
	char *database = zdblite_database_name(call->db, &call->err);
	int64_t now_s = zdb_now_us() / SECOND_US;
	json_t *put = json_array();
	zdb_jobs jobs;

	if (database && zdb_jobs_edit(&jobs, repo, &call->err) == ZDB_OK)
	{
		for (size_t i = 0; i < count && !call->err.code; i++)
		{
			zdb_jobs_put(&jobs, &list[i], database, now_s, &call->err);
			json_array_append_new(put, job_json(&list[i], database, now_s));
		}
		if (!call->err.code)
			zdb_jobs_save(&jobs, &call->err);
	}
	if (database)
		zdb_jobs_close(&jobs);
	zdb_free(database);
	return put;
}

void
zdblite_fn_schedule(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *name, *cron, *spec;
	zdb_job job = {0};
	zdblite_call call;
	json_t *put;

	(void) argc;
	if (zdblite_call_open(&call, ctx, ZDB_CALL_SCHEDULE, NULL, NULL))
		goto done;
	name = zdblite_call_text(&call, argv[0], "name");
	cron = name ? zdblite_call_text(&call, argv[1], "cron") : NULL;
	spec = cron ? zdblite_call_text(&call, argv[2], "job") : NULL;
	if (!spec || zdb_job_open(&job, ZDB_ENGINE_SQLITE, name, cron, spec,
							  strlen(spec), &call.err))
		goto done;
	put = put_jobs(&call, zdb_job_repo(&job), &job, 1);
	json_object_update(call.report, json_array_get(put, 0));
	json_decref(put);

done:
	zdb_job_clear(&job);
	zdblite_call_close(&call);
}

/* A call whose only argument is the repository. */
static void
call_with_repo(sqlite3_context *ctx, sqlite3_value *repo,
			   void (*body)(zdblite_call *call, const char *repo))
{
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_SCHEDULE, repo, NULL) == ZDB_OK)
		body(&call, call.path);
	zdblite_call_close(&call);
}

static void
schedule_plan(zdblite_call *call, const char *repo)
{
	zdb_job jobs[ZDB_JOB_DEFAULTS] = {0};
	json_t *put;

	for (size_t i = 0; i < ZDB_JOB_DEFAULTS; i++)
		if (zdb_job_open_default(&jobs[i], ZDB_ENGINE_SQLITE, i, repo,
								 &call->err))
			break;
	if (!call->err.code)
	{
		put = put_jobs(call, repo, jobs, ZDB_JOB_DEFAULTS);
		zdblite_report(call, "jobs", put);
	}
	for (size_t i = 0; i < ZDB_JOB_DEFAULTS; i++)
		zdb_job_clear(&jobs[i]);
}

void
zdblite_fn_schedule_defaults(sqlite3_context *ctx, int argc,
							 sqlite3_value **argv)
{
	(void) argc;
	call_with_repo(ctx, argv[0], schedule_plan);
}

static void
unschedule(zdblite_call *call, const char *name, const char *repo)
{
	char *database = zdblite_database_name(call->db, &call->err);
	zdb_jobs jobs;

	if (!database)
		return;
	/* locking would make the directory */
	zdb_jobs_open(&jobs, repo, &call->err);
	zdb_jobs_close(&jobs);
	if (!call->err.code && zdb_jobs_edit(&jobs, repo, &call->err) == ZDB_OK &&
		zdb_jobs_remove(&jobs, database, name, &call->err) == ZDB_OK)
		zdb_jobs_save(&jobs, &call->err);
	zdb_jobs_close(&jobs);
	zdblite_report(call, "name", json_string(name));
	zdblite_report(call, "database", json_string(database));
	zdb_free(database);
}

void
zdblite_fn_unschedule(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *name, *repo;
	zdblite_call call;

	(void) argc;
	if (zdblite_call_open(&call, ctx, ZDB_CALL_SCHEDULE, NULL, NULL) == ZDB_OK)
	{
		name = zdblite_call_text(&call, argv[0], "name");
		repo = name ? zdblite_call_text(&call, argv[1], "repo") : NULL;
		if (repo)
			unschedule(&call, name, repo);
	}
	zdblite_call_close(&call);
}

void
zdblite_fn_run_due(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void) argc;
	call_with_repo(ctx, argv[0], zdblite_run_due);
}

void
zdblite_fn_scheduler_start(sqlite3_context *ctx, int argc,
						   sqlite3_value **argv)
{
	(void) argc;
	call_with_repo(ctx, argv[0], zdblite_scheduler_start);
}

void
zdblite_fn_scheduler_stop(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_SCHEDULE,
						  argc > 0 ? argv[0] : NULL, NULL) == ZDB_OK)
		zdblite_report(&call, "stopped",
					   json_integer(zdblite_scheduler_stop(call.path)));
	zdblite_call_close(&call);
}
