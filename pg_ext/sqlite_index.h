/*
 * sqlite_index - indexes of a SQLite database, in PostgreSQL
 */
#ifndef ZDB_PG_EXT_SQLITE_INDEX_H
#define ZDB_PG_EXT_SQLITE_INDEX_H

#include "pg_ext/sqlite_schema.h"

/* Make the unique indexes (with primary keys that have waited for the rows),
 * or the others, of a table that has its rows. */
extern void zdbpg_lite_indexes(zdbpg_source *source,
							   const zdbpg_lite_table *table, bool unique);

#endif
