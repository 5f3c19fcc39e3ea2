/*
 * run_due - run the jobs of a repository that are due
 */
#ifndef ZDB_SQLITE_EXT_RUN_DUE_H
#define ZDB_SQLITE_EXT_RUN_DUE_H

#include "core/job/jobs_health.h"
#include "sqlite_ext/call.h"

/* The name that the connection's database has in jobs; to be freed. */
char *zdblite_database_name(sqlite3 *db, zdb_err *err);

/* Put what the jobs of the call's repository tell into the request. */
zdb_rc zdblite_jobs_health(zdblite_call *call, zdb_arena *arena,
						   zdb_health_request *request);

/* Run what is due and was scheduled for the call's database, one job after
 * the other, the longest due first, and report it. A job that fails is in the
 * report, the others run. When another process runs jobs, nothing is done and
 * the report says so. */
void zdblite_run_due(zdblite_call *call, const char *repo);

#endif
