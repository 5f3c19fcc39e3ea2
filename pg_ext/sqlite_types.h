/*
 * sqlite_types - the types of columns that are made for SQLite's
 */
#ifndef ZDB_PG_EXT_SQLITE_TYPES_H
#define ZDB_PG_EXT_SQLITE_TYPES_H

#include "pg_ext/sqlite_schema.h"

/* Find the parents of foreign keys, read all rows once, and give every column
 * a type that holds its values; columns that foreign keys bind together get
 * the same one. Notes in the report what became another type than was
 * declared. tables: zdbpg_lite_table. */
extern void zdbpg_lite_types(zdbpg_source *source, List *tables);

#endif
