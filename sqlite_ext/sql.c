/*
 * sql - small helpers over the host's SQLite
 */
#include "sqlite_ext/sql.h"

#include <stdarg.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/file.h"

static zdb_rc
code_from_sqlite(int rc)
{
	switch (rc & 0xff)
	{
		case SQLITE_NOMEM:
			return ZDB_NOMEM;
		case SQLITE_INTERRUPT:
		case SQLITE_ABORT:
			return ZDB_CANCELLED;
		case SQLITE_BUSY:
		case SQLITE_LOCKED:
			return ZDB_BUSY;
		case SQLITE_FULL:
			return ZDB_DISK_FULL;
		case SQLITE_PERM:
		case SQLITE_READONLY:
		case SQLITE_AUTH:
			return ZDB_PERMISSION;
		case SQLITE_CORRUPT:
			return ZDB_DAMAGED;
		case SQLITE_NOTADB:
			return ZDB_FORMAT;
		case SQLITE_CONSTRAINT:
		case SQLITE_MISMATCH:
			return ZDB_MISMATCH;
		case SQLITE_CANTOPEN:
		case SQLITE_IOERR:
			return ZDB_IO;
		default:
			return ZDB_USAGE;
	}
}

int
zdblite_code(const zdb_err *err)
{
	switch (err->code)
	{
		case ZDB_OK:
			return SQLITE_OK;
		case ZDB_NOMEM:
			return SQLITE_NOMEM;
		case ZDB_CANCELLED:
			return SQLITE_INTERRUPT;
		case ZDB_USAGE:
		case ZDB_UNSUPPORTED:
			return SQLITE_ERROR;
		case ZDB_NOT_FOUND:
			return err->sys_errno ? SQLITE_CANTOPEN : SQLITE_ERROR;
		case ZDB_EXISTS:
			return SQLITE_CANTOPEN;
		case ZDB_PERMISSION:
			return SQLITE_PERM;
		case ZDB_DISK_FULL:
			return SQLITE_FULL;
		case ZDB_IO:
			return SQLITE_IOERR;
		case ZDB_DAMAGED:
			return SQLITE_CORRUPT;
		case ZDB_FORMAT:
			return SQLITE_NOTADB;
		case ZDB_MISMATCH:
			return SQLITE_CONSTRAINT;
		case ZDB_BUSY:
			return SQLITE_BUSY;
		case ZDB_INTERNAL:
			return SQLITE_INTERNAL;
	}
	return SQLITE_INTERNAL;
}

zdb_rc
zdblite_err_db(zdb_err *err, sqlite3 *db, int rc, const char *fmt, ...)
{
	va_list args;
	char *what;

	va_start(args, fmt);
	what = sqlite3_vmprintf(fmt, args);
	va_end(args);
	if (!what || (rc & 0xff) == SQLITE_NOMEM)
		zdb_err_nomem(err);
	else if (db && sqlite3_errcode(db) != SQLITE_OK)
		zdb_err_set(err, code_from_sqlite(rc), "%s: %s", what,
					sqlite3_errmsg(db));
	else
		zdb_err_set(err, code_from_sqlite(rc), "%s: %s", what,
					sqlite3_errstr(rc));
	sqlite3_free(what);
	return err->code;
}

char *
zdblite_error_text(const zdb_err *err)
{
	return sqlite3_mprintf("%s%s%s", err->msg, *err->hint ? "\n" : "",
						   err->hint);
}

void
zdblite_result_error(sqlite3_context *ctx, const zdb_err *err)
{
	char *text = zdblite_error_text(err);

	if (err->code == ZDB_NOMEM || !text)
	{
		sqlite3_result_error_nomem(ctx);
		return;
	}
	zdb_utf8_repair(text); /* names in a backup may be anything */
	sqlite3_result_error(ctx, text, -1);
	sqlite3_result_error_code(ctx, zdblite_code(err));
	sqlite3_free(text);
}

/* Prepare an already formatted statement and free its text. */
static zdb_rc
prepare_text(sqlite3 *db, sqlite3_stmt **stmt, char *sql, zdb_err *err)
{
	int rc;

	*stmt = NULL;
	if (!sql)
		return zdb_err_nomem(err);
	rc = sqlite3_prepare_v2(db, sql, -1, stmt, NULL);
	if (rc != SQLITE_OK)
		zdblite_err_db(err, db, rc, "could not run \"%.80s\"", sql);
	sqlite3_free(sql);
	return err->code;
}

zdb_rc
zdblite_prepare(sqlite3 *db, sqlite3_stmt **stmt, zdb_err *err,
				const char *fmt, ...)
{
	va_list args;
	char *sql;

	va_start(args, fmt);
	sql = sqlite3_vmprintf(fmt, args);
	va_end(args);
	return prepare_text(db, stmt, sql, err);
}

zdb_rc
zdblite_step(sqlite3 *db, sqlite3_stmt *stmt, bool *row, zdb_err *err)
{
	int rc = sqlite3_step(stmt);

	*row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return ZDB_OK;
	return zdblite_err_db(err, db, rc, "could not run \"%.80s\"",
						  sqlite3_sql(stmt));
}

zdb_rc
zdblite_exec(sqlite3 *db, zdb_err *err, const char *fmt, ...)
{
	va_list args;
	char *sql;
	int rc;

	va_start(args, fmt);
	sql = sqlite3_vmprintf(fmt, args);
	va_end(args);
	if (!sql)
		return zdb_err_nomem(err);
	rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		zdblite_err_db(err, db, rc, "could not run \"%.80s\"", sql);
	sqlite3_free(sql);
	return rc == SQLITE_OK ? ZDB_OK : err->code;
}

/* Run sql and leave its statement on the first row, if there is one. */
static zdb_rc
first_row(sqlite3 *db, sqlite3_stmt **stmt, bool *row, char *sql, zdb_err *err)
{
	*row = false;
	if (prepare_text(db, stmt, sql, err))
		return err->code;
	return zdblite_step(db, *stmt, row, err);
}

zdb_rc
zdblite_query_int(sqlite3 *db, sqlite3_int64 *value, zdb_err *err,
				  const char *fmt, ...)
{
	sqlite3_stmt *stmt;
	va_list args;
	zdb_rc rc;
	bool row;

	va_start(args, fmt);
	rc = first_row(db, &stmt, &row, sqlite3_vmprintf(fmt, args), err);
	va_end(args);
	*value = row ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return rc;
}

char *
zdblite_query_text(sqlite3 *db, zdb_err *err, const char *fmt, ...)
{
	sqlite3_stmt *stmt;
	char *text = NULL;
	va_list args;
	bool row;

	va_start(args, fmt);
	first_row(db, &stmt, &row, sqlite3_vmprintf(fmt, args), err);
	va_end(args);
	if (row && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		text = zdb_strdup((const char *) sqlite3_column_text(stmt, 0), err);
	sqlite3_finalize(stmt);
	return text;
}

zdb_rc
zdblite_check_not_live(sqlite3 *db, const char *path, zdb_err *err)
{
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(db, &stmt, err,
						"SELECT file FROM pragma_database_list"))
		return err->code;
	while (zdblite_step(db, stmt, &row, err) == ZDB_OK && row)
		if (zdb_file_same(path, (const char *) sqlite3_column_text(stmt, 0)))
			zdb_err_set(err, ZDB_USAGE, "\"%s\" is the live database itself",
						path);
	sqlite3_finalize(stmt);
	return err->code;
}

sqlite3_file *
zdblite_open_file(sqlite3 *db, const char *schema, int op)
{
	sqlite3_file *file = NULL;

	return sqlite3_file_control(db, schema, op, &file) == SQLITE_OK && file &&
				   file->pMethods
			   ? file
			   : NULL;
}

bool
zdblite_cache_shared(sqlite3 *db)
{
	int all = 0, part = 0, high;

	sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_USED, &all, &high, 0);
	sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_USED_SHARED, &part, &high, 0);
	return all != part;
}
