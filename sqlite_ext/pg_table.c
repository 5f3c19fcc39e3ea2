/*
 * pg_table - the scratch tables for rows of PostgreSQL
 *
 * Columns have the affinity of the live ones, so that comparisons mean the
 * same. A table that is not here is made as it will be made here.
 */
#include <string.h>
#include <strings.h>

#include "sqlite_ext/pg_live.h"
#include "sqlite_ext/pg_source.h"
#include "sqlite_ext/sql.h"

/* Decimal digits that a double keeps. */
#define DIGITS_KEPT 15

static const char *
affinity_name(zdb_affinity affinity)
{
	static const char *const names[] = {"BLOB", "TEXT", "NUMERIC", "INTEGER",
										"REAL"};

	return names[affinity];
}

/* How a column of this type is declared here. */
static const char *
declare(zdblite_pg *self, const zdb_pg_type *type)
{
	bool decimal = type->precision > 0 && type->precision <= DIGITS_KEPT;

	if (type->array)
		return "TEXT";
	switch (type->kind)
	{
		case ZDB_PG_BOOLEAN:
			return "BOOLEAN";
		case ZDB_PG_INTEGER:
			return "INTEGER";
		case ZDB_PG_NUMERIC: /* text where a number might lose digits */
			return decimal ? zdb_arena_format(&self->catalog.arena,
											  "DECIMAL(%d,%d)",
											  type->precision, type->scale)
						   : "TEXT";
		case ZDB_PG_FLOAT:
			return "REAL";
		case ZDB_PG_BYTEA:
			return "BLOB";
		case ZDB_PG_DATE:
			return "DATE";
		case ZDB_PG_TIMESTAMP:
			return "DATETIME";
		case ZDB_PG_UUID:
		case ZDB_PG_JSONB:
		case ZDB_PG_TEXT:
			break;
	}
	return "TEXT";
}

static bool
is_time(const zdb_pg_type *type)
{
	return !type->array &&
		   (type->kind == ZDB_PG_DATE || type->kind == ZDB_PG_TIMESTAMP);
}

/* The live column whose name is the same, or the only one that differs in
 * case: SQLite has no two of them. */
static const zdblite_live_column *
find_live(const zdblite_live_column *live, const char *name)
{
	while (live && strcasecmp(live->name, name) != 0)
		live = live->next;
	return live;
}

static void
aim(zdblite_pg *self, const zdblite_pg_table *table, zdblite_pg_column *column,
	const zdblite_live_column *live)
{
	const char *declared = live ? live->declared : declare(self, column->type);

	column->here = table->live ? live && !live->generated : true;
	if (live)
		column->target = live->target;
	else
		column->target.affinity = zdb_affinity_of(declared);
	if (column->here && is_time(column->type))
		column->target.time = zdblite_live_style(
			self->call, live ? table->name : NULL, column->name, declared);
}

static zdb_rc
refuse_column(zdblite_pg *self, const zdblite_pg_table *table,
			  const char *column, const char *why)
{
	return zdb_err_set(&self->call->err, ZDB_DAMAGED,
					   "\"%s\", table \"%s.%s\": column \"%s\" %s", self->file,
					   table->from->schema, table->from->name, column, why);
}

static zdb_rc
add_column(zdblite_pg *self, zdblite_pg_table *table, const char *name,
		   const zdblite_live_column *live)
{
	const zdb_pg_column *from = zdb_pg_table_column(table->from, name);
	zdblite_pg_column *column =
		zdb_arena_alloc(&self->catalog.arena, sizeof *column);
	zdblite_pg_column **last = &table->columns;

	if (!column)
		return zdb_err_nomem(&self->call->err);
	if (!from)
		return refuse_column(self, table, name, "is not defined");
	column->name = from->name;
	column->type = &from->type;
	for (; *last; last = &(*last)->next)
		if (strcasecmp((*last)->name, name) == 0)
			return refuse_column(self, table, name,
								 "has the name of another one in SQLite, "
								 "which does not tell them apart by case");
	*last = column;
	aim(self, table, column, find_live(live, name));
	return self->call->err.code;
}

/* The columns of the COPY block; without one those that have values. */
static zdb_rc
add_columns(zdblite_pg *self, zdblite_pg_table *table,
			const zdb_pg_name *columns)
{
	zdblite_call *call = self->call;
	zdblite_live_column *live =
		table->live
			? zdblite_live_columns(call, &self->catalog.arena, table->name)
			: NULL;

	for (; columns && !call->err.code; columns = columns->next)
		add_column(self, table, columns->text, live);
	if (!table->columns)
		for (const zdb_pg_column *column = table->from->columns;
			 column && !call->err.code; column = column->next)
			if (!column->generated)
				add_column(self, table, column->name, live);
	return call->err.code;
}

/* A comma before all but the first. */
static void
separate(sqlite3_str *sql, bool *first)
{
	sqlite3_str_appendall(sql, *first ? "" : ", ");
	*first = false;
}

static void
append_names(sqlite3_str *sql, const zdb_pg_name *names)
{
	bool first = true;

	for (; names; names = names->next)
	{
		separate(sql, &first);
		sqlite3_str_appendf(sql, "\"%w\"", names->text);
	}
}

/* What a table that is not here is to keep. */
static void
append_constraints(sqlite3_str *sql, const zdblite_pg_table *table)
{
	for (const zdb_pg_key *key = table->from->keys; key; key = key->next)
	{
		sqlite3_str_appendf(sql, ", %s (",
							key->primary ? "PRIMARY KEY" : "UNIQUE");
		append_names(sql, key->columns);
		sqlite3_str_appendall(sql, ")");
	}
	for (const zdb_pg_foreign *key = table->from->foreign; key;
		 key = key->next)
	{
		const zdblite_pg_table *parent = zdb_pg_table_root(key->parent)->user;

		if (!parent || !parent->wanted)
			continue;
		sqlite3_str_appendall(sql, ", FOREIGN KEY (");
		append_names(sql, key->columns);
		sqlite3_str_appendf(sql, ") REFERENCES \"%w\"", parent->name);
		if (key->parent_columns)
		{
			sqlite3_str_appendall(sql, " (");
			append_names(sql, key->parent_columns);
			sqlite3_str_appendall(sql, ")");
		}
		if (key->on_update)
			sqlite3_str_appendf(sql, " ON UPDATE %s", key->on_update);
		if (key->on_delete)
			sqlite3_str_appendf(sql, " ON DELETE %s", key->on_delete);
	}
}

/* Statements of SQLite's own spelling: they are run here as they stand. */
static char *
definition(zdblite_pg *self, const zdblite_pg_table *table)
{
	sqlite3_str *sql = sqlite3_str_new(self->image->db);
	bool first = true;

	sqlite3_str_appendf(sql, "CREATE TABLE \"%w\"(", table->name);
	for (const zdblite_pg_column *column = table->columns; column;
		 column = column->next)
	{
		const zdb_pg_column *from =
			zdb_pg_table_column(table->from, column->name);

		separate(sql, &first);
		sqlite3_str_appendf(sql, "\"%w\" %s%s", column->name,
							table->live
								? affinity_name(column->target.affinity)
								: declare(self, column->type),
							!table->live && from->not_null ? " NOT NULL" : "");
	}
	if (first) /* SQLite has no table without columns */
		sqlite3_str_appendall(sql, "\"zdb:none\"");
	if (!table->live && table->wanted)
		append_constraints(sql, table);
	sqlite3_str_appendall(sql, ")");
	return sqlite3_str_finish(sql);
}

zdb_rc
zdblite_pg_make(zdblite_pg *self, zdblite_pg_table *table,
				const zdb_pg_name *columns)
{
	zdb_err *err = &self->call->err;
	char *sql;

	table->made = true;
	if (table->wanted && add_columns(self, table, columns))
		return err->code;
	sql = definition(self, table);
	if (!sql)
		return zdb_err_nomem(err);
	zdblite_exec(self->image->db, err, "%s", sql);
	sqlite3_free(sql);
	return err->code;
}

static bool
has_columns(const zdblite_pg_table *table, const zdb_pg_name *names)
{
	for (; names; names = names->next)
	{
		const zdblite_pg_column *column = table->columns;

		while (column &&
			   (strcmp(column->name, names->text) != 0 || !column->here))
			column = column->next;
		if (!column)
			return false;
	}
	return true;
}

/* Values that differ in PostgreSQL may be equal here, for example times: then
 * they are not unique, and the merge has to know. */
static zdb_rc
make_key(zdblite_pg *self, const zdblite_pg_table *table,
		 const zdb_pg_key *key, int number)
{
	sqlite3_str *sql = sqlite3_str_new(self->image->db);
	zdb_err *err = &self->call->err, why = {0};
	char *text;

	sqlite3_str_appendf(sql, "CREATE UNIQUE INDEX \"zdb:%d\" ON \"%w\"(",
						number, table->name);
	append_names(sql, key->columns);
	sqlite3_str_appendall(sql, ")");
	text = sqlite3_str_finish(sql);
	if (!text)
		return zdb_err_nomem(err);
	if (zdblite_exec(self->image->db, &why, "%s", text) &&
		why.code != ZDB_MISMATCH)
		*err = why;
	sqlite3_free(text);
	return err->code;
}

zdb_rc
zdblite_pg_keys(zdblite_pg *self)
{
	int number = 0;

	for (zdblite_pg_table *table = self->tables; table; table = table->next)
		for (const zdb_pg_key *key = table->from->keys;
			 key && table->live && table->wanted; key = key->next)
			if (has_columns(table, key->columns) &&
				make_key(self, table, key, ++number))
				return self->call->err.code;
	return ZDB_OK;
}
