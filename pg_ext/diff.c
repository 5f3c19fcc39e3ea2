/*
 * diff - what differs between a backup and this database
 */
#include "pg_ext/diff.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "pg_ext/attempt.h"
#include "pg_ext/merge_facts.h"
#include "pg_ext/merge_source.h"
#include "pg_ext/merge_stage.h"
#include "pg_ext/open.h"
#include "pg_ext/progress.h"
#include "pg_ext/query.h"
#include "pg_ext/script_run.h"

#include "core/policy/diff.h"

/* Joins and sorts want some; hash_mem_multiplier doubles it. */
#define WORK_MEM "4MB"

typedef struct comparing
{
	zdbpg_call *call;
	zdb_merge *merge;
	zdb_reader *reader;
	zdbpg_source *source;
	List *path; /* the session's, as schemas */
	ReturnSetInfo *result;
	Snapshot snapshot;
} comparing;

static void
free_merge(void *merge)
{
	zdb_merge_free(merge);
}

/* Tables that only the backup has, "schema.name". */
static void
add_missing(const comparing *self, json_t *backup)
{
	ListCell *cell;

	foreach(cell, self->source->missing)
	{
		const char *full = lfirst(cell), *dot = strchr(full, '.');
		char *schema = pnstrdup(full, dot - full);

		json_array_append_new(backup, json_pack("{s:s, s:s}", "schema",
												zdbpg_to_utf8(schema), "name",
												zdbpg_to_utf8(dot + 1)));
	}
}

static void
plan(comparing *self)
{
	json_t *backup = zdbpg_merge_own(zdbpg_source_facts(self->source));
	zdb_err err = {0};

	add_missing(self, backup);
	zdbpg_check(zdb_merge_plan(self->merge, zdbpg_merge_live(false, false),
							   backup, &err),
				&err);
}

static void
run(const comparing *self, const char *sql)
{
	ListCell *cell;

	foreach(cell, pg_parse_query(sql)) zdbpg_query_run(
		lfirst_node(RawStmt, cell), sql, self->snapshot, None_Receiver);
	CommandCounterIncrement();
}

static void
put_row(void *arg, TupleTableSlot *slot)
{
	const ReturnSetInfo *result = ((comparing *) arg)->result;

	slot_getallattrs(slot);
	tuplestore_putvalues(result->setResult, result->setDesc, slot->tts_values,
						 slot->tts_isnull);
}

static void
refuse(void *arg, TupleTableSlot *slot)
{
	ereport(ERROR, (errcode(ERRCODE_CARDINALITY_VIOLATION),
					errmsg("%s", zdbpg_from_utf8(zdbpg_slot_text(slot, 1)))));
}

static void
run_step(comparing *self, const zdb_merge_step *step)
{
	const char *sql = zdbpg_from_utf8(step->sql);

	CHECK_FOR_INTERRUPTS();
	if (step->kind == ZDB_MERGE_STAGE)
		zdbpg_merge_stage(self->merge, step, self->snapshot);
	else if (step->kind == ZDB_MERGE_ROWS)
		zdbpg_query_each(sql, self->snapshot, put_row, self);
	else if (step->kind == ZDB_MERGE_REFUSE)
		zdbpg_query_each(sql, self->snapshot, refuse, self);
	else
		run(self, sql);
}

static void
step_context(void *arg)
{
	const zdb_merge_step *const *step = arg;

	errcontext("%s", zdbpg_from_utf8((*step)->what));
}

static void
run_steps(comparing *self)
{
	const zdb_merge_step *step = zdb_merge_steps(self->merge);
	ErrorContextCallback context = {error_context_stack, step_context, &step};
	MemoryContext own = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup compare", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(own);

	error_context_stack = &context;
	for (; step && step->sql; step++)
	{
		run_step(self, step);
		MemoryContextReset(own);
	}
	error_context_stack = context.previous;
	MemoryContextSwitchTo(before);
	MemoryContextDelete(own);
}

static void
compare(void *arg)
{
	comparing *self = arg;

	zdbpg_progress_phase("read");
	self->source = zdbpg_source_open(self->call, self->reader, self->merge,
									 self->path, AccessShareLock);
	zdbpg_source_load(self->source);
	zdbpg_progress_phase("compare");
	plan(self);
	self->snapshot = RegisterSnapshot(GetTransactionSnapshot());
	run_steps(self);
	UnregisterSnapshot(self->snapshot);
}

void
zdbpg_diff(zdbpg_call *call, const char *options, ReturnSetInfo *result)
{
	comparing *self = palloc0(sizeof *self);
	zdb_merge **merge = palloc0(sizeof *merge);
	int nest;
	zdb_err err = {0};

	PreventCommandIfReadOnly("zdb_diff()");
	self->call = call;
	self->result = result;
	zdbpg_own((void **) merge, free_merge);
	zdbpg_check(zdb_diff_new(ZDB_DIALECT_POSTGRES, options, merge, &err),
				&err);
	self->merge = *merge;
	self->reader = zdbpg_open(call, ZDB_PURPOSE_MERGE, call->path,
							  zdb_merge_at(self->merge));
	self->path = fetch_search_path(false);
	nest = NewGUCNestLevel();
	zdbpg_script_settings();
	zdbpg_own_search_path();
	(void) set_config_option("work_mem", WORK_MEM, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	zdbpg_rehearse(compare, self);
	AtEOXact_GUC(false, nest);
}
