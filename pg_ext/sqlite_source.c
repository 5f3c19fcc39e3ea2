/*
 * sqlite_source - the rows of a SQLite database in temporary tables
 */
#include "pg_ext/sqlite_source.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "pg_ext/progress.h"
#include "pg_ext/sqlite_create.h"
#include "pg_ext/sqlite_file.h"
#include "pg_ext/sqlite_names.h"
#include "pg_ext/sqlite_rows.h"

/* A table of the SQLite database, and its live one. */
typedef struct image_table
{
	char *name;
	zdbpg_source_table *live;
	const zdbpg_lite_table *made; /* the same, if it was made just now */
} image_table;

static List *
names_of(const zdbpg_source *source, Oid relid, const char *sql,
		 const char *arg)
{
	sqlite3_stmt *stmt = zdbpg_sqlite_prepare(source->image, sql, arg);
	List *names = NIL;

	while (zdbpg_sqlite_step(stmt))
	{
		char *name = zdbpg_sqlite_name(stmt, 0);

		if (!name) /* an expression in an index */
			return NIL;
		names =
			lappend(names, OidIsValid(relid) ? zdbpg_sqlite_column(relid, name)
											 : name);
	}
	return names;
}

static List *
as_strings(List *names)
{
	List *strings = NIL;
	ListCell *cell;

	foreach(cell, names) strings = lappend(strings, makeString(lfirst(cell)));
	return strings;
}

/* Keys without a NULL in them, and whole unique indexes. */
static void
note_unique(zdbpg_source *source, const image_table *table)
{
	Oid relid = table->live->relid;
	List *key = names_of(source, relid,
						 "SELECT name FROM pragma_table_xinfo(%Q) WHERE pk "
						 "ORDER BY pk",
						 zdbpg_to_utf8(table->name));
	ListCell *cell;

	if (key != NIL)
		table->live->unique = lappend(table->live->unique, as_strings(key));
	foreach(cell, names_of(source, InvalidOid,
						   "SELECT name FROM pragma_index_list(%Q) WHERE "
						   "\"unique\" AND NOT partial",
						   zdbpg_to_utf8(table->name)))
	{
		key = names_of(source, relid,
					   "SELECT name FROM pragma_index_info(%Q) ORDER BY seqno",
					   zdbpg_to_utf8(lfirst(cell)));
		if (key != NIL)
			table->live->unique =
				lappend(table->live->unique, as_strings(key));
	}
}

static const zdbpg_lite_table *
made_as(const zdbpg_source *source, Oid relid)
{
	ListCell *cell;

	foreach(cell, source->made)
	{
		const zdbpg_lite_table *table = lfirst(cell);

		if (table->relid == relid)
			return table;
	}
	return NULL;
}

/* False: it is not here, and wanted. */
static bool
take_table(zdbpg_source *source, char *name)
{
	Oid relid = zdbpg_sqlite_find(source, name);
	const char *schema = zdbpg_sqlite_schema(source);
	image_table *table;

	if (!OidIsValid(relid))
		return !zdb_merge_wants(source->merge, zdbpg_to_utf8(schema),
								zdbpg_to_utf8(name));
	table = palloc0(sizeof *table);
	table->name = name;
	table->made = made_as(source, relid);
	table->live = zdbpg_source_table_for(
		source, get_namespace_name(get_rel_namespace(relid)),
		get_rel_name(relid));
	if (!table->live)
		return true;
	source->image_tables = lappend(source->image_tables, table);
	note_unique(source, table);
	return true;
}

static List *
table_names(const zdbpg_source *source)
{
	return names_of(
		source, InvalidOid,
		"SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = "
		"'table' AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' ORDER BY name",
		NULL);
}

void
zdbpg_sqlite_tables(zdbpg_source *source)
{
	MemoryContext before = MemoryContextSwitchTo(source->context);
	List *missing = NIL;
	ListCell *cell;

	source->file = zdbpg_sqlite_open(source->reader);
	source->image = source->file->db;
	foreach(cell, table_names(source))
	{
		if (!take_table(source, lfirst(cell)))
			missing = lappend(missing, lfirst(cell));
	}
	if (zdb_merge_create_missing(source->merge))
		zdbpg_sqlite_create(source, missing);
	foreach(cell, missing)
	{
		if (!take_table(source, lfirst(cell)))
			source->missing = lappend(
				source->missing, psprintf("%s.%s", zdbpg_sqlite_schema(source),
										  (char *) lfirst(cell)));
	}
	MemoryContextSwitchTo(before);
}

static void
load_rows(zdbpg_sqlite_rows *rows, Relation rel)
{
	TupleTableSlot *slot =
		MakeSingleTupleTableSlot(rows->desc, &TTSOpsVirtual);
	BulkInsertState bulk = GetBulkInsertState();
	CommandId command = GetCurrentCommandId(true);
	MemoryContext own = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup row", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(own);

	while (zdbpg_sqlite_rows_next(rows, slot->tts_values, slot->tts_isnull))
	{
		ExecStoreVirtualTuple(slot);
		table_tuple_insert(rel, slot, command, TABLE_INSERT_SKIP_FSM, bulk);
		ExecClearTuple(slot);
		MemoryContextReset(own);
	}
	MemoryContextSwitchTo(before);
	MemoryContextDelete(own);
	ExecDropSingleTupleTableSlot(slot);
	FreeBulkInsertState(bulk);
	table_finish_bulk_insert(rel, TABLE_INSERT_SKIP_FSM);
}

/* A column's values; what is mixed and became bytes, as those. Reals with
 * all their digits. */
static char *
value_of(const image_table *table, const char *name)
{
	char *column = zdbpg_sqlite_quote(name);
	const zdbpg_lite_column *made =
		table->made ? zdbpg_lite_column_of(table->made, name) : NULL;

	if (!made || made->chosen.type != ZDB_LITE_BYTEA)
		return column;
	return psprintf("CAST(CASE typeof(%s) WHEN 'real' THEN printf('%%!.17g', "
					"%s) ELSE %s END AS BLOB)",
					column, column, column);
}

/* A table that was made has generated columns, too. */
static List *
columns_of(const zdbpg_source *source, const image_table *table)
{
	List *names = NIL;
	ListCell *cell;

	if (!table->made)
		return names_of(source, InvalidOid,
						"SELECT name FROM pragma_table_xinfo(%Q) WHERE hidden "
						"= 0 ORDER BY cid",
						zdbpg_to_utf8(table->name));
	foreach(cell, table->made->columns)
	{
		const zdbpg_lite_column *column = lfirst(cell);

		names = lappend(names, column->name);
	}
	return names;
}

/* The values of the temporary table's columns that the live table has. */
static int *
places(Oid relid, TupleDesc desc)
{
	int *from = palloc(desc->natts * sizeof *from);

	for (int i = 0; i < desc->natts; i++)
		from[i] =
			get_attnum(relid, NameStr(TupleDescAttr(desc, i)->attname)) > 0
				? i
				: -1;
	return from;
}

static void
load_table(zdbpg_source *source, const image_table *table)
{
	ErrorContextCallback context = {error_context_stack,
									zdbpg_sqlite_rows_context, NULL};
	List *columns = columns_of(source, table), *here = NIL, *values = NIL;
	zdbpg_sqlite_rows *rows;
	Relation rel;
	ListCell *cell;

	foreach(cell, columns)
	{
		here = lappend(here,
					   zdbpg_sqlite_column(table->live->relid, lfirst(cell)));
		values = lappend(values, value_of(table, lfirst(cell)));
	}
	zdbpg_source_make_raw(source, table->live, here);
	zdbpg_progress_table(table->live->schema, table->live->name);
	rel = table_openrv(
		makeRangeVar("pg_temp", psprintf("zdb:r%u", table->live->relid), -1),
		RowExclusiveLock);
	rows = zdbpg_sqlite_rows_open(
		source->image, table->name, RelationGetDescr(rel), values,
		places(table->live->relid, RelationGetDescr(rel)));
	context.arg = rows;
	error_context_stack = &context;
	load_rows(rows, rel);
	error_context_stack = context.previous;
	table_close(rel, NoLock);
	table->live->rows = rows->row;
}

void
zdbpg_sqlite_load(zdbpg_source *source)
{
	const zdb_image *image = source->file->over.database.image;
	ListCell *cell;

	foreach(cell, source->image_tables)
	{
		MemoryContext own = AllocSetContextCreate(
			CurrentMemoryContext, "zdbackup table", ALLOCSET_DEFAULT_SIZES);
		MemoryContext before = MemoryContextSwitchTo(own);

		load_table(source, lfirst(cell));
		MemoryContextSwitchTo(before);
		MemoryContextDelete(own);
	}
	if (!zdb_reader_footer(source->reader))
		zdbpg_sqlite_check_unchanged(source->file);
	source->chunks_read = zdb_image_chunks_read(image);
	source->image_bytes = zdb_image_kept_bytes(image);
	CommandCounterIncrement();
	zdbpg_sqlite_settle(source);
}
