/*
 * ddl_name - names in statements that define tables
 */
#include "core/dump/ddl.h"

bool
ddl_take(ddl_parser *self, const char *word)
{
	return zdb_token_take(&self->tokens, word);
}

bool
ddl_is(const ddl_parser *self, const char *word)
{
	return zdb_token_is(&self->tokens, word);
}

bool
ddl_is_over(const ddl_parser *self)
{
	return self->tokens.kind == ZDB_TOKEN_END || ddl_is(self, ",") ||
		   ddl_is(self, ")") || ddl_is(self, ";");
}

void
ddl_skip_rest(ddl_parser *self)
{
	while (!ddl_is_over(self))
		zdb_tokens_skip(&self->tokens);
}

const char *
ddl_qualified(ddl_parser *self, const char **schema)
{
	const char *name = zdb_token_name(&self->tokens, self->arena);

	*schema = NULL;
	while (name && ddl_take(self, "."))
	{
		*schema = name;
		name = zdb_token_name(&self->tokens, self->arena);
	}
	return name;
}

const char *
ddl_schema(const ddl_parser *self)
{
	return self->catalog->schema ? self->catalog->schema : "public";
}

zdb_pg_table *
ddl_table(ddl_parser *self)
{
	const char *schema, *name = ddl_qualified(self, &schema);

	if (!schema)
		schema = ddl_schema(self);
	return name ? zdb_catalog_table(self->catalog, schema, name) : NULL;
}

zdb_pg_name *
ddl_append(ddl_parser *self, zdb_pg_name *list, const char *text)
{
	zdb_pg_name *name = zdb_arena_alloc(self->arena, sizeof *name), *last;

	if (!name)
		return list;
	name->text = text;
	if (!list)
		return name;
	for (last = list; last->next;)
		last = last->next;
	last->next = name;
	return list;
}

/* A column of a key, as it is: no expression, no collation or operators of
 * its own. */
static const char *
take_key_column(ddl_parser *self)
{
	const char *name = zdb_token_name(&self->tokens, self->arena);

	while (name && !ddl_is_over(self))
		if (!ddl_take(self, "asc") && !ddl_take(self, "desc") &&
			!ddl_take(self, "nulls") && !ddl_take(self, "first") &&
			!ddl_take(self, "last"))
			return NULL;
	return name;
}

zdb_pg_name *
ddl_columns(ddl_parser *self)
{
	zdb_pg_name *list = NULL;
	bool plain = true;
	int count = 0;

	if (!ddl_take(self, "("))
		return NULL;
	do
	{
		const char *name = take_key_column(self);

		plain = plain && name && ++count <= DDL_COLUMNS_MAX;
		if (plain)
			list = ddl_append(self, list, name);
		ddl_skip_rest(self);
	} while (ddl_take(self, ","));
	ddl_take(self, ")");
	return plain ? list : NULL;
}
