/*
 * health - is it likely that we can restore?
 *
 * Pure: facts of a repository in, numbers and alerts out. What counts is the
 * newest backup that was verified and is still there, of every database; that
 * jobs succeed is not enough, and that none fails even less.
 *
 *   alert         severity  when
 *   no_backup     critical  no verified backup of a database for 25 hours
 *   failures      critical  the last 3 backups of a type have failed
 *   overdue       critical  a job is due for an hour and did not run
 *   damaged       critical  the newest backup is damaged; warning: another is
 *   size          warning   the newest file is smaller than half the median
 *                           of the ten before it, or larger than twice
 *   storage       warning   more than 90 % of the storage is used
 *   verification  warning   nothing was restored to prove it for 7 days
 *   copies        warning   the second place lacks backups, or cannot be seen
 *   clock         warning   a backup is from the future, so it does not count
 *   history       warning   the history cannot be read, or lines of it
 */
#ifndef ZDB_CORE_POLICY_HEALTH_H
#define ZDB_CORE_POLICY_HEALTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* Made later than this from now: a clock was wrong. */
#define ZDB_HEALTH_AHEAD_US INT64_C(3600000000)

/* Above which something is wrong; zdb_health_limits_default() for the usual.
 */
typedef struct zdb_health_limits
{
	double hours;           /* without a verified backup */
	double failures;        /* in a row */
	double size_factor;     /* of the median, and one divided by it */
	double storage_percent; /* used */
	double restore_days;    /* without a restore that proves something */
	double overdue_minutes; /* of a job */
} zdb_health_limits;

void zdb_health_limits_default(zdb_health_limits *limits);

/* A backup that was tried. */
typedef struct zdb_health_run
{
	const char *database; /* or "" */
	const char *type;     /* or "" */
	bool success;
	int64_t ended_us;
	double duration_s;
} zdb_health_run;

/* A file that is there. */
typedef struct zdb_health_file
{
	const char *name;
	const char *database; /* "": not known, it is damaged */
	const char *type;
	const char *codec; /* sizes are compared with the same one */
	bool partial;      /* likewise */
	int64_t created_us;
	uint64_t bytes;
	bool has_rows; /* of all tables; one without is good for its size only */
	bool verified; /* and not found damaged since */
	bool damaged;
} zdb_health_file;

typedef struct zdb_health_job
{
	const char *name;
	int64_t due_us; /* when it was to run last; 0: never yet */
	int64_t run_us; /* when it began last; 0: never */
} zdb_health_job;

/* Times are 0 when there is none. */
typedef struct zdb_health_facts
{
	int64_t now_us;
	const zdb_health_run *runs; /* in the order of the history */
	size_t run_count;
	const zdb_health_file *files; /* newest first */
	size_t file_count;
	const zdb_health_job *jobs;
	size_t job_count;
	int64_t first_us;       /* the oldest thing that is known */
	int64_t restored_us;    /* the last restore that proved a backup */
	uint64_t storage_bytes; /* of all files there */
	bool space_known;
	uint64_t space_total_bytes;
	uint64_t space_free_bytes;
	const char *copies_at;     /* a second place, or NULL */
	size_t copies;             /* how many of the files are there, too */
	const char *copies_error;  /* why that is not known, or NULL */
	const char *history_error; /* or NULL */
	size_t history_bad_lines;
} zdb_health_facts;

/* Put status, alerts and numbers into the report; unknown ones are null. */
zdb_rc zdb_health_judge(const zdb_health_limits *limits,
						const zdb_health_facts *facts, json_t *report,
						zdb_err *err);

#endif
