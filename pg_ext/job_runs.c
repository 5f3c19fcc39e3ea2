/*
 * job_runs - when a job ran last, and how that ended
 */
#include "pg_ext/job_runs.h"

#include "miscadmin.h"

#include "core/base/text.h"
#include "core/job/run.h"

#define SECOND_US 1000000

/* pg_cron's words in ours. */
static zdb_job_runs
runs_of_cron(const zdbpg_cron_job *one)
{
	const char *status = one->status;
	bool failed = status && strcmp(status, "failed") == 0;
	zdb_job_runs runs = {
		.database = one->database,
		.last_s = one->last_s,
		.error = failed ? one->message : NULL,
	};

	if (failed)
		runs.outcome = "failure";
	else if (status)
		runs.outcome =
			strcmp(status, "succeeded") == 0 ? "success" : "running";
	return runs;
}

/* The last record of a job. */
typedef struct last_record
{
	const zdbpg_cron_job *job;
	json_t *record;
} last_record;

static bool
is_text(const json_t *record, const char *key, const char *text)
{
	const char *value = json_string_value(json_object_get(record, key));

	return value && strcmp(value, text) == 0;
}

/* Called from core: no function of PostgreSQL here. */
static zdb_rc
take_record(void *arg, size_t line, const json_t *record, zdb_err *err)
{
	last_record *last = arg;

	if (!is_text(record, "job", last->job->job->name) ||
		!is_text(record, "database", last->job->database))
		return ZDB_OK;
	json_decref(last->record);
	last->record = json_deep_copy(record);
	return last->record ? ZDB_OK : zdb_err_nomem(err);
}

char *
zdbpg_job_place(const zdb_job *job)
{
	char *repo = zdbpg_from_utf8(zdb_job_repo(job));

	if (is_absolute_path(repo))
		return pstrdup(repo);
	return psprintf("%s/%s", zdbpg_setting(ZDB_SET_REPOSITORY), repo);
}

/* NULL when there is none. The current memory context owns it. */
static const json_t *
find_record(const zdbpg_cron_job *one)
{
	json_t **record = zdbpg_own_json();
	last_record last = {.job = one};
	zdb_repository repository = {
		.where = zdbpg_job_place(one->job),
		.history = zdbpg_setting(ZDB_SET_HISTORY),
		.fallback = DataDir,
	};
	zdb_err err = {0};

	zdb_repository_runs(&repository, take_record, &last, &err);
	*record = last.record;
	return err.code ? NULL : *record;
}

static const char *
outcome_of(const json_t *record)
{
	if (is_text(record, "outcome", "success"))
		return "success";
	return is_text(record, "outcome", "failure") ? "failure" : "interrupted";
}

zdb_job_runs
zdbpg_job_runs(const zdbpg_cron_job *one, bool may_read)
{
	zdb_job_runs runs = runs_of_cron(one);
	const json_t *record = may_read ? find_record(one) : NULL;
	const char *text = json_string_value(json_object_get(record, "started"));
	int64_t started_us, unit_us;

	if (text && zdb_text_parse_time(text, &started_us, &unit_us) &&
		started_us / SECOND_US >= runs.last_s)
	{
		runs.last_s = started_us / SECOND_US;
		runs.outcome = outcome_of(record);
		runs.error = json_string_value(json_object_get(record, "error"));
	}
	runs.after_s = Max(one->since_s, runs.last_s);
	return runs;
}
