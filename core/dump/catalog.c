/*
 * catalog - the tables that a script of PostgreSQL makes
 */
#include "core/dump/catalog.h"

#include <string.h>

#include "core/dump/token.h"

/* How many tables are asked on the way to a root or an inherited column;
 * scripts that somebody made up may go in circles. */
#define ANCESTORS_MAX 100

static unsigned
bucket_of(const char *schema, const char *name)
{
	unsigned hash = 5381;

	for (; *schema; schema++)
		hash = hash * 33 + (unsigned char) *schema;
	for (; *name; name++)
		hash = hash * 33 + (unsigned char) *name;
	return hash % ZDB_CATALOG_BUCKETS;
}

zdb_pg_table *
zdb_catalog_find(const zdb_catalog *catalog, const char *schema,
				 const char *name)
{
	zdb_pg_table *table = catalog->buckets[bucket_of(schema, name)];

	while (table && (strcmp(table->name, name) != 0 ||
					 strcmp(table->schema, schema) != 0))
		table = table->bucket;
	return table;
}

zdb_pg_table *
zdb_catalog_table(zdb_catalog *catalog, const char *schema, const char *name)
{
	zdb_pg_table *table = zdb_catalog_find(catalog, schema, name);
	unsigned bucket = bucket_of(schema, name);

	if (table)
		return table;
	table = zdb_arena_alloc(&catalog->arena, sizeof *table);
	if (!table)
		return NULL;
	table->schema = schema;
	table->name = name;
	table->bucket = catalog->buckets[bucket];
	catalog->buckets[bucket] = table;
	if (catalog->last)
		catalog->last->next = table;
	else
		catalog->tables = table;
	catalog->last = table;
	return table;
}

zdb_pg_table *
zdb_pg_table_root(zdb_pg_table *table)
{
	for (int i = 0; table->partition_of && i < ANCESTORS_MAX; i++)
		table = table->partition_of;
	return table;
}

static const zdb_pg_column *
find_column(const zdb_pg_table *table, const char *name, int *asked)
{
	const zdb_pg_column *column = table->columns;

	if (++*asked > ANCESTORS_MAX)
		return NULL;
	while (column && strcmp(column->name, name) != 0)
		column = column->next;
	if (!column && table->partition_of)
		column = find_column(table->partition_of, name, asked);
	for (const zdb_pg_parent *parent = table->inherits; parent && !column;
		 parent = parent->next)
		column = find_column(parent->table, name, asked);
	return column;
}

const zdb_pg_column *
zdb_pg_table_column(const zdb_pg_table *table, const char *name)
{
	int asked = 0;

	return find_column(table, name, &asked);
}

static zdb_pg_name *
copy_columns(zdb_tokens *tokens, zdb_arena *arena)
{
	zdb_pg_name *first = NULL, **last = &first;

	if (!zdb_token_take(tokens, "("))
		return NULL;
	do
	{
		const char *text = zdb_token_name(tokens, arena);
		zdb_pg_name *name = text ? zdb_arena_alloc(arena, sizeof *name) : NULL;

		if (!name)
			break;
		name->text = text;
		*last = name;
		last = &name->next;
	} while (zdb_token_take(tokens, ","));
	zdb_token_take(tokens, ")");
	return first;
}

bool
zdb_catalog_copy(const zdb_catalog *catalog, const char *sql, size_t len,
				 zdb_arena *arena, zdb_pg_copy *copy)
{
	zdb_tokens tokens;

	zdb_tokens_open(&tokens, sql, len);
	*copy = (zdb_pg_copy){0};
	if (!zdb_token_take(&tokens, "copy"))
		return false;
	copy->name = zdb_token_name(&tokens, arena);
	copy->schema = catalog->schema ? catalog->schema : "public";
	if (copy->name && zdb_token_take(&tokens, "."))
	{
		copy->schema = copy->name;
		copy->name = zdb_token_name(&tokens, arena);
	}
	if (!copy->name)
		return false;
	copy->columns = copy_columns(&tokens, arena);
	if (!zdb_token_take(&tokens, "from") || !zdb_token_take(&tokens, "stdin"))
		return false;
	copy->plain = zdb_token_is(&tokens, ";");
	return true;
}

void
zdb_catalog_clear(zdb_catalog *catalog)
{
	zdb_arena_clear(&catalog->arena);
	*catalog = (zdb_catalog){0};
}
