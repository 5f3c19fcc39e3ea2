/*
 * job - something to be done again and again
 *
 * What a user gives is a name, a cron expression, and a JSON object:
 *
 *   {"repo": "backups/", "operation": "backup", "compress": "gzip",
 *    "options": {"type": "data"}, "zone": "Europe/Berlin", "active": true}
 *
 * It is checked when it is scheduled, with the table of options that checks
 * the call itself: what is wrong with a job shows in the day, not at night.
 */
#ifndef ZDB_CORE_JOB_JOB_H
#define ZDB_CORE_JOB_JOB_H

#include <jansson.h>

#include "core/job/operation.h"
#include "core/policy/cron.h"

/* A job that did not start this long after it was due never will. */
#define ZDB_JOB_LATE_S 3600

typedef struct zdb_job
{
	char *name;
	char *text; /* the cron expression as it was given */
	zdb_cron cron;
	zdb_zone *zone; /* NULL: UTC */
	json_t *spec;   /* the object, as it was given */
	const zdb_operation *operation;
} zdb_job;

/* Check a job (spec of len bytes) and take it in. ZDB_USAGE names the key and
 * lists what is possible. *job is to be cleared also after an error. */
zdb_rc zdb_job_open(zdb_job *job, zdb_engine engine, const char *name,
					const char *cron, const char *spec, size_t len,
					zdb_err *err);

void zdb_job_clear(zdb_job *job);

/* Values of the object: a text or NULL. */
const char *zdb_job_repo(const zdb_job *job);
const char *zdb_job_zone(const zdb_job *job); /* "UTC" */
const char *zdb_job_database(const zdb_job *job);
bool zdb_job_active(const zdb_job *job);

/* An argument of the operation's function: text as it is, anything else as
 * JSON; to be freed. NULL when the job has none, or with err set. */
char *zdb_job_value(const zdb_job *job, const char *key, zdb_err *err);

/* Like zdb_job_value(), but to be called with: the options of a call that is
 * put on record name the job. */
char *zdb_job_argument(const zdb_job *job, const char *key, zdb_err *err);

/* What is known of a job's runs. Times are seconds since 1970, 0: never. */
typedef struct zdb_job_runs
{
	const char *database;
	int64_t after_s;     /* due times up to here are dealt with */
	int64_t last_s;      /* when it started last */
	const char *outcome; /* "success", "failure", "running", "interrupted" */
	const char *error;
} zdb_job_runs;

/* The first due time that is not dealt with, 0 when there is none. */
int64_t zdb_job_missed(const zdb_job *job, const zdb_job_runs *runs,
					   int64_t now_s);

/* A row of zdb_jobs(): name, database, cron, zone, job, active, last_run,
 * last_outcome, last_error, next_run, overdue. NULL without memory. */
json_t *zdb_job_row(const zdb_job *job, const zdb_job_runs *runs,
					int64_t now_s);

/* Like zdb_job_open(), but job i of the plan of zdb_schedule_defaults(), of
 * ZDB_JOB_DEFAULTS. */
#define ZDB_JOB_DEFAULTS 6
zdb_rc zdb_job_open_default(zdb_job *job, zdb_engine engine, size_t i,
							const char *repo, zdb_err *err);

#endif
