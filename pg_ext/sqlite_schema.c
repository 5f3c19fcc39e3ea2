/*
 * sqlite_schema - what a SQLite database says about tables that are to be
 * made here
 */
#include "pg_ext/sqlite_schema.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "pg_ext/sqlite_file.h"
#include "pg_ext/sqlite_names.h"

#include "core/lite/token.h"

/* What pragma table_xinfo calls hidden: computed when it is read. */
#define HIDDEN_VIRTUAL 2

static void
clear_arena(void *arena)
{
	if (arena)
		zdb_arena_clear(arena);
}

zdb_arena *
zdbpg_lite_arena(void)
{
	zdb_arena *arena = palloc0(sizeof *arena);
	void **slot = palloc(sizeof *slot);

	*slot = arena;
	zdbpg_own(slot, clear_arena);
	return arena;
}

static bool
flag_at(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_int(stmt, column) != 0;
}

/* BINARY is what is usual. */
static char *
collation_of(char *name)
{
	return name && !zdb_lite_same(name, "BINARY") ? name : NULL;
}

static const char *
generated_by(const zdbpg_lite_table *table, const char *column)
{
	for (const zdb_lite_part *part = table->parts; part; part = part->next)
		if (part->kind == ZDB_LITE_GENERATED &&
			zdb_lite_same(part->column, column))
			return part->sql;
	return "NULL";
}

/* A virtual column may need a function of the program's. */
static bool
can_be_read(zdbpg_source *source, const char *table, const char *column)
{
	char *sql = psprintf("SELECT %s FROM main.%s", zdbpg_sqlite_quote(column),
						 zdbpg_sqlite_quote(table));
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(source->image, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return false;
	do
		rc = sqlite3_step(stmt);
	while (rc == SQLITE_ROW);
	sqlite3_finalize(stmt);
	CHECK_FOR_INTERRUPTS();
	return rc == SQLITE_DONE;
}

static void
read_columns(zdbpg_source *source, zdbpg_lite_table *table)
{
	const char *name = zdbpg_to_utf8(table->name), *collation;
	sqlite3_stmt *stmt = zdbpg_sqlite_prepare(
		source->image,
		"SELECT name, type, \"notnull\", dflt_value, hidden FROM "
		"pragma_table_xinfo(%Q) WHERE hidden <> 1 ORDER BY cid",
		name);

	while (zdbpg_sqlite_step(stmt))
	{
		zdbpg_lite_column *column = palloc0(sizeof *column);
		bool virtual = sqlite3_column_int(stmt, 4) == HIDDEN_VIRTUAL;

		column->name = zdbpg_sqlite_name(stmt, 0);
		if (virtual && !can_be_read(source, table->name, column->name))
		{
			zdbpg_lite_untranslated(source, table->name, "generated column",
									column->name,
									generated_by(table, column->name),
									"SQLite cannot compute it here");
			continue;
		}
		column->here = zdbpg_sqlite_cut(column->name);
		column->declared = zdbpg_sqlite_name(stmt, 1);
		if (!column->declared)
			column->declared = "";
		column->not_null = flag_at(stmt, 2);
		column->preset = zdbpg_sqlite_name(stmt, 3);
		if (flag_at(stmt, 4))
			column->expression = generated_by(table, column->name);
		if (sqlite3_table_column_metadata(
				source->image, "main", name,
				(const char *) sqlite3_column_text(stmt, 0), NULL, &collation,
				NULL, NULL, NULL) == SQLITE_OK)
			column->collation = collation_of(pstrdup(collation));
		column->values.declared = zdb_lite_declared_of(column->declared);
		table->columns = lappend(table->columns, column);
	}
}

zdbpg_lite_column *
zdbpg_lite_column_of(const zdbpg_lite_table *table, const char *name)
{
	ListCell *cell;

	foreach(cell, table->columns)
	{
		zdbpg_lite_column *column = lfirst(cell);

		if (zdb_lite_same(column->name, name))
			return column;
	}
	return NULL;
}

/* Text, or NULL. */
static char *
query_text(zdbpg_source *source, const char *sql, const char *arg)
{
	sqlite3_stmt *stmt =
		zdbpg_sqlite_prepare(source->image, sql, zdbpg_to_utf8(arg));

	return zdbpg_sqlite_step(stmt) ? zdbpg_sqlite_name(stmt, 0) : NULL;
}

/* Its columns, with what the statement says of expressions. */
static void
read_elements(zdbpg_source *source, const zdbpg_lite_table *table,
			  const char *name, zdbpg_lite_index *index,
			  const zdb_lite_part *part)
{
	sqlite3_stmt *stmt = zdbpg_sqlite_prepare(
		source->image,
		"SELECT name, \"desc\", coll FROM pragma_index_xinfo(%Q) WHERE \"key\""
		" ORDER BY seqno",
		zdbpg_to_utf8(name));

	while (zdbpg_sqlite_step(stmt))
	{
		zdbpg_lite_element *element = palloc0(sizeof *element);
		char *column = zdbpg_sqlite_name(stmt, 0);

		element->column = column ? zdbpg_lite_column_of(table, column) : NULL;
		element->descends = flag_at(stmt, 1);
		element->collation = collation_of(zdbpg_sqlite_name(stmt, 2));
		if (!element->column)
			element->expression = part ? part->sql : "NULL";
		index->elements = lappend(index->elements, element);
		part = part ? part->next : NULL;
	}
	if (part && part->kind == ZDB_LITE_WHERE)
		index->where = part->sql;
}

static void
read_indexes(zdbpg_source *source, zdbpg_lite_table *table, zdb_arena *arena)
{
	sqlite3_stmt *stmt = zdbpg_sqlite_prepare(
		source->image,
		"SELECT name, \"unique\", origin FROM pragma_index_list(%Q) ORDER BY "
		"seq DESC",
		zdbpg_to_utf8(table->name));

	while (zdbpg_sqlite_step(stmt))
	{
		zdbpg_lite_index *index = palloc0(sizeof *index);
		char *name = zdbpg_sqlite_name(stmt, 0);
		const char *origin = (const char *) sqlite3_column_text(stmt, 2);

		index->unique = flag_at(stmt, 1);
		index->primary = strcmp(origin, "pk") == 0;
		if (strcmp(origin, "c") == 0)
		{
			index->name = name;
			index->sql = query_text(source,
									"SELECT sql FROM sqlite_schema WHERE type "
									"= 'index' AND name = %Q",
									name);
		}
		read_elements(source, table, name, index,
					  index->sql ? zdb_lite_index_parts(arena, index->sql)
								 : NULL);
		table->indexes = lappend(table->indexes, index);
	}
}

/* INTEGER PRIMARY KEY has no index: it is the rowid. */
static void
find_identity(zdbpg_source *source, zdbpg_lite_table *table)
{
	char *key;
	ListCell *cell;

	foreach(cell, table->indexes)
	{
		const zdbpg_lite_index *index = lfirst(cell);

		if (index->primary)
			return;
	}
	key =
		query_text(source, "SELECT name FROM pragma_table_xinfo(%Q) WHERE pk",
				   table->name);
	if (key && table->has_rowid && zdbpg_lite_column_of(table, key))
		zdbpg_lite_column_of(table, key)->identity = true;
}

List *
zdbpg_lite_indexed(const zdbpg_lite_index *index)
{
	List *columns = NIL;
	ListCell *cell;

	foreach(cell, index->elements)
	{
		const zdbpg_lite_element *element = lfirst(cell);

		columns = lappend(columns, element->column);
	}
	return columns;
}

List *
zdbpg_lite_primary(const zdbpg_lite_table *table)
{
	ListCell *cell;

	foreach(cell, table->columns)
	{
		zdbpg_lite_column *column = lfirst(cell);

		if (column->identity)
			return list_make1(column);
	}
	foreach(cell, table->indexes)
	{
		const zdbpg_lite_index *index = lfirst(cell);

		if (index->primary)
			return zdbpg_lite_indexed(index);
	}
	return NIL;
}

/* The names and DEFERRABLE of foreign keys stand in the statement only. */
static void
name_foreign(zdbpg_lite_table *table)
{
	int told = 0;
	ListCell *cell = list_head(table->foreign);

	for (const zdb_lite_part *part = table->parts; part; part = part->next)
		told += part->kind == ZDB_LITE_FOREIGN;
	if (told != list_length(table->foreign))
		return;
	for (const zdb_lite_part *part = table->parts; part; part = part->next)
	{
		zdbpg_lite_foreign *foreign;

		if (part->kind != ZDB_LITE_FOREIGN)
			continue;
		foreign = lfirst(cell);
		foreign->name = part->name;
		foreign->deferred = part->deferred;
		cell = lnext(table->foreign, cell);
	}
}

static void
read_foreign(zdbpg_source *source, zdbpg_lite_table *table)
{
	zdbpg_lite_foreign *foreign = NULL;
	sqlite3_stmt *stmt = zdbpg_sqlite_prepare(
		source->image,
		"SELECT seq, \"table\", \"from\", \"to\", on_update, on_delete FROM "
		"pragma_foreign_key_list(%Q) ORDER BY id DESC, seq",
		zdbpg_to_utf8(table->name));

	while (zdbpg_sqlite_step(stmt))
	{
		char *parent_column = zdbpg_sqlite_name(stmt, 3);
		zdbpg_lite_column *column =
			zdbpg_lite_column_of(table, zdbpg_sqlite_name(stmt, 2));

		if (!column)
			continue;
		if (!flag_at(stmt, 0) || !foreign)
		{
			foreign = palloc0(sizeof *foreign);
			foreign->parent = zdbpg_sqlite_name(stmt, 1);
			foreign->on_update = zdbpg_sqlite_name(stmt, 4);
			foreign->on_delete = zdbpg_sqlite_name(stmt, 5);
			table->foreign = lappend(table->foreign, foreign);
		}
		foreign->columns = lappend(foreign->columns, column);
		if (parent_column)
			foreign->parent_columns =
				lappend(foreign->parent_columns, parent_column);
	}
	name_foreign(table);
}

static int64
last_id(zdbpg_source *source, const char *table)
{
	sqlite3_stmt *stmt = zdbpg_sqlite_prepare(
		source->image,
		"SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'");

	if (!zdbpg_sqlite_step(stmt))
		return 0;
	stmt = zdbpg_sqlite_prepare(
		source->image,
		"SELECT seq FROM sqlite_sequence WHERE name = %Q AND typeof(seq) = "
		"'integer'",
		zdbpg_to_utf8(table));
	return zdbpg_sqlite_step(stmt) ? sqlite3_column_int64(stmt, 0) : 0;
}

zdbpg_lite_table *
zdbpg_lite_table_read(zdbpg_source *source, const char *name,
					  const char *schema)
{
	zdbpg_lite_table *table = palloc0(sizeof *table);
	zdb_arena *arena = zdbpg_lite_arena();
	char *sql;

	table->name = pstrdup(name);
	table->here = zdbpg_sqlite_cut(name);
	table->schema = schema;
	sql = query_text(source,
					 "SELECT sql FROM sqlite_schema WHERE type = 'table' AND "
					 "name = %Q",
					 name);
	table->parts = zdb_lite_table_parts(arena, sql ? sql : "");
	table->has_rowid = query_text(source,
								  "SELECT 'yes' FROM pragma_table_list WHERE "
								  "schema = 'main' AND name = %Q AND NOT wr",
								  name) != NULL;
	table->last_id = last_id(source, name);
	read_columns(source, table);
	read_indexes(source, table, arena);
	find_identity(source, table);
	read_foreign(source, table);
	if (zdb_arena_failed(arena))
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return table;
}

zdbpg_lite_column *
zdbpg_lite_leader(zdbpg_lite_column *column)
{
	while (column->leader)
		column = column->leader;
	return column;
}

List *
zdbpg_lite_here(List *columns)
{
	List *names = NIL;
	ListCell *cell;

	foreach(cell, columns)
	{
		const zdbpg_lite_column *column = lfirst(cell);

		names = lappend(names, column->here);
	}
	return names;
}

char *
zdbpg_lite_full_name(const zdbpg_lite_table *table)
{
	return quote_qualified_identifier(table->schema, table->here);
}

const char *
zdbpg_lite_parent_schema(const zdbpg_lite_foreign *foreign)
{
	return foreign->made
			   ? foreign->made->schema
			   : get_namespace_name(get_rel_namespace(foreign->relid));
}

const char *
zdbpg_lite_parent_name(const zdbpg_lite_foreign *foreign)
{
	return foreign->made ? foreign->made->here : get_rel_name(foreign->relid);
}

static json_t *
text_or_null(const char *text)
{
	return text ? json_string(zdbpg_to_utf8(text)) : json_null();
}

void
zdbpg_lite_untranslated(zdbpg_source *source, const char *table,
						const char *kind, const char *name, const char *sql,
						const char *reason)
{
	json_array_append_new(
		json_object_get(source->call->report, "untranslated"),
		json_pack("{s:o, s:s, s:o, s:o, s:s}", "table", text_or_null(table),
				  "kind", kind, "name", text_or_null(name), "sql",
				  text_or_null(sql), "reason", zdbpg_to_utf8(reason)));
}
