/*
 * scheduler - a thread of the host's process that runs what is due
 *
 * It has a connection of its own to the same file, and does nothing but call
 * zdb_run_due() on it and sleep. It ends when it is told to, when the
 * connection that started it is closed, and before the process or the module
 * goes.
 */
#ifndef ZDB_SQLITE_EXT_SCHEDULER_H
#define ZDB_SQLITE_EXT_SCHEDULER_H

#include "sqlite_ext/call.h"

/* Start one for the call's database and a repository, unless it is there. */
void zdblite_scheduler_start(zdblite_call *call, const char *repo);

/* Stop those of a repository, or all when repo is NULL; returns how many. A
 * job that runs is cancelled: it is due again. */
int zdblite_scheduler_stop(const char *repo);

/* The destructor of a function of the connection: stop what it started. */
void zdblite_scheduler_owner_closed(void *db);

#endif
