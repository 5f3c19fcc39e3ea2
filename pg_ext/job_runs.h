/*
 * job_runs - when a job ran last, and how that ended
 *
 * pg_cron knows what it started, the repository's history also what
 * zdb_run_due() made up, and what pg_cron was told to forget.
 */
#ifndef ZDB_PG_EXT_JOB_RUNS_H
#define ZDB_PG_EXT_JOB_RUNS_H

#include "pg_ext/cron_jobs.h"

/* The later of both. Texts live in the current memory context. */
extern zdb_job_runs zdbpg_job_runs(const zdbpg_cron_job *one);

#endif
