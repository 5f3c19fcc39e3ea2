/*
 * ddl_type - the type of a column
 */
#include <stdlib.h>
#include <string.h>

#include "core/dump/ddl.h"

/* What ends a type. */
static bool
is_column_constraint(const ddl_parser *self)
{
	static const char *const words[] = {"constraint", "not",        "null",
										"default",    "generated",  "collate",
										"check",      "references", "primary",
										"unique",     "storage",    "options"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (ddl_is(self, words[i]))
			return true;
	return false;
}

static zdb_pg_kind
kind_of(const char *name)
{
	static const struct
	{
		const char *name;
		zdb_pg_kind kind;
	} kinds[] = {{"boolean", ZDB_PG_BOOLEAN},
				 {"bool", ZDB_PG_BOOLEAN},
				 {"smallint", ZDB_PG_INTEGER},
				 {"integer", ZDB_PG_INTEGER},
				 {"int", ZDB_PG_INTEGER},
				 {"bigint", ZDB_PG_INTEGER},
				 {"int2", ZDB_PG_INTEGER},
				 {"int4", ZDB_PG_INTEGER},
				 {"int8", ZDB_PG_INTEGER},
				 {"oid", ZDB_PG_INTEGER},
				 {"smallserial", ZDB_PG_INTEGER},
				 {"serial", ZDB_PG_INTEGER},
				 {"bigserial", ZDB_PG_INTEGER},
				 {"numeric", ZDB_PG_NUMERIC},
				 {"decimal", ZDB_PG_NUMERIC},
				 {"dec", ZDB_PG_NUMERIC},
				 {"real", ZDB_PG_FLOAT},
				 {"float4", ZDB_PG_FLOAT},
				 {"float8", ZDB_PG_FLOAT},
				 {"float", ZDB_PG_FLOAT},
				 {"double", ZDB_PG_FLOAT},
				 {"bytea", ZDB_PG_BYTEA},
				 {"uuid", ZDB_PG_UUID},
				 {"jsonb", ZDB_PG_JSONB},
				 {"date", ZDB_PG_DATE},
				 {"timestamp", ZDB_PG_TIMESTAMP},
				 {"timestamptz", ZDB_PG_TIMESTAMP}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return ZDB_PG_TEXT;
}

static zdb_pg_type
text_type(const char *name)
{
	static const struct
	{
		const char *name;
		bool nocase, padded;
	} texts[] = {{.name = "text"},
				 {.name = "varchar"},
				 {.name = "citext", .nocase = true},
				 {.name = "character", .padded = true},
				 {.name = "char", .padded = true},
				 {.name = "bpchar", .padded = true}};
	zdb_pg_type type = {.kind = ZDB_PG_TEXT};

	for (size_t i = 0; i < sizeof texts / sizeof *texts && !type.text; i++)
		if (strcmp(texts[i].name, name) == 0)
		{
			type.text = true;
			type.nocase = texts[i].nocase;
			type.padded = texts[i].padded;
		}
	return type;
}

/* "(10, 2)" */
static void
take_precision(ddl_parser *self, zdb_pg_type *type)
{
	zdb_tokens inner = self->tokens;

	zdb_tokens_next(&inner);
	if (inner.kind == ZDB_TOKEN_NUMBER)
		type->precision = atoi(inner.text);
	zdb_tokens_next(&inner);
	if (zdb_token_take(&inner, ",") && inner.kind == ZDB_TOKEN_NUMBER)
		type->scale = atoi(inner.text);
	zdb_tokens_skip(&self->tokens);
}

static zdb_pg_type
type_named(const ddl_parser *self, const char *schema, const char *name)
{
	const zdb_pg_domain *domain = self->catalog->domains;
	const char *in = schema ? schema : ddl_schema(self);

	if (!schema || strcmp(schema, "pg_catalog") == 0)
	{
		zdb_pg_kind kind = kind_of(name);

		if (kind != ZDB_PG_TEXT || schema)
			return (zdb_pg_type){.kind = kind};
	}
	while (domain && (strcmp(domain->name, name) != 0 ||
					  strcmp(domain->schema, in) != 0))
		domain = domain->next;
	return domain ? domain->type : text_type(name);
}

/* An array whose elements are not separated by commas is a text. */
zdb_pg_type
ddl_type(ddl_parser *self)
{
	const char *schema, *name = ddl_qualified(self, &schema);
	zdb_pg_type type = {.kind = ZDB_PG_TEXT};
	bool array = false;

	if (name)
		type = type_named(self, schema, name);
	while (!ddl_is_over(self) && !is_column_constraint(self))
	{
		array = array || ddl_is(self, "[") || ddl_is(self, "array");
		type.padded = type.padded && !ddl_is(self, "varying");
		if (ddl_is(self, "(") && (type.kind == ZDB_PG_NUMERIC || type.text))
			take_precision(self, &type);
		else
			zdb_tokens_skip(&self->tokens);
	}
	type.array = type.array || (array && name && strcmp(name, "box") != 0);
	return type;
}
