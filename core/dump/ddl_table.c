/*
 * ddl_table - columns and constraints of a table
 */
#include <string.h>

#include "core/dump/ddl.h"

void
ddl_key(ddl_parser *self, zdb_pg_table *table, zdb_pg_name *columns,
		bool primary)
{
	zdb_pg_key *key =
		columns ? zdb_arena_alloc(self->arena, sizeof *key) : NULL;

	if (!key)
		return;
	key->columns = columns;
	key->primary = primary;
	key->next = table->keys;
	table->keys = key;
}

static const char *
take_action(ddl_parser *self)
{
	if (ddl_take(self, "cascade"))
		return "CASCADE";
	if (ddl_take(self, "restrict"))
		return "RESTRICT";
	if (!ddl_take(self, "set"))
		return NULL; /* NO ACTION */
	if (ddl_take(self, "null"))
		return "SET NULL";
	ddl_take(self, "default");
	return "SET DEFAULT";
}

/* Behind REFERENCES. */
static void
add_foreign(ddl_parser *self, zdb_pg_table *table, zdb_pg_name *columns)
{
	zdb_pg_foreign *foreign =
		columns ? zdb_arena_alloc(self->arena, sizeof *foreign) : NULL;
	zdb_pg_table *parent = ddl_table(self);

	if (!foreign || !parent)
		return;
	foreign->columns = columns;
	foreign->parent = parent;
	if (ddl_is(self, "("))
		foreign->parent_columns = ddl_columns(self);
	while (ddl_take(self, "match"))
		zdb_tokens_next(&self->tokens);
	while (ddl_take(self, "on"))
	{
		if (ddl_take(self, "delete"))
			foreign->on_delete = take_action(self);
		else if (ddl_take(self, "update"))
			foreign->on_update = take_action(self);
		ddl_take(self, "no");
		ddl_take(self, "action");
		if (ddl_is(self, "(")) /* SET NULL (columns) */
			zdb_tokens_skip(&self->tokens);
	}
	foreign->next = table->foreign;
	table->foreign = foreign;
}

static zdb_pg_column *
own_column(zdb_pg_table *table, const char *name)
{
	zdb_pg_column *column = table->columns;

	while (column && name && strcmp(column->name, name) != 0)
		column = column->next;
	return name ? column : NULL;
}

void
ddl_not_null(ddl_parser *self, zdb_pg_table *table)
{
	const char *name = zdb_token_name(&self->tokens, self->arena);
	zdb_pg_column *column = own_column(table, name);

	if (column)
		column->not_null = true;
}

bool
ddl_constraint(ddl_parser *self, zdb_pg_table *table)
{
	bool named = ddl_take(self, "constraint");

	if (named)
		zdb_tokens_next(&self->tokens);
	if (ddl_take(self, "primary"))
	{
		ddl_take(self, "key");
		ddl_key(self, table, ddl_columns(self), true);
	}
	else if (ddl_take(self, "unique"))
	{
		while (ddl_take(self, "nulls") || ddl_take(self, "not") ||
			   ddl_take(self, "distinct"))
			;
		ddl_key(self, table, ddl_columns(self), false);
	}
	else if (ddl_take(self, "foreign"))
	{
		zdb_pg_name *columns;

		ddl_take(self, "key");
		columns = ddl_columns(self);
		if (ddl_take(self, "references"))
			add_foreign(self, table, columns);
	}
	else if (named && ddl_take(self, "not"))
	{
		ddl_take(self, "null");
		ddl_not_null(self, table);
	}
	else
		return named || ddl_is(self, "check") || ddl_is(self, "like");
	return true;
}

static void
take_column_constraint(ddl_parser *self, zdb_pg_table *table,
					   zdb_pg_column *column)
{
	if (ddl_take(self, "not"))
		column->not_null = ddl_take(self, "null") || column->not_null;
	else if (ddl_take(self, "primary"))
	{
		column->not_null = true;
		ddl_key(self, table, ddl_append(self, NULL, column->name), true);
	}
	else if (ddl_take(self, "unique"))
		ddl_key(self, table, ddl_append(self, NULL, column->name), false);
	else if (ddl_take(self, "references"))
		add_foreign(self, table, ddl_append(self, NULL, column->name));
	else if (ddl_take(self, "generated"))
		column->generated = ddl_take(self, "always") && ddl_take(self, "as") &&
							!ddl_is(self, "identity");
	else if (ddl_take(self, "constraint") || ddl_take(self, "default"))
		zdb_tokens_skip(&self->tokens); /* its name, its value */
	else
		zdb_tokens_skip(&self->tokens);
}

void
ddl_column(ddl_parser *self, zdb_pg_table *table)
{
	const char *name = zdb_token_name(&self->tokens, self->arena);
	zdb_pg_column *column =
		name ? zdb_arena_alloc(self->arena, sizeof *column) : NULL;
	zdb_pg_column **last = &table->columns;
	int count = 0;

	if (!column)
		return;
	column->name = name;
	column->type = ddl_type(self);
	while (!ddl_is_over(self))
		take_column_constraint(self, table, column);
	for (; *last; last = &(*last)->next)
		count++;
	if (count < DDL_COLUMNS_MAX)
		*last = column;
}

void
ddl_elements(ddl_parser *self, zdb_pg_table *table)
{
	if (!ddl_take(self, "("))
		return;
	while (self->tokens.kind != ZDB_TOKEN_END && !ddl_is(self, ")"))
	{
		if (!ddl_constraint(self, table))
			ddl_column(self, table);
		ddl_skip_rest(self);
		if (!ddl_take(self, ",") && !ddl_is(self, ")"))
			return;
	}
	ddl_take(self, ")");
}
