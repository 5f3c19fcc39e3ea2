/*
 * diff_copy - a copy of a table beside the backup
 */
#include "sqlite_ext/affinity.h"
#include "sqlite_ext/diff.h"
#include "sqlite_ext/sql.h"

/* What the copy needs to know of the table. */
typedef struct copying
{
	sqlite3_str *declaration, *names, *marks;
	int columns;
} copying;

/* A column with the live one's type, so that both compare as that does. */
static void
add_column(zdblite_diff *self, const zdblite_diff_table *from, copying *to,
		   const char *name)
{
	zdblite_call *call = self->call;
	const char *collation = NULL, *comma = to->columns++ ? ", " : "";
	const char *type =
		zdblite_declared(call->db, call->options.schema, from->name, name);

	if (!type)
		type = zdblite_declared(from->db, from->schema, from->name, name);
	sqlite3_str_appendf(to->declaration, "%s\"%w\"", comma, name);
	if (type && *type)
		sqlite3_str_appendf(to->declaration, " \"%w\"", type);
	sqlite3_table_column_metadata(from->db, from->schema, from->name, name,
								  NULL, &collation, NULL, NULL, NULL);
	if (collation)
		sqlite3_str_appendf(to->declaration, " COLLATE \"%w\"", collation);
	sqlite3_str_appendf(to->names, "%s\"%w\"", comma, name);
	sqlite3_str_appendf(to->marks, "%s?", comma);
}

static zdb_rc
add_columns(zdblite_diff *self, const zdblite_diff_table *from, copying *to)
{
	zdb_err *err = &self->call->err;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(from->db, &stmt, err,
						"SELECT name FROM pragma_table_xinfo(%Q, %Q)"
						" WHERE hidden <> 1 ORDER BY cid",
						from->name, from->schema))
		return err->code;
	while (zdblite_step(from->db, stmt, &row, err) == ZDB_OK && row)
		add_column(self, from, to,
				   (const char *) sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return err->code;
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
						  "could not copy rows to compare");
}

static zdb_rc
copy_rows(zdblite_diff *self, const zdblite_diff_table *table,
		  const char *into, const char *names, const char *marks, int columns)
{
	zdb_err *err = &self->call->err;
	sqlite3_stmt *from = NULL, *to = NULL;
	bool row;

	if (zdblite_prepare(table->db, &from, err, "SELECT %s FROM \"%w\".\"%w\"",
						names, table->schema, table->name) == ZDB_OK &&
		zdblite_prepare(self->image.db, &to, err,
						"INSERT INTO temp.\"%w\" VALUES (%s)", into,
						marks) == ZDB_OK)
		while (zdblite_step(table->db, from, &row, err) == ZDB_OK && row &&
			   copy_row(self, from, to, columns) == ZDB_OK)
			;
	sqlite3_finalize(from);
	sqlite3_finalize(to);
	return err->code;
}

zdb_rc
zdblite_diff_copy(zdblite_diff *self, const zdblite_diff_table *table,
				  const char *into)
{
	zdb_err *err = &self->call->err;
	copying to = {sqlite3_str_new(NULL), sqlite3_str_new(NULL),
				  sqlite3_str_new(NULL), 0};
	char *declaration, *names, *marks;

	add_columns(self, table, &to);
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
