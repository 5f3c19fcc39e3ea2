/*
 * jobs_health - what the jobs of a repository tell of its health
 */
#ifndef ZDB_PG_EXT_JOBS_HEALTH_H
#define ZDB_PG_EXT_JOBS_HEALTH_H

#include "pg_ext/call.h"

#include "core/job/health.h"

/* Put the jobs of the call's repository into the request; the call's memory
 * context owns them. Without pg_cron there are none. */
extern void zdbpg_jobs_health(zdbpg_call *call, zdb_health_request *request);

#endif
