/*
 * script_dump - a database as an SQL script: its schema
 */
#include "core/base/version.h"
#include "sqlite_ext/script_dump.h"

#include <string.h>

#include "sqlite_ext/script_rows.h"
#include "sqlite_ext/script_text.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"

bool
zdblite_script_wants(const zdblite_script_options *options, const char *name)
{
	const zdb_names *tables = options->tables;

	for (int i = 0; i < options->exclude->count; i++)
		if (sqlite3_stricmp(options->exclude->list[i], name) == 0)
			return false;
	for (int i = 0; i < tables->count; i++)
		if (sqlite3_stricmp(tables->list[i], name) == 0)
			return true;
	return tables->count == 0;
}

static zdb_rc
put_settings(const zdblite_script_options *options, zdblite_text *text,
			 zdb_err *err)
{
	static const char *const names[] = {"page_size", "auto_vacuum",
										"user_version", "application_id"};
	static const sqlite3_int64 usual[] = {4096, 0, 0, 0};

	zdblite_text_printf(text, "-- zdbackup %s: schema of a SQLite %s database",
						ZDB_VERSION, sqlite3_libversion());
	zdblite_text_printf(text, "\nPRAGMA encoding='%s';\n", options->encoding);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
	{
		sqlite3_int64 value;

		if (zdblite_query_int(options->db, &value, err, "PRAGMA \"%w\".%s",
							  options->schema, names[i]))
			return err->code;
		if (value != usual[i])
			zdblite_text_printf(text, "PRAGMA %s=%lld;\n", names[i], value);
	}
	return ZDB_OK;
}

/* A comment at the end would swallow the semicolon. */
static void
put_statement(zdblite_text *text, const char *sql)
{
	zdblite_text_puts(text, sql);
	zdblite_text_puts(text, strstr(sql, "--") ? "\n;\n" : ";\n");
	zdblite_text_end(text);
}

/* Tables before indexes, views and triggers, each in the order of creation;
 * tables behind a virtual table come into being with it. */
static zdb_rc
put_schema(const zdblite_script_options *options, zdblite_text *text,
		   zdb_err *err)
{
	sqlite3_stmt *stmt;
	bool row;

	if (put_settings(options, text, err) ||
		zdblite_prepare(
			options->db, &stmt, err,
			"SELECT s.type, CASE s.type WHEN 'view' THEN s.name"
			" ELSE s.tbl_name END, s.sql, t.type"
			" FROM \"%w\".sqlite_schema s"
			" LEFT JOIN pragma_table_list t"
			" ON t.schema = %Q AND t.name = s.tbl_name"
			" WHERE s.sql IS NOT NULL AND t.type IS NOT 'shadow'"
			" AND s.name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"
			" ORDER BY CASE s.type WHEN 'table' THEN 1 WHEN 'index' THEN 2"
			" WHEN 'view' THEN 3 ELSE 4 END, s.rowid",
			options->schema, options->schema))
		return err->code;
	while (zdblite_step(options->db, stmt, &row, err) == ZDB_OK && row &&
		   !err->code)
	{
		const char *type = (const char *) sqlite3_column_text(stmt, 0);
		const char *owner = (const char *) sqlite3_column_text(stmt, 1);

		if (!zdblite_script_wants(options, owner))
			continue;
		put_statement(text, (const char *) sqlite3_column_text(stmt, 2));
		if (strcmp(type, "table") == 0)
			zdb_manifest_add_table(options->manifest, options->schema, owner,
								   ZDB_UNKNOWN, ZDB_UNKNOWN, err);
	}
	sqlite3_finalize(stmt);
	return err->code;
}

zdb_rc
zdblite_script_dump(const zdblite_script_options *options, zdb_err *err)
{
	zdblite_text text = {.writer = options->writer,
						 .chunk_bytes = options->chunk_bytes,
						 .err = err};

	if (zdblite_tables_check(options->db, options->schema, options->tables,
							 err) ||
		zdblite_tables_check(options->db, options->schema, options->exclude,
							 err))
		return err->code;
	if (options->want_data)
		zdblite_script_rows(options, &text, err);
	else
		put_schema(options, &text, err);
	return err->code ? err->code : zdblite_text_flush(&text);
}
