/*
 * fn_schedule - zdb_schedule(name, cron, job), zdb_unschedule(name),
 * zdb_schedule_defaults(repository), zdb_jobs([repository]),
 * zdb_run_due([repository])
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "pg_ext/call.h"
#include "pg_ext/compat.h"

#include "core/base/text.h"
#include "core/job/report.h"
#include "pg_ext/cron_server.h"
#include "pg_ext/job_runs.h"
#include "pg_ext/run_job.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_schedule);
PG_FUNCTION_INFO_V1(zdbpg_fn_schedule_defaults);
PG_FUNCTION_INFO_V1(zdbpg_fn_unschedule);
PG_FUNCTION_INFO_V1(zdbpg_fn_jobs);
PG_FUNCTION_INFO_V1(zdbpg_fn_run_due);

#define SECOND_US 1000000
#define PUNCTUAL_S 60 /* so long pg_cron may take to start a job */

static int64
now_s(void)
{
	return zdb_now_us() / SECOND_US;
}

static char *
text_arg(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the %s is null", name)));
	return text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

static char *
this_database(void)
{
	return get_database_name(MyDatabaseId);
}

/* Schedule a job and return what is to be said of it. */
static json_t *
put_job(const zdb_job *job)
{
	const char *given = zdb_job_database(job);
	const char *database = given ? zdbpg_from_utf8(given) : this_database();
	int64_t next_s = zdb_cron_next(&job->cron, job->zone, now_s());

	/* the rights that the call itself will need, and the path's form */
	(void) zdbpg_path(zdbpg_from_utf8(zdb_job_repo(job)),
					  job->operation->writes);
	zdbpg_cron_put(job, database);
	return json_pack("{s:s, s:s, s:s, s:O, s:o}", "name", job->name,
					 "database", zdbpg_to_utf8(database), "cron", job->text,
					 "job", job->spec, "next_run",
					 zdb_job_active(job) ? zdb_report_time(next_s * SECOND_US)
										 : json_null());
}

static void
run_schedule(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	char *name = text_arg(fcinfo, 0, "name");
	char *cron = text_arg(fcinfo, 1, "cron expression");
	json_t **put = zdbpg_own_json();
	Jsonb *spec;

	zdbpg_cron_require();
	if (PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the job is null")));
	spec = PG_GETARG_JSONB_P(2);
	*put = put_job(zdbpg_job_open(
		name, cron, JsonbToCString(NULL, &spec->root, VARSIZE(spec))));
	json_object_update(call->report, *put);
}

Datum
zdbpg_fn_schedule(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_SCHEDULE, -1, run_schedule);
}

static void
run_schedule_defaults(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	const char *repo = zdbpg_to_utf8(text_arg(fcinfo, 0, "repository"));
	json_t *list;

	zdbpg_cron_require();
	list = json_array();
	zdbpg_report(call, "jobs", list);
	for (size_t i = 0; i < ZDB_JOB_DEFAULTS; i++)
		json_array_append_new(list, put_job(zdbpg_job_open_default(i, repo)));
}

Datum
zdbpg_fn_schedule_defaults(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_SCHEDULE, -1,
						  run_schedule_defaults);
}

/* The names of the jobs of this database, for a hint. */
static const char *
names_here(void)
{
	const char *database = zdbpg_to_utf8(this_database());
	StringInfoData names;
	ListCell *cell;

	initStringInfo(&names);
	foreach(cell, zdbpg_cron_list())
	{
		const zdbpg_cron_job *one = lfirst(cell);

		if (strcmp(one->database, database) == 0)
			appendStringInfo(&names, "%s%s", names.len ? ", " : "",
							 zdbpg_from_utf8(one->job->name));
	}
	return names.len ? names.data : NULL;
}

static void
run_unschedule(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	char *name = text_arg(fcinfo, 0, "name");
	char *database = this_database();
	const char *names;

	zdbpg_cron_require();
	if (zdbpg_cron_remove(name, database) == 0)
	{
		names = names_here();
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no job \"%s\" of database \"%s\"",
							   name, database),
						names ? errhint("The jobs are: %s.", names)
							  : errhint("There are none.")));
	}
	zdbpg_report(call, "name", json_string(zdbpg_to_utf8(name)));
	zdbpg_report(call, "database", json_string(zdbpg_to_utf8(database)));
}

Datum
zdbpg_fn_unschedule(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_SCHEDULE, -1, run_unschedule);
}

/* NULL: all. */
static const char *
repo_arg(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? NULL
						   : zdbpg_to_utf8(text_arg(fcinfo, 0, "repository"));
}

static size_t
without_slash(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

static bool
is_in(const zdb_job *job, const char *repo)
{
	const char *its = zdb_job_repo(job);

	return !repo || (without_slash(repo) == without_slash(its) &&
					 memcmp(its, repo, without_slash(its)) == 0);
}

/* The history is a file of the server. */
static bool
may_read(void)
{
	return has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES);
}

static void
run_jobs(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	const char *repo = repo_arg(fcinfo);
	ListCell *cell;

	zdbpg_cron_require();
	foreach(cell, zdbpg_cron_list())
	{
		const zdbpg_cron_job *one = lfirst(cell);
		zdb_job_runs runs = zdbpg_job_runs(one, may_read());

		if (is_in(one->job, repo))
			json_array_append_new(call->rows,
								  zdb_job_row(one->job, &runs, now_s()));
	}
}

Datum
zdbpg_fn_jobs(PG_FUNCTION_ARGS)
{
	return zdbpg_call_rows(fcinfo, ZDB_CALL_SCHEDULE, -1, run_jobs);
}

/* When it was due last, if pg_cron should have started it and did not; else
 * 0. */
static int64
missed(const zdbpg_cron_job *one)
{
	const zdb_job *job = one->job;
	zdb_job_runs runs = zdbpg_job_runs(one, may_read());
	int64 due_s =
		zdb_cron_previous(&job->cron, job->zone, now_s() - PUNCTUAL_S);

	return zdb_job_active(job) && due_s > runs.after_s ? due_s : 0;
}

static json_t *
catch_up(const zdbpg_cron_job *one, int64 due_s, const char *schema)
{
	double started_s = zdb_monotonic_s();
	const char *error;
	json_t **report = zdbpg_own_json();
	Datum value;

	error = zdbpg_try_job(one->job, schema, &value);
	if (!error)
	{
		*report = json_loads(zdbpg_jsonb_text(DatumGetJsonbP(value)), 0, NULL);
	}
	else
		*report = json_string(zdbpg_to_utf8(error));
	return json_pack(
		"{s:s, s:s, s:o, s:s, s:f, s:O}", "job", one->job->name, "operation",
		one->job->operation->name, "due", zdb_report_time(due_s * SECOND_US),
		"outcome", error ? "failure" : "success", "duration_s",
		zdb_monotonic_s() - started_s, error ? "error" : "report", *report);
}

static void
run_run_due(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	const char *repo = repo_arg(fcinfo);
	const char *database = zdbpg_to_utf8(this_database());
	const char *schema =
		get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));
	json_t *ran;
	ListCell *cell;

	zdbpg_cron_require();
	zdbpg_report(call, "repo", repo ? json_string(repo) : json_null());
	zdbpg_report(call, "database", json_string(database));
	ran = json_array();
	zdbpg_report(call, "ran", ran);
	foreach(cell, zdbpg_cron_list())
	{
		const zdbpg_cron_job *one = lfirst(cell);
		int64 due_s = missed(one);

		if (due_s && strcmp(one->database, database) == 0 &&
			is_in(one->job, repo))
			json_array_append_new(ran, catch_up(one, due_s, schema));
	}
}

Datum
zdbpg_fn_run_due(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_SCHEDULE, -1, run_run_due);
}
