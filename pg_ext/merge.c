/*
 * merge - bring a backup's rows into a database that went on living
 */
#include "pg_ext/merge.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "pg_ext/attempt.h"
#include "pg_ext/merge_facts.h"
#include "pg_ext/merge_insert.h"
#include "pg_ext/merge_source.h"
#include "pg_ext/merge_stage.h"
#include "pg_ext/open.h"
#include "pg_ext/progress.h"
#include "pg_ext/query.h"
#include "pg_ext/script_run.h"
#include "pg_ext/sequences.h"
#include "pg_ext/set_aside.h"
#include "pg_ext/sqlite_create.h"

#include "core/base/mem.h"
#include "core/job/report.h"

/* Joins of large stage tables want some memory; hash_mem_multiplier doubles
 * it. */
#define WORK_MEM "48MB"

typedef struct merging
{
	zdbpg_call *call;
	zdb_merge *merge;
	zdb_reader *reader;
	zdbpg_source *source;
	char *search_path; /* the session's */
	List *path;        /* the same, as schemas */
	List *enable;      /* statements that give triggers back */
	int64 temp_bytes;
} merging;

static void
free_merge(void *merge)
{
	zdb_merge_free(merge);
}

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

static void
plan(merging *self)
{
	json_t *live = zdbpg_merge_live(true, zdb_merge_triggers(self->merge));
	zdb_err err = {0};

	zdbpg_sqlite_add_facts(self->source, live);
	zdbpg_check(zdb_merge_plan(
					self->merge, live,
					zdbpg_merge_own(zdbpg_source_facts(self->source)), &err),
				&err);
}

static int64
number_at(TupleTableSlot *slot, int column)
{
	bool isnull;
	Oid type = TupleDescAttr(slot->tts_tupleDescriptor, column - 1)->atttypid;
	Datum value = slot_getattr(slot, column, &isnull);

	if (isnull)
		return 0;
	if (type == INT4OID)
		return DatumGetInt32(value);
	if (type == NUMERICOID)
		return DatumGetInt64(DirectFunctionCall1(numeric_int8, value));
	return DatumGetInt64(value);
}

static const char *
text_at(TupleTableSlot *slot, int column)
{
	bool isnull, varlena;
	Oid output;
	Datum value = slot_getattr(slot, column, &isnull);

	if (isnull)
		return NULL;
	getTypeOutputInfo(
		TupleDescAttr(slot->tts_tupleDescriptor, column - 1)->atttypid,
		&output, &varlena);
	return zdbpg_to_utf8(OidOutputFunctionCall(output, value));
}

typedef struct taking
{
	merging *self;
	const zdb_merge_step *step;
} taking;

static void
take_row(void *arg, TupleTableSlot *slot)
{
	zdb_merge *merge = ((taking *) arg)->self->merge;
	const zdb_merge_step *step = ((taking *) arg)->step;

	switch (step->kind)
	{
		case ZDB_MERGE_COUNT:
			zdb_merge_count(merge, step, (int) number_at(slot, 1),
							number_at(slot, 2), number_at(slot, 3),
							number_at(slot, 4));
			break;
		case ZDB_MERGE_CONFLICT:
			zdb_merge_conflict(merge, step, (int) number_at(slot, 1),
							   text_at(slot, 2), text_at(slot, 3));
			break;
		case ZDB_MERGE_NEAR:
			zdb_merge_near(merge, step, text_at(slot, 1), text_at(slot, 2));
			break;
		case ZDB_MERGE_REFUSE:
			ereport(ERROR, (errcode(ERRCODE_CARDINALITY_VIOLATION),
							errmsg("%s", zdbpg_from_utf8(text_at(slot, 1))),
							errhint("Nothing was changed.")));
			break;
		default:
			break;
	}
}

/* What the user's own functions see: defaults, checks, triggers. */
static void
open_search_path(const merging *self)
{
	set("search_path", psprintf("pg_catalog, %s", self->search_path));
}

/* Returns how many rows it changed. */
static int64
run_step(merging *self, const zdb_merge_step *step)
{
	const char *sql = zdbpg_from_utf8(step->sql);
	taking to = {self, step};
	bool writes =
		step->kind == ZDB_MERGE_INSERT || step->kind == ZDB_MERGE_UPDATE;
	int nest = NewGUCNestLevel();
	uint64 rows = 0;
	zdb_err err = {0};

	CHECK_FOR_INTERRUPTS();
	switch (step->kind)
	{
		case ZDB_MERGE_STAGE:
			zdbpg_merge_stage(self->merge, step, NULL);
			break;
		case ZDB_MERGE_ROWS: /* a comparison's */
			break;
		case ZDB_MERGE_DIRECT: /* SQLite's */
		case ZDB_MERGE_RUN:
		case ZDB_MERGE_REPEAT:
			rows = zdbpg_query_exec(sql);
			break;
		case ZDB_MERGE_INSERT:
		case ZDB_MERGE_UPDATE:
			if (*self->search_path)
				open_search_path(self);
			rows = step->kind == ZDB_MERGE_INSERT ? zdbpg_merge_insert(step)
												  : zdbpg_query_exec(sql);
			break;
		case ZDB_MERGE_REFUSE:
		case ZDB_MERGE_COUNT:
		case ZDB_MERGE_CONFLICT:
		case ZDB_MERGE_NEAR:
			zdbpg_query_each(sql, NULL, take_row, &to);
			break;
	}
	AtEOXact_GUC(true, nest);
	if (writes && !zdb_merge_triggers(self->merge))
		zdbpg_check(zdb_merge_changed(self->merge, step, (int64_t) rows, &err),
					&err);
	return (int64) rows;
}

static void
step_context(void *arg)
{
	const zdb_merge_step *const *step = arg;

	errcontext("%s", zdbpg_from_utf8((*step)->what));
}

/* Steps that are repeated stand together; go round until nothing changes. */
static void
run_steps(merging *self)
{
	const zdb_merge_step *step = zdb_merge_steps(self->merge), *again = NULL;
	ErrorContextCallback context = {error_context_stack, step_context, &step};
	MemoryContext own = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup merge", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(own);
	int64 changed, round = 0;

	error_context_stack = &context;
	for (; step->sql; step++)
	{
		MemoryContextReset(own);
		if (!zdb_merge_needs(self->merge, step))
			continue;
		changed = run_step(self, step);
		if (step->kind != ZDB_MERGE_REPEAT)
			continue;
		again = again ? again : step;
		round += changed;
		if (step[1].kind == ZDB_MERGE_REPEAT)
			continue;
		if (round > 0)
			step = again - 1;
		else
			again = NULL;
		round = 0;
	}
	error_context_stack = context.previous;
	MemoryContextSwitchTo(before);
	MemoryContextDelete(own);
}

static Oid
relid_of(const zdb_merge_member *member)
{
	return get_relname_relid(
		zdbpg_from_utf8(member->name),
		get_namespace_oid(zdbpg_from_utf8(member->schema), false));
}

static void
put_triggers_aside(merging *self)
{
	const zdb_merge_member *member = zdb_merge_members(self->merge);
	bool defers = false;
	ListCell *cell;

	for (; member->name; member++)
	{
		defers = defers || member->defers;
		if (zdb_merge_triggers(self->merge))
			continue;
		foreach(cell, find_all_inheritors(relid_of(member), NoLock, NULL))
			self->enable = list_concat(
			self->enable, zdbpg_aside_triggers(lfirst_oid(cell), false));
	}
	if (defers)
		zdbpg_query_exec("SET CONSTRAINTS ALL DEFERRED");
}

/* Foreign keys that were put off are checked here. */
static void
put_triggers_back(merging *self)
{
	ListCell *cell;

	zdbpg_query_exec("SET CONSTRAINTS ALL IMMEDIATE");
	foreach(cell, self->enable) zdbpg_query_exec(lfirst(cell));
}

/* This cannot be taken back, so it comes last. */
static void
advance_sequences(merging *self)
{
	const zdb_merge_member *member = zdb_merge_members(self->merge);

	for (; member->name; member++)
		zdbpg_sequences_advance(relid_of(member));
}

#define TEMP_BYTES                                                      \
	"SELECT coalesce(pg_catalog.sum(pg_catalog.pg_total_relation_size(" \
	"oid)), 0)::pg_catalog.int8 FROM pg_catalog.pg_class WHERE"         \
	" relnamespace = pg_catalog.pg_my_temp_schema() AND relname LIKE"   \
	" 'zdb:%'"

static void
drop_raw(merging *self)
{
	ListCell *cell;

	foreach(cell, self->source->tables)
	{
		const zdbpg_source_table *table = lfirst(cell);

		if (table->raw)
			zdbpg_query_exec(psprintf("DROP TABLE %s", table->raw));
	}
}

static void
merge_rows(void *arg)
{
	merging *self = arg;
	zdb_err err = {0};

	zdbpg_progress_phase("read");
	self->source = zdbpg_source_open(self->call, self->reader, self->merge,
									 self->path, ShareRowExclusiveLock);
	zdbpg_query_exec("SET CONSTRAINTS ALL IMMEDIATE");
	zdbpg_source_load(self->source);
	zdbpg_progress_phase("merge");
	plan(self);
	put_triggers_aside(self);
	run_steps(self);
	zdbpg_check(zdb_merge_balance(self->merge, &err), &err);
	put_triggers_back(self);
	zdbpg_sqlite_finish(self->source);
	self->temp_bytes =
		zdbpg_query_int64(TEMP_BYTES) + (int64) self->source->image_bytes;
	drop_raw(self);
	if (!zdb_merge_dry_run(self->merge))
		advance_sequences(self);
}

static void
report(merging *self)
{
	const zdb_footer *footer = zdb_reader_footer(self->reader);
	zdbpg_call *call = self->call;

	zdb_merge_report(self->merge, call->report);
	zdbpg_report(call, "missing_tables",
				 zdbpg_names_json(self->source->missing));
	zdbpg_report(call, "created_tables",
				 zdbpg_names_json(self->source->created));
	zdbpg_report(call, "chunks",
				 footer ? json_integer((json_int_t) footer->chunks)
						: json_null());
	zdbpg_report(call, "chunks_read",
				 footer ? json_integer((json_int_t) self->source->chunks_read)
						: json_null());
	zdbpg_report(call, "temp_bytes", json_integer(self->temp_bytes));
	zdbpg_report(call, "decrypted_bytes", zdb_report_decrypted(self->reader));
}

static void
open_backup(merging *self, const char *path)
{
	zdbpg_call *call = self->call;
	const char *at = zdb_merge_at(self->merge);
	zdb_err err = {0};

	self->reader =
		zdbpg_open(call, ZDB_PURPOSE_MERGE, path, at ? at : call->options.at);
	zdbpg_check(zdb_report_file(self->reader, call->report, &err), &err);
}

void
zdbpg_merge(zdbpg_call *call, const char *path, const char *policy)
{
	merging *self = palloc0(sizeof *self);
	zdb_merge **merge = palloc0(sizeof *merge);
	int nest;
	zdb_err err = {0};

	PreventCommandIfReadOnly("zdb_merge_from()");
	self->call = call;
	zdbpg_own((void **) merge, free_merge);
	zdbpg_check(zdb_merge_new(ZDB_DIALECT_POSTGRES,
							  policy ? zdbpg_to_utf8(policy) : NULL, merge,
							  &err),
				&err);
	self->merge = *merge;
	if (zdb_merge_job(*merge) && !call->options.job)
		call->options.job = zdb_strdup(zdb_merge_job(*merge), &err);
	zdbpg_check(err.code, &err);
	if (call->options.dry_run)
		zdb_merge_ask_dry_run(self->merge);
	if (call->options.create_missing)
		zdb_merge_ask_create_missing(self->merge);
	open_backup(self, path);
	self->search_path = pstrdup(namespace_search_path);
	self->path = fetch_search_path(false);
	nest = NewGUCNestLevel();
	zdbpg_script_settings();
	zdbpg_own_search_path();
	set("work_mem", WORK_MEM);
	if (zdb_merge_dry_run(self->merge))
		zdbpg_rehearse(merge_rows, self);
	else
		merge_rows(self);
	report(self);
	AtEOXact_GUC(false, nest);
}
