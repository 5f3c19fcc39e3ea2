/*
 * job - a job as this engine keeps it: a literal in pg_cron's command
 *
 *   SELECT <schema>.zdb_run_job('{"name": "daily", "since": ..., "repo":
 *       "/var/backups/", "operation": "backup", ...}')
 *
 * The literal is ASCII: the databases may have different encodings. When
 * pg_cron goes by another time zone than the job, the literal has the job's
 * own "cron", and pg_cron goes by its "ticks": then zdb_run_job() looks
 * whether it is time.
 */
#ifndef ZDB_PG_EXT_JOB_H
#define ZDB_PG_EXT_JOB_H

#include "pg_ext/zdbpg.h"

#include "core/job/job.h"

/* Check and take in a job; the current memory context owns it. Texts are in
 * the server's encoding. */
extern zdb_job *zdbpg_job_open(const char *name, const char *cron,
							   const char *spec);

/* Job i of the plan, likewise; repo is in UTF-8. */
extern zdb_job *zdbpg_job_open_default(size_t i, const char *repo);

/* Write the literal of a job that was scheduled at since_s; *schedule is what
 * pg_cron goes by. */
extern char *zdbpg_job_literal(const zdb_job *job, int64 since_s,
							   const char **schedule);

/* What a literal holds. */
typedef struct zdbpg_job_kept
{
	zdb_job *job;  /* the current memory context owns it */
	int64 since_s; /* when it was scheduled; seconds since 1970 */
	bool due;      /* it is time for it */
} zdbpg_job_kept;

/* Read one. schedule is pg_cron's expression, or NULL when nobody knows; a
 * job that is not active is that for pg_cron. */
extern zdbpg_job_kept zdbpg_job_read(const char *literal, const char *schedule,
									 bool active);

/* Let the current memory context own what will be in the slot. */
extern json_t **zdbpg_own_json(void);

#endif
