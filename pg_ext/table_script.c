/*
 * table_script - the rows of one table of a script of PostgreSQL
 */
#include "pg_ext/table_rows.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "core/dump/catalog.h"
#include "core/dump/script.h"
#include "core/dump/token.h"
#include "pg_ext/copy_row.h"
#include "pg_ext/survey.h"

/* As high as a chain of partitions may be; see core/dump/catalog.c. */
#define ANCESTORS_MAX 100

typedef struct zdbpg_script_table
{
	const zdbpg_table_rows *wanted;
	zdb_catalog *catalog;
	zdb_arena *of_copy; /* names of the present COPY */
	zdb_script *script; /* what is read now; NULL: go on with chunk at */
	MemoryContext run;  /* owns it */
	uint64 at, end;     /* chunks, of an indexed file */
	bool known;         /* the script has such a table */
	bool ended;
	/* the present block of rows; from is NULL: there is none */
	const zdb_pg_table *from;
	MemoryContext block;
	zdbpg_copy_row row;
	uint64 number; /* of the row */
} zdbpg_script_table;

static void
free_script(void *script)
{
	zdb_script_free(script);
}

static void
clear_arena(void *arena)
{
	if (arena)
		zdb_arena_clear(arena);
}

static void
clear_catalog(void *catalog)
{
	if (catalog)
		zdb_catalog_clear(catalog);
}

static void
note_encoding(zdbpg_script_table *self)
{
	const char *name = self->catalog->encoding;
	int encoding = name ? pg_char_to_encoding(name) : GetDatabaseEncoding();

	if (encoding < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the script asks for encoding \"%s\", which is "
							   "unknown here",
							   name)));
	self->row.encoding =
		encoding == PG_SQL_ASCII ? GetDatabaseEncoding() : encoding;
}

/* Names between the server's encoding and the script's. */
static char *
from_script(const zdbpg_script_table *self, const char *name)
{
	return pg_any_to_server(name, (int) strlen(name), self->row.encoding);
}

static char *
to_script(const zdbpg_script_table *self, const char *name)
{
	return pg_server_to_any(name, (int) strlen(name), self->row.encoding);
}

static void
name_value(void *arg)
{
	const zdbpg_script_table *self = arg;
	int column = self->row.column;

	if (self->from)
		errcontext(
			"table \"%s\".\"%s\", row " UINT64_FORMAT "%s%s%s of \"%s\"",
			from_script(self, self->from->schema),
			from_script(self, self->from->name), self->number,
			column ? ", column \"" : "",
			column
				? NameStr(TupleDescAttr(self->row.desc, column - 1)->attname)
				: "",
			column ? "\"" : "", zdb_reader_source(self->wanted->reader)->name);
}

static bool
is_below(const zdb_pg_table *table, const zdb_pg_table *root)
{
	for (int i = 0; table && i < ANCESTORS_MAX; i++)
	{
		if (table == root)
			return true;
		table = table->partition_of;
	}
	return false;
}

/* The names are in the script's encoding. */
static zdb_pg_table *
entry_of(zdbpg_script_table *self, const char *schema, const char *name)
{
	zdb_catalog *catalog = self->catalog;
	zdb_pg_table *table = zdb_catalog_find(catalog, schema, name);

	if (!table)
		table = zdb_catalog_table(
			catalog, zdb_arena_format(&catalog->arena, "%s", schema),
			zdb_arena_format(&catalog->arena, "%s", name));
	if (!table || zdb_arena_failed(&catalog->arena))
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return table;
}

static zdb_pg_table *
wanted_entry(zdbpg_script_table *self)
{
	return entry_of(self, to_script(self, self->wanted->schema),
					to_script(self, self->wanted->table));
}

/* Rows of partitions are the root's. A partition's own cannot be told from
 * the others' when they were dumped as those of its root. */
static const zdb_pg_table *
wanted_rows(zdbpg_script_table *self, const char *schema, const char *name)
{
	const zdb_pg_table *wanted = wanted_entry(self);
	const zdb_pg_table *table = entry_of(self, schema, name);

	if (is_below(table, wanted))
		return table;
	if (is_below(wanted, table))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the backup keeps the rows of partition \"%s\" with "
						"those of \"%s\"",
						self->wanted->table, from_script(self, name)),
				 errhint("Select from the root, with a condition.")));
	return NULL;
}

static void
open_script(zdbpg_script_table *self, uint64 first, uint64 end)
{
	MemoryContext before = MemoryContextSwitchTo(self->run);
	zdb_script **slot = palloc0(sizeof *slot);
	zdb_err err = {0};

	zdbpg_own((void **) slot, free_script);
	zdbpg_check(zdb_script_open(self->wanted->reader, first, end,
								&self->wanted->call->host, slot, &err),
				&err);
	self->script = *slot;
	MemoryContextSwitchTo(before);
}

static void
close_script(zdbpg_script_table *self)
{
	self->script = NULL;
	MemoryContextReset(self->run);
}

static bool
is_wanted(zdbpg_script_table *self, const zdb_table *table)
{
	return wanted_rows(self, to_script(self, zdbpg_from_utf8(table->schema)),
					   to_script(self, zdbpg_from_utf8(table->name))) != NULL;
}

/* The next chunks of rows that are wanted; false: there are none. */
static bool
next_run(zdbpg_script_table *self)
{
	zdb_reader *reader = self->wanted->reader;
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	uint64 first;
	zdb_entry entry, next;
	zdb_err err = {0};

	while (self->at < self->end)
	{
		first = self->at;
		zdbpg_check(zdb_reader_entry(reader, first, &entry, &err), &err);
		for (self->at++; self->at < self->end; self->at++)
		{
			zdbpg_check(zdb_reader_entry(reader, self->at, &next, &err), &err);
			if (next.table != entry.table)
				break;
		}
		if (entry.table == 0 || entry.table > manifest->table_count ||
			!is_wanted(self, &manifest->tables[entry.table - 1]))
			continue;
		open_script(self, first, self->at);
		return true;
	}
	return false;
}

/* The columns of its rows: pg_dump lists them. */
static List *
columns_of(const zdbpg_script_table *self, const zdb_pg_copy *copy,
		   const zdb_pg_table *table)
{
	const zdb_pg_column *column = copy->columns ? NULL : table->columns;
	const zdb_pg_name *name = copy->columns;
	List *columns = NIL;

	for (; name; name = name->next)
		columns = lappend(columns, from_script(self, name->text));
	for (; column; column = column->next)
		if (!column->generated)
			columns = lappend(columns, from_script(self, column->name));
	return columns;
}

static void
skip_rows(zdbpg_script_table *self)
{
	zdb_err err = {0};

	zdbpg_check(zdb_script_pass_rows(self->script, &err), &err);
}

/* Begin with the rows that follow a COPY, if they are wanted. */
static void
take_copy(zdbpg_script_table *self, const zdb_pg_copy *copy)
{
	const zdb_pg_table *table = wanted_rows(self, copy->schema, copy->name);
	MemoryContext before;

	if (!table)
	{
		skip_rows(self);
		return;
	}
	if (!copy->plain)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the rows of table \"%s\" are not in pg_dump's format",
						self->wanted->table)));
	self->known = true;
	MemoryContextReset(self->block);
	before = MemoryContextSwitchTo(self->block);
	zdbpg_copy_row_columns(&self->row, self->wanted->relid,
						   columns_of(self, copy, table));
	MemoryContextSwitchTo(before);
	self->from = table;
}

static void
refuse_insert(const zdb_script_item *item)
{
	zdb_tokens tokens;

	zdb_tokens_open(&tokens, item->text, item->len);
	if (zdb_token_is(&tokens, "insert"))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the script has its rows as INSERT statements"),
				 errhint("Dump without --inserts and --column-inserts.")));
}

static void
take_statement(zdbpg_script_table *self, const zdb_script_item *item)
{
	zdb_pg_copy copy;
	zdb_err err = {0};

	zdb_arena_clear(self->of_copy);
	if (zdb_catalog_copy(self->catalog, item->text, item->len, self->of_copy,
						 &copy))
		take_copy(self, &copy);
	else
	{
		refuse_insert(item);
		zdbpg_check(
			zdb_catalog_take(self->catalog, item->text, item->len, &err),
			&err);
		note_encoding(self);
	}
}

static void
refuse_command(const zdb_script_item *item)
{
	if (strncmp(item->text, "\\restrict ", 10) == 0 ||
		strncmp(item->text, "\\unrestrict ", 12) == 0)
		return;
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("the script has a command for psql: \"%.60s\"",
						   zdbpg_from_utf8(item->text))));
}

/* Go on to the next block of rows; false at the end of what is read now. */
static bool
next_block(zdbpg_script_table *self)
{
	zdb_script_item item;
	zdb_err err = {0};

	while (!self->from)
	{
		CHECK_FOR_INTERRUPTS();
		zdbpg_check(zdb_script_next(self->script, &item, &err), &err);
		if (item.kind == ZDB_SCRIPT_END)
			return false;
		if (item.kind == ZDB_SCRIPT_COMMAND)
			refuse_command(&item);
		else
			take_statement(self, &item);
	}
	return true;
}

/* A row of the present block; false: it has no more. */
static bool
next_row(zdbpg_script_table *self, Datum *values, bool *nulls)
{
	char *line;
	size_t len;
	zdb_err err = {0};

	zdbpg_check(zdb_script_row(self->script, &line, &len, &err), &err);
	if (!line)
	{
		self->from = NULL;
		return false;
	}
	self->number++;
	zdbpg_copy_row_read(&self->row, line, len, values, nulls);
	return true;
}

static bool
is_indexed(const zdbpg_script_table *self)
{
	return zdb_reader_footer(self->wanted->reader) != NULL;
}

/* What the wanted table is must be known before its rows are looked for. */
static void
read_definitions(zdbpg_script_table *self, uint64 end)
{
	const zdb_manifest *manifest = zdb_reader_manifest(self->wanted->reader);

	open_script(self, 0, end);
	if (end > 0)
		(void) next_block(self);
	close_script(self);
	self->known = wanted_entry(self)->made;
	for (uint32 i = 0; i < manifest->table_count; i++)
		if (strcmp(zdbpg_from_utf8(manifest->tables[i].schema),
				   self->wanted->schema) == 0 &&
			strcmp(zdbpg_from_utf8(manifest->tables[i].name),
				   self->wanted->table) == 0)
			self->known = true;
	if (!self->known)
		zdbpg_table_rows_missing(self->wanted);
}

zdbpg_script_table *
zdbpg_script_table_open(zdbpg_table_rows *wanted)
{
	zdbpg_script_table *self = palloc0(sizeof *self);
	zdb_catalog **catalog = palloc0(sizeof *catalog);
	zdb_arena **arena = palloc0(sizeof *arena);
	zdbpg_layout layout;

	self->wanted = wanted;
	self->row.desc = wanted->desc;
	self->row.input = TupleDescGetAttInMetadata(wanted->desc);
	self->row.encoding = GetDatabaseEncoding();
	zdbpg_own((void **) catalog, clear_catalog);
	*catalog = palloc0(sizeof **catalog);
	self->catalog = *catalog;
	zdbpg_own((void **) arena, clear_arena);
	*arena = palloc0(sizeof **arena);
	self->of_copy = *arena;
	self->run = AllocSetContextCreate(CurrentMemoryContext, "zdbackup script",
									  ALLOCSET_SMALL_SIZES);
	self->block = AllocSetContextCreate(CurrentMemoryContext, "zdbackup block",
										ALLOCSET_SMALL_SIZES);
	if (!is_indexed(self))
		open_script(self, 0, 0);
	else
	{
		layout = zdbpg_layout_of(wanted->reader);
		read_definitions(self, layout.begin);
		self->at = layout.begin;
		self->end = layout.end;
	}
	return self;
}

static bool
next(zdbpg_script_table *self, Datum *values, bool *nulls)
{
	while (!self->ended)
	{
		if (!self->script && !next_run(self))
			break;
		if (next_block(self))
		{
			if (next_row(self, values, nulls))
				return true;
			continue;
		}
		close_script(self);
		self->ended = !is_indexed(self);
	}
	self->ended = true;
	self->known = self->known || wanted_entry(self)->made;
	if (!self->known)
		zdbpg_table_rows_missing(self->wanted);
	return false;
}

bool
zdbpg_script_table_next(zdbpg_script_table *self, Datum *values, bool *nulls)
{
	ErrorContextCallback context = {error_context_stack, name_value, self};
	bool more;

	error_context_stack = &context;
	more = next(self, values, nulls);
	error_context_stack = context.previous;
	return more;
}
