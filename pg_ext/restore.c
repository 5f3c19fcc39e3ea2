/*
 * restore - the whole backup replaces what it holds
 */
#include "pg_ext/restore.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "pg_ext/objects.h"
#include "pg_ext/outside.h"
#include "pg_ext/query.h"
#include "pg_ext/script_run.h"
#include "pg_ext/set_aside.h"
#include "pg_ext/table_names.h"
#include "pg_ext/progress.h"

/* The entry of a partition or plain table. */
static zdbpg_loaded *
entry_of(const zdbpg_restore *self, Oid relid)
{
	return zdbpg_survey_find(self->survey,
							 get_namespace_name(get_rel_namespace(relid)),
							 get_rel_name(relid));
}

/* Rows that a root takes in may go to any of its partitions. */
static void
note_root(zdbpg_restore *self, Oid root)
{
	MemoryContext before;
	ListCell *cell;

	foreach(cell, zdbpg_table_family(root))
	{
		Oid relid = lfirst_oid(cell);

		if (get_rel_relkind(relid) == RELKIND_RELATION &&
			self->call->options.tables.count > 0 && !entry_of(self, relid))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("the backup loads rows of partitions through "
							"\"%s\", and \"%s\" is not among the tables",
							get_rel_name(root), get_rel_name(relid)),
					 errhint("Restore \"%s\" with all its partitions; "
							 "nothing was changed.",
							 get_rel_name(root))));
	}
	before = MemoryContextSwitchTo(self->survey->context);
	self->survey->roots = list_append_unique_oid(self->survey->roots, root);
	MemoryContextSwitchTo(before);
}

static void
copy_rows(zdbpg_restore *self, zdbpg_script *script)
{
	const RangeVar *range = ((CopyStmt *) script->raw->stmt)->relation;
	Oid relid = RangeVarGetRelid(range, NoLock, false);
	const char *schema = get_namespace_name(get_rel_namespace(relid));
	int64 rows;

	zdbpg_progress_table(schema, range->relname);
	if (get_rel_relkind(relid) == RELKIND_PARTITIONED_TABLE)
	{
		note_root(self, relid);
		zdbpg_script_run_one(script);
		return;
	}
	rows = (int64) zdbpg_script_run_one(script);
	zdbpg_survey_table(self->survey, schema, range->relname)->rows_after +=
		rows;
}

void
zdbpg_restore_count_partitions(zdbpg_restore *self)
{
	ListCell *root, *cell;

	foreach(root, self->survey->roots)
		foreach(cell, zdbpg_table_family(lfirst_oid(root)))
	{
		zdbpg_loaded *table = entry_of(self, lfirst_oid(cell));

		if (table)
			table->rows_after = zdbpg_query_int64(psprintf(
				"SELECT pg_catalog.count(*) FROM ONLY %s",
				quote_qualified_identifier(table->schema, table->name)));
	}
}

static void
run_statement(zdbpg_restore *self, zdbpg_script *script)
{

	if (zdbpg_script_is_skipped(script) ||
		zdbpg_object_stays(script->raw->stmt))
		return;
	if (zdbpg_script_has_rows(script))
		copy_rows(self, script);
	else
		zdbpg_script_run_one(script);
}

void
zdbpg_restore_run(zdbpg_restore *self, uint64 first, uint64 end)
{
	MemoryContext own = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup script", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(own);
	zdbpg_script *script = zdbpg_script_open(self->reader, first, end);
	ErrorContextCallback context = {error_context_stack, zdbpg_script_context,
									script};

	error_context_stack = &context;
	while (zdbpg_script_next(script))
		run_statement(self, script);
	error_context_stack = context.previous;
	CommandCounterIncrement();
	MemoryContextSwitchTo(before);
	MemoryContextDelete(own);
}

/* Better an error than rows lost: a schema without its rows would empty the
 * tables that are there. */
static void
refuse_emptying(const zdbpg_restore *self)
{
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);

	if (manifest && strcmp(manifest->type, "schema") == 0 &&
		self->survey->object_count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("the database already has %d of the objects in this "
						"backup of a schema",
						self->survey->object_count),
				 errhint("Restore it into an empty database, or with "
						 "\"target\": \"test\".")));
}

/* ANALYZE what was loaded: a fresh table has no statistics. */
static void
analyze(const zdbpg_restore *self)
{
	ListCell *cell;

	foreach(cell, self->survey->tables)
	{
		const zdbpg_loaded *table = lfirst(cell);

		if (table->rows_after > 0)
			zdbpg_query_exec(psprintf(
				"ANALYZE %s",
				quote_qualified_identifier(table->schema, table->name)));
	}
}

void
zdbpg_restore_replace(zdbpg_restore *self)
{
	int nest = NewGUCNestLevel();
	List *aside;

	refuse_emptying(self);
	zdbpg_script_settings();
	zdbpg_progress_phase("restore");
	/* no table with events that wait for the end can be dropped */
	zdbpg_query_exec("SET CONSTRAINTS ALL IMMEDIATE");
	zdbpg_outside_check(self);
	aside = zdbpg_aside_privileges();
	if (self->survey->object_count > 0)
		performMultipleDeletions(self->survey->objects, DROP_RESTRICT, 0);
	CommandCounterIncrement();
	zdbpg_restore_run(self, 0, PG_UINT64_MAX);
	zdbpg_restore_count_partitions(self);
	zdbpg_aside_privileges_back(aside);
	if (!self->call->options.dry_run)
		analyze(self);
	AtEOXact_GUC(false, nest);
}
