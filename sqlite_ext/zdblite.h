/*
 * zdblite - what the files of the SQLite module share
 *
 * The module is loaded into a host that has SQLite: every call goes through
 * the host's function table. A connection never leaves the thread that called
 * the SQL function; worker threads call no sqlite3_* function at all, so that
 * hosts built with SQLITE_THREADSAFE=0 or 2 are safe. The scheduler alone has
 * a thread with a connection, of its own.
 */
#ifndef ZDB_SQLITE_EXT_ZDBLITE_H
#define ZDB_SQLITE_EXT_ZDBLITE_H

#include <sqlite3ext.h>

#include "core/base/err.h"
#include "core/base/host.h"

#ifndef ZDBLITE_MAIN
SQLITE_EXTENSION_INIT3
#endif

/* The SQL functions, one file each family. */
void zdblite_fn_backup(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_verify(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_consolidate(sqlite3_context *ctx, int argc,
							sqlite3_value **argv);
void zdblite_fn_restore(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_merge(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_merge_tally(sqlite3_context *ctx, int argc,
							sqlite3_value **argv);
void zdblite_fn_prune(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_health(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_report(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_attach(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_info(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_notify(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_probe(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_version(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_schedule(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_schedule_defaults(sqlite3_context *ctx, int argc,
								  sqlite3_value **argv);
void zdblite_fn_unschedule(sqlite3_context *ctx, int argc,
						   sqlite3_value **argv);
void zdblite_fn_run_due(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void zdblite_fn_scheduler_start(sqlite3_context *ctx, int argc,
								sqlite3_value **argv);
void zdblite_fn_scheduler_stop(sqlite3_context *ctx, int argc,
							   sqlite3_value **argv);

/* Give a connection all of them; returns SQLite's code. */
int zdblite_register(sqlite3 *db);

#endif
