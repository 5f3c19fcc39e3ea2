/*
 * sql - small helpers over the host's SQLite
 */
#ifndef ZDB_SQLITE_EXT_SQL_H
#define ZDB_SQLITE_EXT_SQL_H

#include "sqlite_ext/zdblite.h"

/* Set err from a SQLite result code: "<formatted>: <sqlite3_errmsg(db)>". The
 * formats of this file are sqlite3_mprintf's: %w for a quoted identifier's
 * inside, %Q for a value. */
zdb_rc zdblite_err_db(zdb_err *err, sqlite3 *db, int rc, const char *fmt, ...);

/* The SQLite result code that stands for a zdb_err's cause. */
int zdblite_code(const zdb_err *err);

/* Message and hint, to be freed by sqlite3_free(); NULL without memory. */
char *zdblite_error_text(const zdb_err *err);

/* Finish the SQL function with an error. */
void zdblite_result_error(sqlite3_context *ctx, const zdb_err *err);

/* Run statements, results ignored. */
zdb_rc zdblite_exec(sqlite3 *db, zdb_err *err, const char *fmt, ...);

/* Prepare one statement. */
zdb_rc zdblite_prepare(sqlite3 *db, sqlite3_stmt **stmt, zdb_err *err,
					   const char *fmt, ...);

/* Step; *row tells whether there is a row. */
zdb_rc zdblite_step(sqlite3 *db, sqlite3_stmt *stmt, bool *row, zdb_err *err);

/* ZDB_USAGE when path is the file of one of the connection's databases. */
zdb_rc zdblite_check_not_live(sqlite3 *db, const char *path, zdb_err *err);

/* The first column of the first row as an integer; 0 without a row. */
zdb_rc zdblite_query_int(sqlite3 *db, sqlite3_int64 *value, zdb_err *err,
						 const char *fmt, ...);

/* The first column of the first row as text, to be freed by zdb_free(); NULL
 * without a row, a NULL value, or with err set. */
char *zdblite_query_text(sqlite3 *db, zdb_err *err, const char *fmt, ...);

/* One of SQLite's files that are open for a database, which op asks for, or
 * NULL. To open and close them oneself would give up all locks that this
 * process has on them. */
sqlite3_file *zdblite_open_file(sqlite3 *db, const char *schema, int op);

/* Do other connections of this process have a database's cache, too, and so
 * its read transaction? Then its memory is counted in parts. */
bool zdblite_cache_shared(sqlite3 *db);

#endif
