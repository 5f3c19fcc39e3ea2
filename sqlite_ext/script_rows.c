/*
 * script_rows - the rows of a database as INSERT statements
 */
#include "core/base/version.h"
#include "sqlite_ext/script_rows.h"

#include <string.h>

#include "core/base/mem.h"
#include "sqlite_ext/script_value.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"

/* Several rows share an INSERT up to this length: loads 1.6 times faster. */
#define INSERT_BYTES (8 * 1024)

static zdblite_encoding
encoding_of(const char *name)
{
	if (strcmp(name, "UTF-16le") == 0)
		return ZDBLITE_UTF16LE;
	return strcmp(name, "UTF-16be") == 0 ? ZDBLITE_UTF16BE : ZDBLITE_UTF8;
}

/* Write the rows that stmt gives; returns how many. */
static sqlite3_int64
put_rows(const zdblite_script_options *options, zdblite_values *values,
		 sqlite3_stmt *stmt, const char *into, zdblite_text *text,
		 zdb_err *err)
{
	int columns = sqlite3_column_count(stmt);
	sqlite3_int64 rows = 0;
	size_t length = 0;
	bool row = true;

	while (!err->code &&
		   zdblite_step(options->db, stmt, &row, err) == ZDB_OK && row)
	{
		uint32_t before = text->used;

		zdblite_text_row(text);
		zdblite_text_puts(text, length ? ",\n(" : into);
		for (int i = 0; i < columns; i++)
		{
			if (i > 0)
				zdblite_text_puts(text, ",");
			zdblite_values_put(values, stmt, i, text);
		}
		zdblite_text_puts(text, ")");
		rows++;
		/* a row that filled its chunk is long enough by itself */
		length += text->used > before ? text->used - before : INSERT_BYTES;
		if (length >= INSERT_BYTES)
		{
			zdblite_text_puts(text, ";\n");
			zdblite_text_end(text);
			length = 0;
			zdb_host_check(options->host, 0, 0, err);
		}
	}
	if (length)
		zdblite_text_puts(text, ";\n");
	return rows;
}

static zdb_rc
put_table(const zdblite_script_options *options, zdblite_values *values,
		  const char *table, bool shadow, zdblite_text *text, zdb_err *err)
{
	zdb_manifest *manifest = options->manifest;
	sqlite3_stmt *stmt = NULL;
	char *columns, *into;
	sqlite3_int64 rows;

	columns = zdblite_table_columns(options->db, options->schema, table, err);
	into = columns ? sqlite3_mprintf("INSERT INTO \"%w\"(%s) VALUES\n(", table,
									 columns)
				   : NULL;
	if (columns && !into)
		zdb_err_nomem(err);
	if (err->code ||
		zdb_manifest_add_table(manifest, options->schema, table, ZDB_UNKNOWN,
							   ZDB_UNKNOWN, err) ||
		zdblite_prepare(options->db, &stmt, err,
						"SELECT %s FROM \"%w\".\"%w\"", columns,
						options->schema, table))
		goto done;
	zdblite_text_table(text, manifest->table_count);
	if (shadow) /* CREATE VIRTUAL TABLE has put rows there */
		zdblite_text_printf(text, "DELETE FROM \"%w\";\n", table);
	rows = put_rows(options, values, stmt, into, text, err);
	manifest->tables[manifest->table_count - 1].rows = rows;
	zdblite_text_table(text, 0);

done:
	sqlite3_finalize(stmt);
	sqlite3_free(into);
	zdb_free(columns);
	return err->code;
}

/* Virtual tables cannot be written as such; the tables behind them can, and
 * are asked for by the virtual table's name. */
static const char *const list_tables =
	"SELECT t.name, t.type = 'shadow', coalesce("
	" (SELECT v.name FROM pragma_table_list v WHERE v.schema = t.schema"
	"  AND v.type = 'virtual' AND t.type = 'shadow'"
	"  AND t.name LIKE replace(v.name, '_', '\\_') || '\\_%%' ESCAPE '\\'"
	"  ORDER BY length(v.name) DESC LIMIT 1), t.name)"
	" FROM pragma_table_list t JOIN \"%w\".sqlite_schema s"
	" ON s.name = t.name AND s.type = 'table'"
	" WHERE t.schema = %Q AND t.type IN ('table', 'shadow')"
	" AND t.name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' ORDER BY s.rowid";

static zdb_rc
put_tables(const zdblite_script_options *options, zdblite_text *text,
		   zdb_err *err)
{
	sqlite3_stmt *stmt = NULL;
	zdblite_values values;
	bool row;

	if (zdblite_values_open(&values, options->db,
							encoding_of(options->encoding), err) ||
		zdblite_prepare(options->db, &stmt, err, list_tables, options->schema,
						options->schema))
		goto done;
	while (zdblite_step(options->db, stmt, &row, err) == ZDB_OK && row)
	{
		const char *name = (const char *) sqlite3_column_text(stmt, 0);
		const char *asked = (const char *) sqlite3_column_text(stmt, 2);

		if ((zdblite_script_wants(options, asked) ||
			 (options->tables->count &&
			  zdblite_script_wants(options, name))) &&
			put_table(options, &values, name, sqlite3_column_int(stmt, 1),
					  text, err))
			break;
	}

done:
	sqlite3_finalize(stmt);
	zdblite_values_close(&values);
	return err->code;
}

/* Run over the triggers of the dumped tables: drop them, or create them. */
static zdb_rc
put_triggers(const zdblite_script_options *options, bool create,
			 zdblite_text *text, zdb_err *err)
{
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(options->db, &stmt, err,
						"SELECT name, tbl_name, sql FROM"
						" \"%w\".sqlite_schema WHERE type = 'trigger'"
						" AND tbl_name IN (SELECT name FROM"
						" \"%w\".sqlite_schema WHERE type = 'table')"
						" ORDER BY rowid",
						options->schema, options->schema))
		return err->code;
	while (zdblite_step(options->db, stmt, &row, err) == ZDB_OK && row)
	{
		const char *table = (const char *) sqlite3_column_text(stmt, 1);

		if (!zdblite_script_wants(options, table))
			continue;
		if (create)
			zdblite_text_printf(text, "%s\n;\n", sqlite3_column_text(stmt, 2));
		else
			zdblite_text_printf(text, "DROP TRIGGER IF EXISTS \"%w\";\n",
								sqlite3_column_text(stmt, 0));
		zdblite_text_end(text);
	}
	sqlite3_finalize(stmt);
	return err->code;
}

static zdb_rc
put_sequences(const zdblite_script_options *options, zdblite_text *text,
			  zdb_err *err)
{
	sqlite3_stmt *stmt;
	sqlite3_int64 there;
	bool row;

	if (zdblite_query_int(options->db, &there, err,
						  "SELECT count(*) FROM \"%w\".sqlite_schema"
						  " WHERE name = 'sqlite_sequence'",
						  options->schema) ||
		!there ||
		zdblite_prepare(options->db, &stmt, err,
						"SELECT name, seq FROM \"%w\".sqlite_sequence",
						options->schema))
		return err->code;
	while (zdblite_step(options->db, stmt, &row, err) == ZDB_OK && row)
	{
		const char *table = (const char *) sqlite3_column_text(stmt, 0);

		if (!table || !zdblite_script_wants(options, table))
			continue;
		zdblite_text_printf(
			text,
			"DELETE FROM sqlite_sequence WHERE name = %Q;\n"
			"INSERT INTO sqlite_sequence(name, seq) VALUES(%Q, %lld);\n",
			table, table, sqlite3_column_int64(stmt, 1));
		zdblite_text_end(text);
	}
	sqlite3_finalize(stmt);
	return err->code;
}

zdb_rc
zdblite_script_rows(const zdblite_script_options *options, zdblite_text *text,
					zdb_err *err)
{
	zdblite_text_printf(text, "-- zdbackup %s: rows of a SQLite %s database\n",
						ZDB_VERSION, sqlite3_libversion());
	zdblite_text_puts(text, "PRAGMA foreign_keys=OFF;\nBEGIN;\n");
	if (put_triggers(options, false, text, err) ||
		put_tables(options, text, err) || put_sequences(options, text, err) ||
		put_triggers(options, true, text, err))
		return err->code;
	zdblite_text_puts(text, "COMMIT;\n");
	return err->code;
}
