/*
 * sqlite_source - the rows of a SQLite database in temporary tables
 */
#ifndef ZDB_PG_EXT_SQLITE_SOURCE_H
#define ZDB_PG_EXT_SQLITE_SOURCE_H

#include "pg_ext/merge_source.h"

/* Find out which live tables the SQLite database has rows for: by the same
 * name, else by the only one that differs in case; first along the search
 * path. */
extern void zdbpg_sqlite_tables(zdbpg_source *source);

/* Load their rows, converted to the live columns' types. */
extern void zdbpg_sqlite_load(zdbpg_source *source);

#endif
