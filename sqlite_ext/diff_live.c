/*
 * diff_live - a copy of a live table beside the backup
 */
#include "sqlite_ext/diff.h"
#include "sqlite_ext/sql.h"

/* What the copy needs to know of the table. */
typedef struct copying
{
	sqlite3_str *declaration, *names, *marks;
	int columns;
} copying;

/* A column with its type, so that it compares as the live one does; without an
 * application's collation, which only a key needs. In a STRICT table ANY has
 * no affinity; elsewhere it is a name like others. */
static void
add_column(zdblite_diff *self, copying *to, const char *table,
		   sqlite3_stmt *stmt)
{
	const char *name = (const char *) sqlite3_column_text(stmt, 0);
	const char *type = (const char *) sqlite3_column_text(stmt, 1);
	const char *collation = NULL, *comma = to->columns++ ? ", " : "";

	sqlite3_str_appendf(to->declaration, "%s\"%w\"", comma, name);
	if (type && *type)
		sqlite3_str_appendf(to->declaration, " \"%w\"", type);
	sqlite3_table_column_metadata(self->call->db, self->call->options.schema,
								  table, name, NULL, &collation, NULL, NULL,
								  NULL);
	if (collation && zdblite_has_collation(self->image.db, collation))
		sqlite3_str_appendf(to->declaration, " COLLATE \"%w\"", collation);
	sqlite3_str_appendf(to->names, "%s\"%w\"", comma, name);
	sqlite3_str_appendf(to->marks, "%s?", comma);
}

static zdb_rc
add_columns(zdblite_diff *self, copying *to, const char *table)
{
	zdblite_call *call = self->call;
	const char *schema = call->options.schema;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(
			call->db, &stmt, &call->err,
			"SELECT x.name, iif(t.strict AND x.type = 'ANY', '', x.type) FROM"
			" pragma_table_xinfo(%Q, %Q) x JOIN pragma_table_list t"
			" ON t.schema = %Q AND t.name = %Q"
			" WHERE x.hidden <> 1 ORDER BY x.cid",
			table, schema, schema, table))
		return call->err.code;
	while (zdblite_step(call->db, stmt, &row, &call->err) == ZDB_OK && row)
		add_column(self, to, table, stmt);
	sqlite3_finalize(stmt);
	return call->err.code;
}

static zdb_rc
copy_row(zdblite_diff *self, sqlite3_stmt *from, sqlite3_stmt *to, int columns)
{
	sqlite3 *db = self->image.db;

	for (int i = 0; i < columns; i++)
		sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
	sqlite3_step(to);
	if (sqlite3_reset(to) == SQLITE_OK)
		return ZDB_OK;
	return zdblite_err_db(&self->call->err, db, sqlite3_errcode(db),
						  "could not copy the live rows");
}

static zdb_rc
copy_rows(zdblite_diff *self, const char *table, const char *into,
		  const char *names, const char *marks, int columns)
{
	zdblite_call *call = self->call;
	zdb_err *err = &call->err;
	sqlite3_stmt *from = NULL, *to = NULL;
	bool row;

	if (zdblite_prepare(call->db, &from, err, "SELECT %s FROM \"%w\".\"%w\"",
						names, call->options.schema, table) == ZDB_OK &&
		zdblite_prepare(self->image.db, &to, err,
						"INSERT INTO temp.\"%w\" VALUES (%s)", into,
						marks) == ZDB_OK)
		while (zdblite_step(call->db, from, &row, err) == ZDB_OK && row &&
			   copy_row(self, from, to, columns) == ZDB_OK)
			;
	sqlite3_finalize(from);
	sqlite3_finalize(to);
	return err->code;
}

zdb_rc
zdblite_diff_copy(zdblite_diff *self, const char *table, const char *into)
{
	zdb_err *err = &self->call->err;
	copying to = {sqlite3_str_new(NULL), sqlite3_str_new(NULL),
				  sqlite3_str_new(NULL), 0};
	char *declaration, *names, *marks;

	add_columns(self, &to, table);
	declaration = sqlite3_str_finish(to.declaration);
	names = sqlite3_str_finish(to.names);
	marks = sqlite3_str_finish(to.marks);
	if (!declaration || !names || !marks)
		zdb_err_nomem(err);
	if (!err->code &&
		zdblite_exec(self->image.db, err, "CREATE TABLE temp.\"%w\"(%s)", into,
					 declaration) == ZDB_OK)
		copy_rows(self, table, into, names, marks, to.columns);
	sqlite3_free(declaration);
	sqlite3_free(names);
	sqlite3_free(marks);
	return err->code;
}
