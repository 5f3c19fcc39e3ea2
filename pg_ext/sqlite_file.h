/*
 * sqlite_file - the SQLite database that a backup holds, opened to be read
 */
#ifndef ZDB_PG_EXT_SQLITE_FILE_H
#define ZDB_PG_EXT_SQLITE_FILE_H

#include "postgres.h"

#include <sqlite3.h>

#include "core/archive/reader.h"

/* Unpack the reader's file into one of the server's temporary files, and open
 * that: whatever somebody does to the original, we read what was checked.
 * Nothing in its schema is trusted. Closed with the current memory context.
 * *bytes is the size of the file. */
extern sqlite3 *zdbpg_sqlite_open(zdb_reader *reader, uint64 *bytes);

/* Prepare a statement, formatted as sqlite3_mprintf() does; finalized with the
 * current memory context. */
extern sqlite3_stmt *zdbpg_sqlite_prepare(sqlite3 *db, const char *fmt, ...);

/* Is there another row? Raises an error, also when the query is cancelled. */
extern bool zdbpg_sqlite_step(sqlite3_stmt *stmt);

/* A text column in the server's encoding; NULL for null. */
extern char *zdbpg_sqlite_name(sqlite3_stmt *stmt, int column);

#endif
