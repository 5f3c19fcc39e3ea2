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
#include "pg_ext/sqlite_value.h"

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

/* Where rows go: a column of the SELECT for each of the temporary table's. */
typedef struct loading
{
	const image_table *table;
	sqlite3_stmt *stmt;
	int first; /* column of stmt */
	Relation rel;
	TupleDesc desc;
	FmgrInfo *input;
	Oid *io_param, *base;
	bool *here; /* the live table has it */
	int64 row;
	int column; /* from 1, or 0 */
} loading;

static void
name_value(void *arg)
{
	const loading *to = arg;
	const char *column =
		to->column ? NameStr(TupleDescAttr(to->desc, to->column - 1)->attname)
				   : NULL;
	const char *rowid =
		to->column && to->first
			? psprintf(" (rowid " INT64_FORMAT ")",
					   (int64) sqlite3_column_int64(to->stmt, 0))
			: "";

	if (column)
		errcontext("table \"%s\", row " INT64_FORMAT "%s, column \"%s\" of "
				   "the SQLite database",
				   to->table->name, to->row, rowid, column);
	else
		errcontext("table \"%s\" of the SQLite database", to->table->name);
}

static void
prepare_input(loading *to)
{
	int columns = to->desc->natts;

	to->input = palloc0(columns * sizeof *to->input);
	to->io_param = palloc0(columns * sizeof *to->io_param);
	to->base = palloc0(columns * sizeof *to->base);
	to->here = palloc0(columns * sizeof *to->here);
	for (int i = 0; i < columns; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(to->desc, i);
		Oid function;

		getTypeInputInfo(attribute->atttypid, &function, &to->io_param[i]);
		fmgr_info(function, &to->input[i]);
		to->base[i] = getBaseType(attribute->atttypid);
		to->here[i] = get_attnum(to->table->live->relid,
								 NameStr(attribute->attname)) > 0;
	}
}

static void
read_row(loading *to, TupleTableSlot *slot)
{
	ExecClearTuple(slot);
	for (int i = 0; i < to->desc->natts; i++)
	{
		char *text;

		to->column = i + 1;
		text = to->here[i]
				   ? zdbpg_sqlite_text(to->stmt, to->first + i, to->base[i])
				   : NULL;
		slot->tts_isnull[i] = text == NULL;
		if (text || to->here[i])
			slot->tts_values[i] =
				InputFunctionCall(&to->input[i], text, to->io_param[i],
								  TupleDescAttr(to->desc, i)->atttypmod);
	}
	to->column = 0;
	ExecStoreVirtualTuple(slot);
}

static void
load_rows(loading *to)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(to->desc, &TTSOpsVirtual);
	BulkInsertState bulk = GetBulkInsertState();
	CommandId command = GetCurrentCommandId(true);
	MemoryContext own = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup row", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(own);

	while (zdbpg_sqlite_step(to->stmt))
	{
		CHECK_FOR_INTERRUPTS();
		to->row++;
		read_row(to, slot);
		table_tuple_insert(to->rel, slot, command, TABLE_INSERT_SKIP_FSM,
						   bulk);
		MemoryContextReset(own);
	}
	MemoryContextSwitchTo(before);
	MemoryContextDelete(own);
	ExecDropSingleTupleTableSlot(slot);
	FreeBulkInsertState(bulk);
	table_finish_bulk_insert(to->rel, TABLE_INSERT_SKIP_FSM);
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

/* With rowid in front, for errors, where there is one. */
static sqlite3_stmt *
select_rows(zdbpg_source *source, const image_table *table, List *columns,
			bool *rowid)
{
	StringInfoData list;
	ListCell *cell;

	initStringInfo(&list);
	foreach(cell, columns) appendStringInfo(
		&list, "%s%s", list.len ? ", " : "", value_of(table, lfirst(cell)));
	*rowid = !zdbpg_sqlite_step(zdbpg_sqlite_prepare(
		source->image,
		"SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = %Q "
		"AND wr",
		zdbpg_to_utf8(table->name)));
	return zdbpg_sqlite_prepare(source->image, "SELECT %s%s FROM main.%s",
								*rowid ? "_rowid_, " : "", list.data,
								zdbpg_sqlite_quote(table->name));
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

static void
load_table(zdbpg_source *source, const image_table *table)
{
	loading to = {.table = table};
	ErrorContextCallback context = {error_context_stack, name_value, &to};
	List *columns = columns_of(source, table), *here = NIL;
	ListCell *cell;
	bool rowid;

	foreach(cell, columns) here =
		lappend(here, zdbpg_sqlite_column(table->live->relid, lfirst(cell)));
	zdbpg_source_make_raw(source, table->live, here);
	zdbpg_progress_table(table->live->schema, table->live->name);
	error_context_stack = &context;
	to.stmt = select_rows(source, table, columns, &rowid);
	to.first = rowid ? 1 : 0;
	to.rel = table_openrv(
		makeRangeVar("pg_temp", psprintf("zdb:r%u", table->live->relid), -1),
		RowExclusiveLock);
	to.desc = RelationGetDescr(to.rel);
	prepare_input(&to);
	load_rows(&to);
	table_close(to.rel, NoLock);
	table->live->rows = to.row;
	error_context_stack = context.previous;
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
