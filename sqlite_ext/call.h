/*
 * call - the root object of one SQL function call
 *
 * It owns what the call opens (options, threads, report), answers core's
 * "should I stop?", draws the progress bar, and turns the outcome into the
 * function's result.
 */
#ifndef ZDB_SQLITE_EXT_CALL_H
#define ZDB_SQLITE_EXT_CALL_H

#include <jansson.h>

#include "core/base/settings.h"
#include "core/base/task.h"
#include "core/job/crypt.h"
#include "core/job/run.h"
#include "core/pool/pool.h"
#include "core/store/store.h"
#include "sqlite_ext/zdblite.h"

typedef struct zdblite_call
{
	sqlite3_context *ctx; /* NULL: no function's */
	sqlite3 *db;
	zdb_call kind;
	const char *path; /* the first argument; NULL: is not a text */
	zdb_options options;
	zdb_host host;       /* core's way to us */
	sqlite3_stmt *probe; /* fails once the connection is interrupted */
	double probed_s;
	double drawn_s;
	const char *phase; /* what the progress bar says */
	zdb_pool *pool;
	zdb_runner *runner;
	json_t *report;
	json_t *warnings;
	double started_s;
	int64_t started_us;
	char *fallback; /* directory for the history of a URL */
	zdb_settings settings;
	zdb_age_keys keys;   /* for encrypted backups */
	const char *history; /* one of them */
	const char *copy_to; /* the second place, or NULL */
	zdb_err err;
} zdblite_call;

/* Begin a call; path and options_json may be NULL. Failure stands in
 * call->err; close it in either case. */
zdb_rc zdblite_call_open(zdblite_call *call, sqlite3_context *ctx,
						 zdb_call kind, sqlite3_value *path,
						 sqlite3_value *options_json);

/* Like zdblite_call_open() and zdblite_call_close(), but without a function
 * whose result it is: the error stays in call->err. */
zdb_rc zdblite_call_begin(zdblite_call *call, sqlite3 *db, zdb_call kind,
						  sqlite3_value *options_json);
void zdblite_call_end(zdblite_call *call);

/* Have threads for so many chunks; few chunks need none. */
zdb_rc zdblite_call_runner(zdblite_call *call, uint64_t chunks);

/* Text of an argument; NULL with err set ("path must be a text"). */
const char *zdblite_call_text(zdblite_call *call, sqlite3_value *value,
							  const char *name);

/* Add to the report, to its warnings. Without memory the call fails. */
void zdblite_report(zdblite_call *call, const char *key, json_t *value);
void zdblite_warn(zdblite_call *call, const char *fmt, ...);

/* A file or a repository, whose path or URL is where, as the call reaches it.
 */
zdb_store_options zdblite_call_reach(zdblite_call *call, const char *where);

/* Where the call's path is a repository, or lies in one. */
zdb_repository zdblite_repository(zdblite_call *call);

/* Finish: the run told and on record, the report as the result, or the error.
 * Frees everything. */
void zdblite_call_close(zdblite_call *call);

#endif
