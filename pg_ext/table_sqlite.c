/*
 * table_sqlite - the rows of one table of a SQLite database
 */
#include "pg_ext/table_rows.h"

#include "utils/lsyscache.h"

#include "pg_ext/sqlite_names.h"
#include "pg_ext/sqlite_rows.h"

typedef struct zdbpg_sqlite_table
{
	const zdbpg_table_rows *wanted;
	zdbpg_sqlite *file;
	zdbpg_sqlite_rows *rows;
} zdbpg_sqlite_table;

/* SQLite's names are the same in any case. */
static char *
find_table(const zdbpg_sqlite_table *self)
{
	sqlite3_stmt *stmt = zdbpg_sqlite_prepare(
		self->file->db, "SELECT name FROM sqlite_schema WHERE type = 'table'");

	while (zdbpg_sqlite_step(stmt))
	{
		char *name = zdbpg_sqlite_name(stmt, 0);

		if (name &&
			pg_strcasecmp(zdbpg_sqlite_cut(name), self->wanted->table) == 0)
			return name;
	}
	zdbpg_table_rows_missing(self->wanted);
}

/* Generated columns, too: SQLite has their values. */
static zdbpg_sqlite_rows *
select_columns(const zdbpg_sqlite_table *self, const char *table)
{
	TupleDesc desc = self->wanted->desc;
	int *from = palloc(desc->natts * sizeof *from);
	List *values = NIL;
	sqlite3_stmt *stmt = zdbpg_sqlite_prepare(
		self->file->db,
		"SELECT name FROM pragma_table_xinfo(%Q) WHERE hidden <> 1 ORDER BY "
		"cid",
		zdbpg_to_utf8(table));

	for (int i = 0; i < desc->natts; i++)
		from[i] = -1;
	while (zdbpg_sqlite_step(stmt))
	{
		char *name = zdbpg_sqlite_name(stmt, 0);
		AttrNumber here =
			get_attnum(self->wanted->relid,
					   zdbpg_sqlite_column(self->wanted->relid, name));

		if (here <= 0)
			continue;
		from[here - 1] = list_length(values);
		values = lappend(values, zdbpg_sqlite_quote(name));
	}
	return zdbpg_sqlite_rows_open(self->file->db, table, desc, values, from);
}

zdbpg_sqlite_table *
zdbpg_sqlite_table_open(zdbpg_table_rows *wanted)
{
	zdbpg_sqlite_table *self = palloc0(sizeof *self);

	self->wanted = wanted;
	self->file = zdbpg_sqlite_open(wanted->reader);
	self->rows = select_columns(self, find_table(self));
	return self;
}

bool
zdbpg_sqlite_table_next(zdbpg_sqlite_table *self, Datum *values, bool *nulls)
{
	ErrorContextCallback context = {error_context_stack,
									zdbpg_sqlite_rows_context, self->rows};
	bool more;

	error_context_stack = &context;
	more = zdbpg_sqlite_rows_next(self->rows, values, nulls);
	error_context_stack = context.previous;
	if (!more && !zdb_reader_footer(self->wanted->reader))
		zdbpg_sqlite_check_unchanged(self->file);
	return more;
}
