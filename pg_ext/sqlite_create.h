/*
 * sqlite_create - tables of a SQLite database that are not here
 *
 * Made with their columns and primary keys before the rows are loaded; all
 * else, which rows might be at odds with, afterwards. What has no like in
 * PostgreSQL, or what PostgreSQL refuses, is listed in the report
 * ("untranslated") and stops nothing.
 */
#ifndef ZDB_PG_EXT_SQLITE_CREATE_H
#define ZDB_PG_EXT_SQLITE_CREATE_H

#include "pg_ext/sqlite_schema.h"

/* Make tables of these names (char *, in SQLite); source->made lists them. */
extern void zdbpg_sqlite_create(zdbpg_source *source, List *names);

/* When rows are in the temporary tables: a generated column whose expression
 * would give other values here becomes an ordinary one. */
extern void zdbpg_sqlite_settle(zdbpg_source *source);

/* Add to the facts of live tables which of them are new, and the foreign keys
 * that they will have. */
extern void zdbpg_sqlite_add_facts(const zdbpg_source *source, json_t *live);

/* When rows are in the tables: defaults, unique indexes, foreign keys, checks,
 * other indexes. */
extern void zdbpg_sqlite_finish(zdbpg_source *source);

#endif
