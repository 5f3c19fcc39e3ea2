/*
 * jobs_health - what a repository's jobs tell of its health
 */
#ifndef ZDB_CORE_JOB_JOBS_HEALTH_H
#define ZDB_CORE_JOB_JOBS_HEALTH_H

#include "core/base/arena.h"
#include "core/job/health.h"
#include "core/job/job.h"

/* A job as zdb_health() wants to know it. One of another database than own
 * (which may be NULL) is named with it; the text is the arena's. */
zdb_health_job zdb_job_health(const zdb_job *job, const zdb_job_runs *runs,
							  const char *own, int64_t now_s,
							  zdb_arena *arena);

/* Put those of a repository's file of jobs into the request, all or of the
 * request's database. Without a file there are none. */
zdb_rc zdb_jobs_health(const char *repo, const char *own, zdb_arena *arena,
					   zdb_health_request *request, zdb_err *err);

#endif
