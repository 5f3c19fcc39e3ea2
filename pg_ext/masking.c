/*
 * masking - which rules of a mask a backup's columns get
 */
#include "pg_ext/masking.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "core/age/secret.h"
#include "core/dump/catalog.h"
#include "core/dump/script.h"
#include "core/dump/token.h"
#include "pg_ext/mask.h"
#include "pg_ext/survey.h"

/* As far as tables inherit from one another; a script may go in circles. */
#define ANCESTORS_MAX 100

/* Core's objects that a plan needs for a while. */
typedef struct planning
{
	zdbpg_call *call;
	zdb_reader *reader;
	zdb_catalog catalog;
	zdb_script *script;
	int encoding; /* of the catalog's names */
	zdb_mask *mask;
} planning;

static void
release_planning(void *object)
{
	planning *self = object;

	if (!self)
		return;
	zdb_script_free(self->script);
	zdb_catalog_clear(&self->catalog);
}

static void
release_masking(void *object)
{
	zdbpg_masking *self = object;

	if (!self)
		return;
	if (self->dump)
		zdb_age_wipe(self->dump, strlen(self->dump));
	free(self->dump);
	zdb_mask_clear(&self->mask);
}

static void
pass_rows(planning *self)
{
	zdb_err err = {0};

	zdbpg_check(zdb_script_pass_rows(self->script, &err), &err);
}

/* Rows that do not come by COPY would not be masked. */
static void
refuse_insert(const zdb_script_item *item)
{
	zdb_tokens tokens;

	zdb_tokens_open(&tokens, item->text, item->len);
	if (zdb_token_is(&tokens, "insert"))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the script has its rows as INSERT statements, which "
						"cannot be masked"),
				 errhint("Dump without --inserts and --column-inserts.")));
}

static void
take_statement(planning *self, const zdb_script_item *item)
{
	zdb_arena names = {0};
	zdb_pg_copy copy;
	zdb_err err = {0};
	bool rows =
		zdb_catalog_copy(&self->catalog, item->text, item->len, &names, &copy);

	zdb_arena_clear(&names);
	if (rows)
	{
		pass_rows(self);
		return;
	}
	refuse_insert(item);
	zdbpg_check(zdb_catalog_take(&self->catalog, item->text, item->len, &err),
				&err);
}

static void
read_range(planning *self, uint64 first, uint64 end)
{
	zdb_script_item item;
	zdb_err err = {0};

	zdbpg_check(zdb_script_open(self->reader, first, end, &self->call->host,
								&self->script, &err),
				&err);
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		zdbpg_check(zdb_script_next(self->script, &item, &err), &err);
		if (item.kind == ZDB_SCRIPT_END)
			break;
		if (item.kind == ZDB_SCRIPT_STATEMENT)
			take_statement(self, &item);
	}
	zdb_script_free(self->script);
	self->script = NULL;
}

static void
read_definitions(planning *self)
{
	const char *name;

	if (zdb_reader_footer(self->reader))
	{
		zdbpg_layout layout = zdbpg_layout_of(self->reader);

		read_range(self, 0, layout.begin);
		read_range(self, layout.end, layout.chunks);
	}
	else
		read_range(self, 0, 0);
	name = self->catalog.encoding;
	self->encoding = name ? pg_char_to_encoding(name) : -1;
	if (self->encoding < 0 || self->encoding == PG_SQL_ASCII)
		self->encoding = GetDatabaseEncoding();
}

/* A name of the script in UTF-8. */
static char *
utf8(const planning *self, const char *name)
{
	return zdbpg_to_utf8(
		pg_any_to_server(name, (int) strlen(name), self->encoding));
}

static zdb_mask_type
type_of(const zdb_pg_type *type)
{
	if (type->array)
		return ZDB_MASK_OTHER;
	if (type->kind == ZDB_PG_INTEGER)
		return ZDB_MASK_INTEGER;
	if (type->kind == ZDB_PG_UUID)
		return ZDB_MASK_UUID;
	return type->text ? ZDB_MASK_TEXT : ZDB_MASK_OTHER;
}

static void *
made(void *object)
{
	if (!object)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return object;
}

/* Its own, and those that it inherits. */
static void
add_columns(planning *self, zdb_mask_table *to, const zdb_pg_table *from,
			int depth)
{
	for (const zdb_pg_column *one = from->columns; one; one = one->next)
	{
		char *name = utf8(self, one->name);
		zdb_mask_column *column;

		if (zdb_mask_column_of(self->mask, to, name))
			continue;
		column = made(zdb_mask_add_column(self->mask, to, name));
		column->type = type_of(&one->type);
		column->length_max = one->type.text ? one->type.precision : 0;
		column->nocase = one->type.nocase;
		column->rtrim = one->type.padded;
		column->not_null = one->not_null;
		column->generated = one->generated;
	}
	for (const zdb_pg_parent *parent = from->inherits;
		 parent && depth < ANCESTORS_MAX; parent = parent->next)
		add_columns(self, to, parent->table, depth + 1);
}

static zdb_mask_column *
column_of(const planning *self, const zdb_pg_table *table, const char *name)
{
	return zdb_mask_column_of(self->mask, table->user, utf8(self, name));
}

static void
add_keys(planning *self, const zdb_pg_table *table)
{
	for (const zdb_pg_key *key = table->keys; key; key = key->next)
		for (const zdb_pg_name *name = key->columns; name; name = name->next)
		{
			zdb_mask_column *column = column_of(self, table, name->text);

			if (!column)
				continue;
			column->keyed = true;
			column->unique = column->unique || !key->columns->next;
			column->not_null = column->not_null || key->primary;
		}
}

static const zdb_pg_name *
primary_key(const zdb_pg_table *table)
{
	const zdb_pg_key *key = table->keys;

	while (key && !key->primary)
		key = key->next;
	return key ? key->columns : NULL;
}

static void
link_foreign(planning *self, const zdb_pg_table *table,
			 const zdb_pg_foreign *foreign)
{
	const zdb_pg_name *from = foreign->columns;
	const zdb_pg_name *to = foreign->parent_columns
								? foreign->parent_columns
								: primary_key(foreign->parent);
	zdb_err err = {0};

	for (; from && to; from = from->next, to = to->next)
		zdbpg_check(zdb_mask_link(self->mask,
								  column_of(self, table, from->text),
								  column_of(self, foreign->parent, to->text),
								  true, &err),
					&err);
}

/* Of a partition, and of a table that inherits. */
static void
link_part(planning *self, const zdb_pg_table *table,
		  const zdb_pg_table *parent)
{
	const zdb_mask_table *of = parent->user;
	zdb_err err = {0};

	for (zdb_mask_column *to = of ? of->columns : NULL; to; to = to->next)
		zdbpg_check(zdb_mask_link(
						self->mask,
						zdb_mask_column_of(self->mask, table->user, to->name),
						to, false, &err),
					&err);
}

static void
link_table(planning *self, const zdb_pg_table *table)
{
	for (const zdb_pg_foreign *one = table->foreign; one; one = one->next)
		link_foreign(self, table, one);
	for (const zdb_pg_parent *one = table->inherits; one; one = one->next)
		link_part(self, table, one->table);
	if (table->partition_of)
		link_part(self, table, table->partition_of);
}

static void
count_rows(planning *self)
{
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);

	for (uint32 i = 0; manifest && i < manifest->table_count; i++)
	{
		zdb_mask_table *table = zdb_mask_find(
			self->mask, manifest->tables[i].schema, manifest->tables[i].name);

		if (table)
			table->rows = manifest->tables[i].rows;
	}
}

static void
add_facts(planning *self)
{
	zdb_pg_table *table;

	for (table = self->catalog.tables; table; table = table->next)
		if (table->made)
		{
			table->user =
				made(zdb_mask_add_table(self->mask, utf8(self, table->schema),
										utf8(self, table->name)));
			add_columns(self, table->user, table, 0);
			add_keys(self, table);
		}
	for (table = self->catalog.tables; table; table = table->next)
		if (table->user)
			link_table(self, table);
	count_rows(self);
}

/* An expression that cannot be one is found before anything is made. */
static void
check_expressions(const zdb_mask *mask)
{
	for (const zdb_mask_table *table = mask->tables; table;
		 table = table->next)
		for (const zdb_mask_column *column = table->columns; column;
			 column = column->next)
			if (column->kind == ZDB_MASK_SQL)
				zdbpg_mask_parse(column);
}

zdbpg_masking *
zdbpg_masking_plan(zdbpg_call *call, zdb_reader *reader)
{
	zdbpg_masking **masking = palloc0(sizeof *masking);
	planning **plan = palloc0(sizeof *plan);
	json_t *dump;
	zdb_err err = {0};

	zdbpg_own((void **) masking, release_masking);
	*masking = palloc0(sizeof **masking);
	zdbpg_own((void **) plan, release_planning);
	*plan = palloc0(sizeof **plan);
	(*plan)->call = call;
	(*plan)->reader = reader;
	(*plan)->mask = &(*masking)->mask;
	read_definitions(*plan);
	add_facts(*plan);
	zdbpg_check(zdb_mask_take(&(*masking)->mask, call->options.mask, &err),
				&err);
	check_expressions(&(*masking)->mask);
	zdbpg_check(zdb_mask_set_key(
					&(*masking)->mask,
					zdb_settings_get(call->settings, ZDB_SET_MASK_KEY, &err),
					&err),
				&err);
	zdbpg_check(err.code, &err);
	dump = zdb_mask_dump(&(*masking)->mask);
	(*masking)->dump = json_dumps(dump, JSON_COMPACT);
	json_decref(dump);
	made((*masking)->dump);
	return *masking;
}
