/*
 * merge_source - the rows of a backup in temporary tables
 */
#include "pg_ext/merge_source.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "pg_ext/merge_create.h"
#include "pg_ext/progress.h"
#include "pg_ext/query.h"
#include "pg_ext/script_run.h"
#include "pg_ext/sqlite_source.h"
#include "pg_ext/survey.h"

/* The live table; rows of a partition belong to its root. */
static Oid
find_live(const char *schema, const char *name)
{
	Oid namespace = get_namespace_oid(schema, true);
	Oid relid = OidIsValid(namespace) ? get_relname_relid(name, namespace)
									  : InvalidOid;

	while (OidIsValid(relid) && get_rel_relispartition(relid))
		relid = get_partition_parent(relid, false);
	if (!OidIsValid(relid) ||
		(get_rel_relkind(relid) != RELKIND_RELATION &&
		 get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE))
		return InvalidOid;
	return relid;
}

static zdbpg_source_table *
entry_for(zdbpg_source *source, Oid relid)
{
	zdbpg_source_table *table;
	MemoryContext before;
	ListCell *cell;

	foreach(cell, source->tables)
	{
		table = lfirst(cell);
		if (table->relid == relid)
			return table;
	}
	before = MemoryContextSwitchTo(source->context);
	table = palloc0(sizeof *table);
	table->relid = relid;
	table->schema = get_namespace_name(get_rel_namespace(relid));
	table->name = get_rel_name(relid);
	source->tables = lappend(source->tables, table);
	MemoryContextSwitchTo(before);
	return table;
}

static void
note_missing(zdbpg_source *source, const char *schema, const char *name)
{
	MemoryContext before = MemoryContextSwitchTo(source->context);
	char *full = psprintf("%s.%s", schema, name);
	ListCell *cell;
	bool known = false;

	foreach(cell, source->missing) known =
		known || strcmp(lfirst(cell), full) == 0;
	if (!known)
		source->missing = lappend(source->missing, full);
	MemoryContextSwitchTo(before);
}

zdbpg_source_table *
zdbpg_source_table_for(zdbpg_source *source, const char *schema,
					   const char *name)
{
	Oid relid = find_live(schema, name);

	if (!OidIsValid(relid))
	{
		if (zdb_merge_wants(source->merge, zdbpg_to_utf8(schema),
							zdbpg_to_utf8(name)))
			note_missing(source, schema, name);
		return NULL;
	}
	if (!zdb_merge_wants(
			source->merge,
			zdbpg_to_utf8(get_namespace_name(get_rel_namespace(relid))),
			zdbpg_to_utf8(get_rel_name(relid))))
		return NULL;
	return entry_for(source, relid);
}

static const RangeVar *
range_of(const zdbpg_script *script)
{
	return ((const CopyStmt *) script->raw->stmt)->relation;
}

static zdbpg_source_table *
table_of(zdbpg_source *source, const RangeVar *range)
{
	return zdbpg_source_table_for(
		source, range->schemaname ? range->schemaname : "public",
		range->relname);
}

static void
add_unique(zdbpg_source *source, const RangeVar *range, List *columns)
{
	zdbpg_source_table *table = table_of(source, range);
	MemoryContext before = MemoryContextSwitchTo(source->context);

	if (table && !get_rel_relispartition(table->relid))
		table->unique = lappend(table->unique, copyObjectImpl(columns));
	MemoryContextSwitchTo(before);
}

static void
look_at_alter(zdbpg_source *source, const AlterTableStmt *stmt)
{
	ListCell *cell;

	foreach(cell, stmt->cmds)
	{
		const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
		const Constraint *constraint;

		if (command->subtype != AT_AddConstraint)
			continue;
		constraint = castNode(Constraint, command->def);
		if (constraint->contype == CONSTR_PRIMARY ||
			constraint->contype == CONSTR_UNIQUE)
			add_unique(source, stmt->relation, constraint->keys);
	}
}

static void
look_at_index(zdbpg_source *source, const IndexStmt *stmt)
{
	List *columns = NIL;
	ListCell *cell;

	if (!stmt->unique || stmt->whereClause)
		return;
	foreach(cell, stmt->indexParams)
	{
		const IndexElem *element = lfirst_node(IndexElem, cell);

		if (!element->name || element->collation || element->opclass)
			return;
		columns = lappend(columns, makeString(element->name));
	}
	add_unique(source, stmt->relation, columns);
}

static void
look_at(zdbpg_source *source, zdbpg_script *script)
{
	const Node *stmt;

	if (zdbpg_script_is_skipped(script))
		return;
	stmt = script->raw->stmt;
	if (zdbpg_script_has_rows(script))
	{
		table_of(source, range_of(script));
		zdbpg_script_skip_rows(script);
	}
	else if (IsA(stmt, AlterTableStmt))
		look_at_alter(source, (const AlterTableStmt *) stmt);
	else if (IsA(stmt, IndexStmt))
		look_at_index(source, (const IndexStmt *) stmt);
}

/* Read statements; what they are is asked for one by one. */
static void
read_range(zdbpg_source *source, uint64 first, uint64 end,
		   void (*take)(zdbpg_source *source, zdbpg_script *script))
{
	MemoryContext own = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup script", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(own);
	zdbpg_script *script = zdbpg_script_open(source->reader, first, end);
	ErrorContextCallback context = {error_context_stack, zdbpg_script_context,
									script};

	if (source->encoding >= 0)
		script->encoding = source->encoding;
	error_context_stack = &context;
	while (zdbpg_script_next(script))
		take(source, script);
	error_context_stack = context.previous;
	source->encoding = script->encoding;
	MemoryContextSwitchTo(before);
	MemoryContextDelete(own);
}

static void
lock_tables(zdbpg_source *source, LOCKMODE lock)
{
	List *oids = NIL;
	ListCell *cell;

	foreach(cell, source->tables) oids =
		lappend_oid(oids, ((zdbpg_source_table *) lfirst(cell))->relid);
	list_sort(oids, list_oid_cmp); /* everybody in the same order */
	foreach(cell, oids)
	{
		LockRelationOid(lfirst_oid(cell), lock);
		if (!OidIsValid(get_rel_namespace(lfirst_oid(cell))))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("a table was dropped while it was waited for")));
	}
}

void
zdbpg_source_read(zdbpg_source *source,
				  void (*take)(zdbpg_source *source, zdbpg_script *script))
{
	zdbpg_layout layout = zdbpg_layout_of(source->reader);

	if (zdb_reader_manifest(source->reader))
	{
		read_range(source, 0, layout.begin, take);
		read_range(source, layout.end, layout.chunks, take);
	}
	else
		read_range(source, 0, PG_UINT64_MAX, take);
}

static void
list_tables(zdbpg_source *source)
{
	const zdb_manifest *manifest = zdb_reader_manifest(source->reader);

	for (uint32 i = 0; manifest && i < manifest->table_count; i++)
		zdbpg_source_table_for(source,
							   zdbpg_from_utf8(manifest->tables[i].schema),
							   zdbpg_from_utf8(manifest->tables[i].name));
}

static void
read_script(zdbpg_source *source)
{
	list_tables(source);
	zdbpg_source_read(source, look_at);
	if (zdb_merge_create_missing(source->merge) && source->missing != NIL)
	{
		zdbpg_merge_create(source);
		list_tables(source);
		zdbpg_source_read(source, look_at); /* keys of the new ones */
	}
}

zdbpg_source *
zdbpg_source_open(zdbpg_call *call, zdb_reader *reader, zdb_merge *merge,
				  List *path, LOCKMODE lock)
{
	zdbpg_source *source = palloc0(sizeof *source);
	zdb_content content;
	zdb_err err = {0};

	source->call = call;
	source->reader = reader;
	source->merge = merge;
	source->context = CurrentMemoryContext;
	source->encoding = -1;
	source->path = path;
	zdbpg_check(zdb_reader_content(reader, &content, &err), &err);
	if (content == ZDB_CONTENT_SCRIPT)
		read_script(source);
	else
		zdbpg_sqlite_tables(source);
	lock_tables(source, lock);
	return source;
}

/* The rows' columns with the live table's types; columns that it lacks are
 * read as text. */
void
zdbpg_source_make_raw(zdbpg_source *source, zdbpg_source_table *table,
					  List *names)
{
	MemoryContext before = MemoryContextSwitchTo(source->context);
	StringInfoData list;
	ListCell *cell;

	initStringInfo(&list);
	foreach(cell, names)
	{
		const char *name = lfirst(cell);
		bool here = get_attnum(table->relid, name) != InvalidAttrNumber;

		table->columns = lappend(table->columns, pstrdup(name));
		appendStringInfo(&list, "%s%s%s AS %s", list.len ? ", " : "",
						 here ? "" : "NULL::pg_catalog.text",
						 here ? quote_identifier(name) : "",
						 quote_identifier(name));
	}
	table->raw = psprintf("pg_temp.\"zdb:r%u\"", table->relid);
	zdbpg_query_exec(
		psprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s "
				 "WITH NO DATA",
				 table->raw + strlen("pg_temp."), list.data,
				 quote_qualified_identifier(table->schema, table->name)));
	MemoryContextSwitchTo(before);
}

static List *
names_of(List *strings)
{
	List *names = NIL;
	ListCell *cell;

	foreach(cell, strings) names = lappend(names, strVal(lfirst(cell)));
	return names;
}

static void
name_table(void *arg)
{
	const zdbpg_source_table *table = arg;

	errcontext("rows of table \"%s\".\"%s\" in the backup", table->schema,
			   table->name);
}

static void
load_one(zdbpg_source *source, zdbpg_script *script)
{
	CopyStmt *stmt;
	zdbpg_source_table *table;
	ErrorContextCallback context = {error_context_stack, name_table, NULL};
	MemoryContext before;

	if (zdbpg_script_is_skipped(script) || !zdbpg_script_has_rows(script))
		return;
	stmt = (CopyStmt *) script->raw->stmt;
	table = table_of(source, stmt->relation);
	if (!table)
	{
		zdbpg_script_skip_rows(script);
		return;
	}
	if (!table->raw)
		zdbpg_source_make_raw(source, table, names_of(stmt->attlist));
	zdbpg_progress_table(table->schema, table->name);
	before = MemoryContextSwitchTo(script->statement_context);
	stmt->relation =
		makeRangeVar("pg_temp", psprintf("zdb:r%u", table->relid), -1);
	context.arg = table;
	error_context_stack = &context;
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	table->rows += (int64) zdbpg_script_copy(script);
	PopActiveSnapshot();
	error_context_stack = context.previous;
	MemoryContextSwitchTo(before);
}

/* Runs of chunks that are wanted. */
static void
load_chunks(zdbpg_source *source)
{
	const zdb_manifest *manifest = zdb_reader_manifest(source->reader);
	zdbpg_layout layout = zdbpg_layout_of(source->reader);
	uint64 end;
	zdb_err err = {0};

	for (uint64 i = layout.begin; i < layout.end; i = end)
	{
		zdb_entry entry, next;
		const zdb_table *table;

		zdbpg_check(zdb_reader_entry(source->reader, i, &entry, &err), &err);
		for (end = i + 1; end < layout.end; end++)
		{
			zdbpg_check(zdb_reader_entry(source->reader, end, &next, &err),
						&err);
			if (next.table != entry.table)
				break;
		}
		if (entry.table == 0)
			continue;
		table = &manifest->tables[entry.table - 1];
		if (zdbpg_source_table_for(source, zdbpg_from_utf8(table->schema),
								   zdbpg_from_utf8(table->name)))
		{
			read_range(source, i, end, load_one);
			source->chunks_read += end - i;
		}
	}
	source->chunks_read += layout.begin + layout.chunks - layout.end;
}

void
zdbpg_source_load(zdbpg_source *source)
{
	if (source->image)
		zdbpg_sqlite_load(source);
	else if (zdb_reader_manifest(source->reader))
		load_chunks(source);
	else
		read_range(source, 0, PG_UINT64_MAX, load_one);
	CommandCounterIncrement();
}

static json_t *
unique_sets(const zdbpg_source_table *table)
{
	json_t *sets = json_array();
	ListCell *cell, *name;

	foreach(cell, table->unique)
	{
		json_t *set = json_array();

		foreach(name, (List *) lfirst(cell)) json_array_append_new(
			set, json_string(zdbpg_to_utf8(strVal(lfirst(name)))));
		json_array_append_new(sets, set);
	}
	return sets;
}

/* A table without rows has no COPY block: it takes part with no columns but
 * the live ones. */
static json_t *
empty_table(const zdbpg_source_table *table)
{
	List *names = zdbpg_query_texts(
		psprintf("SELECT attname::text FROM pg_catalog.pg_attribute WHERE "
				 "attrelid = %u AND attnum > 0 AND NOT attisdropped ORDER BY "
				 "attnum",
				 table->relid));

	return zdbpg_names_json(names);
}

json_t *
zdbpg_source_facts(const zdbpg_source *source)
{
	json_t *list = json_array();
	ListCell *cell;

	foreach(cell, source->tables)
	{
		const zdbpg_source_table *table = lfirst(cell);
		const char *none =
			psprintf("(SELECT * FROM %s WHERE false)",
					 quote_qualified_identifier(table->schema, table->name));

		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:o, s:o, s:I}", "schema",
					  zdbpg_to_utf8(table->schema), "name",
					  zdbpg_to_utf8(table->name), "sql",
					  zdbpg_to_utf8(table->raw ? table->raw : none), "columns",
					  table->raw ? zdbpg_names_json(table->columns)
								 : empty_table(table),
					  "unique", unique_sets(table), "rows",
					  (json_int_t) table->rows));
	}
	return list;
}
