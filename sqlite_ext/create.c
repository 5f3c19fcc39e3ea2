/*
 * create - tables of a backup, created in the live database
 */
#include "sqlite_ext/create.h"

#include <string.h>

#include "sqlite_ext/sql.h"

/* "CREATE TABLE x ..." with the schema's name put before x. SQLite stores
 * statements with exactly these beginnings. */
static char *
qualify(const char *sql, const char *schema)
{
	static const char *const starts[] = {"CREATE TABLE ", "CREATE INDEX ",
										 "CREATE UNIQUE INDEX ",
										 "CREATE TRIGGER "};

	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
	{
		size_t len = strlen(starts[i]);

		if (strncmp(sql, starts[i], len) == 0)
			return sqlite3_mprintf("%s\"%w\".%s", starts[i], schema,
								   sql + len);
	}
	return sqlite3_mprintf("%s", sql);
}

zdb_rc
zdblite_create_objects(zdblite_call *call, sqlite3 *from, const char *schema,
					   const char *table, const char *types)
{
	zdb_err *err = &call->err;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(from, &stmt, err,
						"SELECT sql FROM \"%w\".sqlite_schema"
						" WHERE tbl_name = %Q COLLATE NOCASE"
						" AND type IN (%s) AND sql IS NOT NULL",
						schema, table, types))
		return err->code;
	while (zdblite_step(from, stmt, &row, err) == ZDB_OK && row)
	{
		char *sql = qualify((const char *) sqlite3_column_text(stmt, 0),
							call->options.schema);

		if (!sql)
			zdb_err_nomem(err);
		else
			zdblite_exec(call->db, err, "%s", sql);
		sqlite3_free(sql);
		if (err->code)
			break;
	}
	sqlite3_finalize(stmt);
	return err->code;
}
