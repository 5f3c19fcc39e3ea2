/*
 * tables - which tables a database has, and how many rows
 */
#ifndef ZDB_SQLITE_EXT_TABLES_H
#define ZDB_SQLITE_EXT_TABLES_H

#include "core/archive/manifest.h"
#include "sqlite_ext/call.h"

/* Add every stored table of db's schema to the manifest with its rows (views,
 * virtual tables and SQLite's own tables are left out; the tables behind a
 * virtual one are stored). A table that cannot be counted is a warning. */
zdb_rc zdblite_tables_count(zdblite_call *call, sqlite3 *db,
							const char *schema, zdb_manifest *manifest);

/* Set the tables' bytes: all pages of a table and its indexes. Hosts without
 * SQLite's dbstat leave them unknown. */
zdb_rc zdblite_tables_measure(zdblite_call *call, sqlite3 *db,
							  const char *schema, zdb_manifest *manifest);

/* Rows of one table, or ZDB_UNKNOWN with err set. */
int64_t zdblite_table_rows(sqlite3 *db, const char *schema, const char *table,
						   zdb_err *err);

/* ZDB_NOT_FOUND when one of the names is no table (or view) of the schema. */
zdb_rc zdblite_tables_check(sqlite3 *db, const char *schema,
							const zdb_names *names, zdb_err *err);

/* Is the name among them, in letters of either case? */
bool zdblite_names_have(const zdb_names *names, const char *name);

/* Is v, a row of the schema table, a full-text index that keeps no rows but
 * shows those of another table? */
#define ZDBLITE_FTS_OF_ANOTHER(schema_table)                             \
	"v.sql LIKE 'create virtual table%%using%%fts_%%(%%' AND NOT EXISTS" \
	" (SELECT 1 FROM " schema_table " c WHERE c.name = v.name || '_content')"

/* Warn of each virtual table of the schema that rows have not reached: they
 * went into ordinary tables, and triggers did not fire. named: those that were
 * restored. */
zdb_rc zdblite_tables_left(zdblite_call *call, const char *schema,
						   const zdb_names *named);

/* The table's columns that hold values, quoted and separated by commas. A
 * rowid that is no column of its own comes first: other tables may refer to
 * it. To be freed by zdb_free(); NULL with err set. */
char *zdblite_table_columns(sqlite3 *db, const char *schema, const char *table,
							zdb_err *err);

/* The table's entry by name (without case), or NULL. */
const zdb_table *zdblite_tables_find(const zdb_manifest *manifest,
									 const char *name);

#endif
