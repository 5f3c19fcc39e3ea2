/*
 * sqlite_value - a value of SQLite as a PostgreSQL type reads it
 */
#ifndef ZDB_PG_EXT_SQLITE_VALUE_H
#define ZDB_PG_EXT_SQLITE_VALUE_H

#include "postgres.h"

#include <sqlite3.h>

/*
 * The text that the input function of a type (not a domain) is given; NULL for
 * null. What a value means depends on its storage class and on the type:
 *
 *   INTEGER   0, 1: boolean; seconds, or from 10^11 on milliseconds, since
 *             1970: timestamps and dates; else as it is
 *   REAL      Julian days, seconds or milliseconds: timestamps; else the
 *             shortest digits that give it back
 *   TEXT      as it is; a time without zone is UTC, one with a zone is
 *             converted; a JSON array of scalars: arrays; its bytes: bytea
 *   BLOB      bytea; 16 bytes: uuid; else its bytes as text
 *
 * What would lose something is an error. In the current memory context.
 */
extern char *zdbpg_sqlite_text(sqlite3_stmt *stmt, int column, Oid type);

#endif
