/*
 * run_job - do what a job says
 */
#ifndef ZDB_PG_EXT_RUN_JOB_H
#define ZDB_PG_EXT_RUN_JOB_H

#include "pg_ext/job.h"

/* Call the function of the job's operation, which lies in that schema.
 * Returns its report, as jsonb. */
extern Datum zdbpg_run_job(const zdb_job *job, const char *schema);

/* Like zdbpg_run_job(), but in a subtransaction: an error is returned as its
 * message, and undone. NULL when it went well; then *report is set. */
extern char *zdbpg_try_job(const zdb_job *job, const char *schema,
						   Datum *report);

#endif
