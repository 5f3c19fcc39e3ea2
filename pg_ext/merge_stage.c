/*
 * merge_stage - stage tables, without the rows that are only counted
 */
#include "pg_ext/merge_stage.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/tuptable.h"
#include "tcop/tcopprot.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "pg_ext/query.h"

typedef struct staging
{
	DestReceiver pub;
	zdb_merge *merge;
	const zdb_merge_step *step;
	Relation rel;
	BulkInsertState bulk;
	TupleTableSlot *row;
	CommandId command;
	int64 number;
} staging;

static void
begin(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
end(DestReceiver *self)
{
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	staging *to = (staging *) self;
	int columns = slot->tts_tupleDescriptor->natts;

	slot_getallattrs(slot);
	if (!zdb_merge_tally(to->merge, to->step,
						 DatumGetInt32(slot->tts_values[columns - 2]),
						 DatumGetInt32(slot->tts_values[columns - 1])))
		return true;
	ExecClearTuple(to->row);
	memcpy(to->row->tts_values, slot->tts_values, columns * sizeof(Datum));
	memcpy(to->row->tts_isnull, slot->tts_isnull, columns * sizeof(bool));
	to->row->tts_values[0] = Int64GetDatum(++to->number);
	ExecStoreVirtualTuple(to->row);
	table_tuple_insert(to->rel, to->row, to->command, TABLE_INSERT_SKIP_FSM,
					   to->bulk);
	return true;
}

static void
fill(staging *to, const char *name, const char *sql, Snapshot snapshot)
{
	to->rel = table_open(
		get_relname_relid(name, LookupExplicitNamespace("pg_temp", false)),
		RowExclusiveLock);
	to->bulk = GetBulkInsertState();
	to->row =
		MakeSingleTupleTableSlot(RelationGetDescr(to->rel), &TTSOpsVirtual);
	to->command = GetCurrentCommandId(true);
	zdbpg_query_run(linitial_node(RawStmt, pg_parse_query(sql)), sql, snapshot,
					&to->pub);
	ExecDropSingleTupleTableSlot(to->row);
	FreeBulkInsertState(to->bulk);
	table_finish_bulk_insert(to->rel, TABLE_INSERT_SKIP_FSM);
	table_close(to->rel, NoLock);
	CommandCounterIncrement();
}

void
zdbpg_merge_stage(zdb_merge *merge, const zdb_merge_step *step,
				  Snapshot snapshot)
{
	const char *sql = zdbpg_from_utf8(step->sql);
	staging to = {.pub = {.receiveSlot = receive,
						  .rStartup = begin,
						  .rShutdown = end,
						  .rDestroy = end,
						  .mydest = DestNone},
				  .merge = merge,
				  .step = step};

	zdbpg_query_exec(psprintf("CREATE TEMP TABLE \"%s\" ON COMMIT DROP AS %s "
							  "WITH NO DATA",
							  step->into, sql));
	fill(&to, step->into, sql, snapshot);
	if (step->looked_up)
		zdbpg_query_exec(psprintf("ANALYZE pg_temp.\"%s\"", step->into));
}
