/*
 * job_runs - when a job ran last, and how that ended
 *
 * pg_cron knows what it started, the repository's history also what
 * zdb_run_due() made up, and what pg_cron was told to forget.
 */
#ifndef ZDB_PG_EXT_JOB_RUNS_H
#define ZDB_PG_EXT_JOB_RUNS_H

#include "pg_ext/cron_jobs.h"

/* The later of both; look into the history only when may_read. Texts live in
 * the current memory context. */
extern zdb_job_runs zdbpg_job_runs(const zdbpg_cron_job *one, bool may_read);

/* The job's repository as an absolute path. */
extern char *zdbpg_job_place(const zdb_job *job);

#endif
