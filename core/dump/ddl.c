/*
 * ddl - statements that define tables, into the catalog
 */
#include "core/dump/ddl.h"

static void
add_parent(ddl_parser *self, zdb_pg_table *table)
{
	zdb_pg_parent *parent = zdb_arena_alloc(self->arena, sizeof *parent);

	if (!parent)
		return;
	parent->table = ddl_table(self);
	parent->next = table->inherits;
	if (parent->table)
		table->inherits = parent;
}

/* Behind CREATE TABLE. */
static void
create_table(ddl_parser *self)
{
	zdb_pg_table *table;

	while (ddl_take(self, "if") || ddl_take(self, "not") ||
		   ddl_take(self, "exists"))
		;
	table = ddl_table(self);
	if (!table || table->made)
		return;
	table->made = true;
	if (ddl_take(self, "partition") && ddl_take(self, "of"))
		table->partition_of = ddl_table(self);
	else
		ddl_elements(self, table);
	if (!ddl_take(self, "inherits") || !ddl_take(self, "("))
		return;
	do
		add_parent(self, table);
	while (ddl_take(self, ","));
}

/* Behind CREATE UNIQUE INDEX. */
static void
create_index(ddl_parser *self)
{
	zdb_pg_table *table;
	zdb_pg_name *columns;

	while (self->tokens.kind != ZDB_TOKEN_END && !ddl_take(self, "on"))
		zdb_tokens_next(&self->tokens);
	ddl_take(self, "only");
	table = ddl_table(self);
	if (ddl_take(self, "using"))
		zdb_tokens_next(&self->tokens);
	columns = ddl_columns(self);
	while (self->tokens.kind != ZDB_TOKEN_END && !ddl_is(self, "where"))
		zdb_tokens_skip(&self->tokens);
	if (table && !ddl_is(self, "where"))
		ddl_key(self, table, columns, false);
}

/* Behind CREATE DOMAIN. */
static void
create_domain(ddl_parser *self)
{
	zdb_pg_domain *domain = zdb_arena_alloc(self->arena, sizeof *domain);

	if (!domain)
		return;
	domain->name = ddl_qualified(self, &domain->schema);
	if (!domain->schema)
		domain->schema = ddl_schema(self);
	ddl_take(self, "as");
	domain->type = ddl_type(self);
	domain->next = self->catalog->domains;
	if (domain->name)
		self->catalog->domains = domain;
}

/* One of the things that ALTER TABLE does, up to the comma. */
static void
take_change(ddl_parser *self, zdb_pg_table *table)
{
	if (ddl_take(self, "add"))
	{
		if (ddl_constraint(self, table))
			return;
		ddl_take(self, "column");
		while (ddl_take(self, "if") || ddl_take(self, "not") ||
			   ddl_take(self, "exists"))
			;
		ddl_column(self, table);
	}
	else if (ddl_take(self, "attach") && ddl_take(self, "partition"))
	{
		zdb_pg_table *partition = ddl_table(self);

		if (partition)
			partition->partition_of = table;
	}
	else if (ddl_take(self, "inherit"))
		add_parent(self, table);
	else if (ddl_take(self, "alter"))
	{
		zdb_tokens column;

		ddl_take(self, "column");
		column = self->tokens;
		zdb_tokens_next(&self->tokens);
		if (!ddl_take(self, "set") || !ddl_take(self, "not"))
			return;
		self->tokens = column;
		ddl_not_null(self, table);
	}
}

/* Behind ALTER TABLE. */
static void
alter_table(ddl_parser *self)
{
	zdb_pg_table *table;

	while (ddl_take(self, "if") || ddl_take(self, "exists") ||
		   ddl_take(self, "only"))
		;
	table = ddl_table(self);
	ddl_take(self, "*");
	if (!table)
		return;
	do
	{
		take_change(self, table);
		ddl_skip_rest(self);
	} while (ddl_take(self, ","));
}

/* Behind SET: where names without a schema belong, in which encoding the
 * script is. */
static void
take_setting(ddl_parser *self)
{
	const char **into = ddl_take(self, "search_path") ? &self->catalog->schema
						: ddl_take(self, "client_encoding")
							? &self->catalog->encoding
							: NULL;
	const char *value;

	if (!into || (!ddl_take(self, "=") && !ddl_take(self, "to")))
		return;
	value = zdb_token_string(&self->tokens, self->arena);
	if (!value)
		value = zdb_token_name(&self->tokens, self->arena);
	if (value && *value)
		*into = value;
}

static void
take_create(ddl_parser *self)
{
	while (ddl_take(self, "unlogged") || ddl_take(self, "foreign") ||
		   ddl_take(self, "temp") || ddl_take(self, "temporary") ||
		   ddl_take(self, "global") || ddl_take(self, "local"))
		;
	if (ddl_take(self, "table"))
		create_table(self);
	else if (ddl_take(self, "domain"))
		create_domain(self);
	else if (ddl_take(self, "unique") && ddl_take(self, "index"))
		create_index(self);
}

void
zdb_catalog_setting(zdb_catalog *catalog, const char *sql, size_t len)
{
	ddl_parser self = {.catalog = catalog, .arena = &catalog->arena};

	zdb_tokens_open(&self.tokens, sql, len);
	if (ddl_take(&self, "set"))
		take_setting(&self);
}

zdb_rc
zdb_catalog_take(zdb_catalog *catalog, const char *sql, size_t len,
				 zdb_err *err)
{
	ddl_parser self = {.catalog = catalog, .arena = &catalog->arena};

	zdb_tokens_open(&self.tokens, sql, len);
	if (ddl_take(&self, "create"))
		take_create(&self);
	else if (ddl_take(&self, "alter"))
	{
		ddl_take(&self, "foreign");
		if (ddl_take(&self, "table"))
			alter_table(&self);
	}
	else
		zdb_catalog_setting(catalog, sql, len);
	return zdb_arena_failed(&catalog->arena) ? zdb_err_nomem(err) : ZDB_OK;
}
