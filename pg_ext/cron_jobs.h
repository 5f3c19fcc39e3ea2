/*
 * cron_jobs - our jobs among those of pg_cron
 *
 * They have names such as "zdbackup: app/daily", of the database and the job.
 */
#ifndef ZDB_PG_EXT_CRON_JOBS_H
#define ZDB_PG_EXT_CRON_JOBS_H

#include "pg_ext/job.h"

#include "nodes/pg_list.h"

typedef struct zdbpg_cron_job
{
	zdb_job *job;
	const char *database;
	int64 since_s;      /* when it was scheduled; seconds since 1970 */
	int64 last_s;       /* when it was started last, or 0 */
	const char *status; /* pg_cron's word for how that went, or NULL */
	const char *message;
} zdbpg_cron_job;

/* Schedule a job, or replace the one of that name. */
extern void zdbpg_cron_put(const zdb_job *job, const char *database);

/* Remove the job of that name; how many there were. */
extern int zdbpg_cron_remove(const char *name, const char *database);

/* All jobs of ours that the user may see: a list of zdbpg_cron_job *, which
 * the current memory context owns. Texts but those of the job are UTF-8. */
extern List *zdbpg_cron_list(void);

#endif
