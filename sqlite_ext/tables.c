/*
 * tables - which tables a database has, and how many rows
 */
#include "sqlite_ext/tables.h"

#include "core/base/mem.h"
#include "sqlite_ext/sql.h"

int64_t
zdblite_table_rows(sqlite3 *db, const char *schema, const char *table,
				   zdb_err *err)
{
	sqlite3_int64 rows;

	if (zdblite_query_int(db, &rows, err, "SELECT count(*) FROM \"%w\".\"%w\"",
						  schema, table))
		return ZDB_UNKNOWN;
	return rows;
}

static zdb_rc
count_one(zdblite_call *call, sqlite3 *db, const char *schema,
		  const char *table, zdb_manifest *manifest)
{
	zdb_err why = {0};
	int64_t rows = zdblite_table_rows(db, schema, table, &why);

	if (why.code == ZDB_NOMEM || why.code == ZDB_CANCELLED)
	{
		call->err = why;
		return why.code;
	}
	if (why.code)
		zdblite_warn(call, "the rows of \"%s\" were not counted: %s", table,
					 why.msg);
	return zdb_manifest_add_table(manifest, schema, table, rows, ZDB_UNKNOWN,
								  &call->err);
}

zdb_rc
zdblite_tables_count(zdblite_call *call, sqlite3 *db, const char *schema,
					 zdb_manifest *manifest)
{
	zdb_err *err = &call->err;
	sqlite3_stmt *stmt = NULL;
	bool row = false;

	zdblite_prepare(db, &stmt, err,
					"SELECT name FROM pragma_table_list WHERE schema = %Q"
					" AND type IN ('table', 'shadow')"
					" AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"
					" ORDER BY name",
					schema);
	while (!err->code && zdblite_step(db, stmt, &row, err) == ZDB_OK && row)
		count_one(call, db, schema,
				  (const char *) sqlite3_column_text(stmt, 0), manifest);
	sqlite3_finalize(stmt);
	return err->code;
}

zdb_rc
zdblite_tables_measure(zdblite_call *call, sqlite3 *db, const char *schema,
					   zdb_manifest *manifest)
{
	zdb_err why = {0};
	sqlite3_stmt *stmt = NULL;
	bool row = false;

	zdblite_prepare(db, &stmt, &why,
					"SELECT s.tbl_name, sum(d.pgsize) FROM dbstat(%Q, 1) d"
					" JOIN \"%w\".sqlite_schema s ON s.name = d.name"
					" GROUP BY s.tbl_name",
					schema, schema);
	while (!why.code && zdblite_step(db, stmt, &row, &why) == ZDB_OK && row)
	{
		const zdb_table *table = zdblite_tables_find(
			manifest, (const char *) sqlite3_column_text(stmt, 0));

		if (table)
			manifest->tables[table - manifest->tables].bytes =
				sqlite3_column_int64(stmt, 1);
	}
	sqlite3_finalize(stmt);
	if (why.code == ZDB_CANCELLED || why.code == ZDB_NOMEM)
		call->err = why;
	return call->err.code;
}

zdb_rc
zdblite_tables_check(sqlite3 *db, const char *schema, const zdb_names *names,
					 zdb_err *err)
{
	for (int i = 0; i < names->count; i++)
	{
		sqlite3_int64 found;

		if (zdblite_query_int(db, &found, err,
							  "SELECT count(*) FROM pragma_table_list"
							  " WHERE schema = %Q AND name = %Q"
							  " COLLATE NOCASE",
							  schema, names->list[i]))
			return err->code;
		if (!found)
			return zdb_err_set(err, ZDB_NOT_FOUND, "no such table: \"%s\"",
							   names->list[i]);
	}
	return ZDB_OK;
}

bool
zdblite_names_have(const zdb_names *names, const char *name)
{
	for (int i = 0; i < names->count; i++)
		if (sqlite3_stricmp(names->list[i], name) == 0)
			return true;
	return false;
}

zdb_rc
zdblite_tables_left(zdblite_call *call, const char *schema,
					const zdb_names *named)
{
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(
			call->db, &stmt, &call->err,
			"SELECT name, " ZDBLITE_FTS_OF_ANOTHER(
				"\"%w\".sqlite_schema") " FROM \"%w\".sqlite_schema v"
										" WHERE sql LIKE 'create virtual "
										"table%%'",
			schema, schema))
		return call->err.code;
	while (zdblite_step(call->db, stmt, &row, &call->err) == ZDB_OK && row)
	{
		const char *name = (const char *) sqlite3_column_text(stmt, 0);

		if (zdblite_names_have(named, name))
			continue;
		if (sqlite3_column_int(stmt, 1))
			zdblite_warn(call,
						 "full-text index \"%s\" was left as it is: INSERT "
						 "INTO \"%s\"(\"%s\") VALUES ('rebuild')",
						 name, name, name);
		else
			zdblite_warn(call, "virtual table \"%s\" was left as it is", name);
	}
	sqlite3_finalize(stmt);
	return call->err.code;
}

char *
zdblite_table_columns(sqlite3 *db, const char *schema, const char *table,
					  zdb_err *err)
{
	return zdblite_query_text(
		db, err,
		"WITH c AS (SELECT * FROM pragma_table_xinfo(%Q, %Q)),"
		" r(n) AS (VALUES ('rowid'), ('_rowid_'), ('oid'))"
		"SELECT coalesce((SELECT n || ', ' FROM r"
		"  WHERE n NOT IN (SELECT lower(name) FROM c)"
		"  AND (SELECT wr FROM pragma_table_list WHERE schema = %Q"
		"    AND name = %Q COLLATE NOCASE) = 0"
		"  AND NOT (SELECT count(*) = 1 AND max(upper(type)) = 'INTEGER'"
		"    FROM c WHERE pk > 0) LIMIT 1), '')"
		" || group_concat('\"' || replace(name, '\"', '\"\"') || '\"', ', ')"
		" FROM c WHERE hidden = 0",
		table, schema, schema, table);
}

const zdb_table *
zdblite_tables_find(const zdb_manifest *manifest, const char *name)
{
	for (uint32_t i = 0; i < manifest->table_count; i++)
		if (sqlite3_stricmp(manifest->tables[i].name, name) == 0)
			return &manifest->tables[i];
	return NULL;
}
