/*
 * restore - the whole backup replaces what it holds
 */
#include "pg_ext/restore.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "pg_ext/objects.h"
#include "pg_ext/query.h"
#include "pg_ext/script_run.h"
#include "pg_ext/progress.h"

static void
run_statement(zdbpg_restore *self, zdbpg_script *script)
{
	const RangeVar *range;
	zdbpg_loaded *table;

	if (zdbpg_script_is_skipped(script) ||
		zdbpg_object_stays(script->raw->stmt))
		return;
	if (!zdbpg_script_has_rows(script))
	{
		zdbpg_script_run_one(script);
		return;
	}
	range = ((CopyStmt *) script->raw->stmt)->relation;
	table = zdbpg_survey_table(
		self->survey, range->schemaname ? range->schemaname : "public",
		range->relname);
	zdbpg_progress_table(table->schema, table->name);
	table->rows_after += (int64) zdbpg_script_run_one(script);
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

	refuse_emptying(self);
	zdbpg_script_settings();
	zdbpg_progress_phase("restore");
	/* no table with events that wait for the end can be dropped */
	zdbpg_query_exec("SET CONSTRAINTS ALL IMMEDIATE");
	if (self->survey->object_count > 0)
		performMultipleDeletions(self->survey->objects, DROP_RESTRICT, 0);
	CommandCounterIncrement();
	zdbpg_restore_run(self, 0, PG_UINT64_MAX);
	if (!self->call->options.dry_run)
		analyze(self);
	AtEOXact_GUC(false, nest);
}
