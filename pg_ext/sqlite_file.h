/*
 * sqlite_file - the SQLite database that a backup holds, opened to be read
 */
#ifndef ZDB_PG_EXT_SQLITE_FILE_H
#define ZDB_PG_EXT_SQLITE_FILE_H

#include "postgres.h"

#include <sys/stat.h>

#include "sqlite_vfs/connection.h"

typedef struct zdbpg_sqlite
{
	sqlite3 *db;
	zdbvfs_connection over; /* what db is open on */
	zdb_host host;          /* stops core when the query is cancelled */
	const char *path;
	bool may_change;  /* by others, while it is read */
	struct stat seen; /* as it was when it was opened */
} zdbpg_sqlite;

/* Open the database that the reader's file holds. Of a backup only the chunks
 * are read that are asked for; they are kept in one of the server's temporary
 * files. A plain file that we did not write is read where it lies. Closed with
 * the current memory context. */
extern zdbpg_sqlite *zdbpg_sqlite_open(zdb_reader *reader);

/* After reading: an error if somebody changed the file meanwhile, so that what
 * was read may not be of one moment. */
extern void zdbpg_sqlite_check_unchanged(const zdbpg_sqlite *file);

/* Prepare a statement, formatted as sqlite3_mprintf() does; finalized with the
 * current memory context. */
extern sqlite3_stmt *zdbpg_sqlite_prepare(sqlite3 *db, const char *fmt, ...);

/* Is there another row? Raises an error, also when the query is cancelled. */
extern bool zdbpg_sqlite_step(sqlite3_stmt *stmt);

/* A text column in the server's encoding; NULL for null. */
extern char *zdbpg_sqlite_name(sqlite3_stmt *stmt, int column);

#endif
