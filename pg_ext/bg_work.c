/*
 * bg_work - loading a new database, several workers at a time
 *
 * A backup of ours is loaded in steps, between which the leader waits:
 * definitions; rows, chunk by chunk; primary keys and the like, a table's all
 * by one worker; indexes; the rest, foreign keys above all, in order.
 */
#include "pg_ext/bg.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "core/archive/reader.h"
#include "pg_ext/bg_check.h"
#include "pg_ext/call.h"
#include "pg_ext/mask.h"
#include "pg_ext/script_run.h"
#include "pg_ext/zdbpg.h"
#include "pg_ext/progress.h"

static zdb_reader *
open_reader(const zdbpg_bg_job *job)
{
	zdb_reader **reader = palloc0(sizeof *reader);
	zdb_store_options file = {
		.where = job->path, .host = &zdbpg_host, .settings = zdbpg_settings()};
	zdb_err err = {0};

	zdbpg_own_reader(reader);
	zdbpg_check(
		zdb_reader_open_again(&file, job->sidecar, &job->keys, reader, &err),
		&err);
	return *reader;
}

/* Primary keys, unique and exclusion constraints. */
static bool
adds_index(const Node *stmt)
{
	const ListCell *cell;

	if (!IsA(stmt, AlterTableStmt))
		return false;
	foreach(cell, ((const AlterTableStmt *) stmt)->cmds)
	{
		const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
		ConstrType type;

		if (command->subtype != AT_AddConstraint)
			return false;
		type = castNode(Constraint, command->def)->contype;
		if (type != CONSTR_PRIMARY && type != CONSTR_UNIQUE &&
			type != CONSTR_EXCLUSION)
			return false;
	}
	return true;
}

static zdbpg_bg_kind
kind_of(const Node *stmt)
{
	if (adds_index(stmt))
		return ZDBPG_BG_CONSTRAINTS;
	return IsA(stmt, IndexStmt) ? ZDBPG_BG_INDEXES : ZDBPG_BG_REST;
}

/* Ours, or nobody's until now? */
static bool
claim(zdbpg_bg_job *job, uint32 what, int number)
{
	uint32 nobody = 0, us = (uint32) number + 1;
	pg_atomic_uint32 *slot = &job->claims[what % ZDBPG_BG_CLAIMS];

	return pg_atomic_compare_exchange_u32(slot, &nobody, us) || nobody == us;
}

static uint32
hash_text(const char *text)
{
	uint32 hash = 2166136261u; /* FNV-1a */

	for (; *text; text++)
		hash = (hash ^ (unsigned char) *text) * 16777619u;
	return hash;
}

/* What a step claims: constraints by table, indexes one by one. */
static uint32
claim_of(const Node *stmt, uint32 index)
{
	const RangeVar *table;

	if (!IsA(stmt, AlterTableStmt))
		return index;
	table = ((const AlterTableStmt *) stmt)->relation;
	return hash_text(table->relname) ^
		   hash_text(table->schemaname ? table->schemaname : "");
}

static bool
is_mine(zdbpg_bg_job *job, zdbpg_bg_kind kind, int number,
		zdbpg_script *script, uint32 *index)
{
	const Node *stmt = script->raw->stmt;

	if (kind == ZDBPG_BG_SCRIPT || IsA(stmt, VariableSetStmt))
		return true;
	if (kind_of(stmt) != kind)
		return false;
	return kind == ZDBPG_BG_REST ||
		   claim(job, claim_of(stmt, (*index)++), number);
}

static void
run_statements(zdbpg_bg_job *job, zdbpg_bg_kind kind, int number,
			   zdb_reader *reader, uint64 first, uint64 end)
{
	MemoryContext own = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup script", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(own);
	zdbpg_script *script = zdbpg_script_open(reader, first, end);
	ErrorContextCallback context = {error_context_stack, zdbpg_script_context,
									script};
	uint32 index = 0;

	if (job->text_bytes > 0)
		script->mask = zdbpg_mask_open(job->text);
	error_context_stack = &context;
	while (zdbpg_script_next(script))
		if (!zdbpg_script_is_skipped(script) &&
			is_mine(job, kind, number, script, &index))
			zdbpg_script_run_one(script);
	error_context_stack = context.previous;
	CommandCounterIncrement();
	MemoryContextSwitchTo(before);
	MemoryContextDelete(own);
}

/* Chunks of rows that nobody else took; one that is continued with all that
 * continues it. */
static void
load_rows(zdbpg_bg_job *job, zdb_reader *reader)
{
	uint64 i, end;
	zdb_entry entry;
	zdb_err err = {0};

	while ((i = pg_atomic_fetch_add_u64(&job->next, 1)) < job->end)
	{
		zdbpg_check(zdb_reader_entry(reader, i, &entry, &err), &err);
		if (entry.flags & ZDB_CHUNK_CONTINUED)
			continue;
		for (end = i + 1; end < job->end; end++)
		{
			zdbpg_check(zdb_reader_entry(reader, end, &entry, &err), &err);
			if (!(entry.flags & ZDB_CHUNK_CONTINUED))
				break;
		}
		run_statements(job, ZDBPG_BG_SCRIPT, 0, reader, i, end);
	}
}

void
zdbpg_bg_work(zdbpg_bg_job *job, zdbpg_bg_kind kind, int number)
{
	MemoryContext context = AllocSetContextCreate(
		TopTransactionContext, "zdbackup work", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	int nest = NewGUCNestLevel();
	zdb_reader *reader = open_reader(job);

	zdbpg_script_settings();
	zdbpg_progress_begin(false);
	zdbpg_progress_phase("restore");
	switch (kind)
	{
		case ZDBPG_BG_ROWS:
			load_rows(job, reader);
			break;
		case ZDBPG_BG_CHECK:
			zdbpg_bg_check(job, reader);
			break;
		case ZDBPG_BG_SCRIPT:
		case ZDBPG_BG_CONSTRAINTS:
		case ZDBPG_BG_INDEXES:
		case ZDBPG_BG_REST:
			run_statements(job, kind, number, reader, job->first, job->end);
			break;
		case ZDBPG_BG_QUERY:
		case ZDBPG_BG_SQL:
		case ZDBPG_BG_DROP:
			break;
	}
	AtEOXact_GUC(false, nest);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
}
