/*
 * query - run one SQL statement inside the present transaction
 */
#include "pg_ext/query.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "pg_ext/compat.h"

/* What is done between the executor's start and run. */
typedef struct preparation
{
	void (*prepare)(void *arg, QueryDesc *desc);
	void *arg;
} preparation;

/* Returns how many rows it changed or gave. */
static uint64
run_planned(PlannedStmt *planned, const char *text, DestReceiver *dest,
			const preparation *first)
{
	QueryDesc *desc;
	uint64 rows;

	if (planned->utilityStmt)
	{
		zdbpg_utility(planned, text, dest);
		return 0;
	}
	desc = CreateQueryDesc(planned, text, GetActiveSnapshot(), NULL, dest,
						   NULL, NULL, 0);
	ExecutorStart(desc, 0);
	if (first)
		first->prepare(first->arg, desc);
	zdbpg_executor_run(desc, 0);
	rows = desc->estate->es_processed;
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	return rows;
}

static void
push_snapshot(Snapshot snapshot)
{
	if (!snapshot)
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		return;
	}
	PushCopiedSnapshot(snapshot);
	if (!IsInParallelMode())
		UpdateActiveSnapshotCommandId();
}

static uint64
run(RawStmt *raw, const char *text, Snapshot snapshot, DestReceiver *dest,
	const preparation *first)
{
	List *planned;
	ListCell *cell;
	uint64 rows = 0;

	if (!IsInParallelMode())
		CommandCounterIncrement();
	push_snapshot(snapshot);
	planned = pg_plan_queries(zdbpg_analyze(raw, text), text, 0, NULL);
	PopActiveSnapshot();
	foreach(cell, planned)
	{
		if (!IsInParallelMode())
			CommandCounterIncrement();
		push_snapshot(snapshot);
		rows += run_planned(lfirst_node(PlannedStmt, cell), text, dest, first);
		/* a utility may have popped it, as PortalRunUtility knows */
		if (ActiveSnapshotSet())
			PopActiveSnapshot();
	}
	return rows;
}

uint64
zdbpg_query_run(RawStmt *raw, const char *text, Snapshot snapshot,
				DestReceiver *dest)
{
	return run(raw, text, snapshot, dest, NULL);
}

uint64
zdbpg_query_exec_prepared(const char *text,
						  void (*prepare)(void *arg, QueryDesc *desc),
						  void *arg)
{
	const preparation first = {prepare, arg};
	uint64 rows = run(linitial_node(RawStmt, pg_parse_query(text)), text, NULL,
					  None_Receiver, &first);

	CommandCounterIncrement();
	return rows;
}

uint64
zdbpg_query_exec(const char *text)
{
	uint64 rows = 0;
	ListCell *cell;

	foreach(cell, pg_parse_query(text)) rows +=
		zdbpg_query_run(lfirst_node(RawStmt, cell), text, NULL, None_Receiver);
	CommandCounterIncrement();
	return rows;
}

typedef struct each
{
	DestReceiver pub;
	void (*take)(void *arg, TupleTableSlot *slot);
	void *arg;
	MemoryContext context; /* the caller's */
} each;

static void
each_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static bool
each_receive(TupleTableSlot *slot, DestReceiver *self)
{
	each *to = (each *) self;
	MemoryContext before = MemoryContextSwitchTo(to->context);

	to->take(to->arg, slot);
	MemoryContextSwitchTo(before);
	return true;
}

static void
each_end(DestReceiver *self)
{
}

void
zdbpg_query_each(const char *text, Snapshot snapshot,
				 void (*take)(void *arg, TupleTableSlot *slot), void *arg)
{
	each to = {.pub = {.receiveSlot = each_receive,
					   .rStartup = each_startup,
					   .rShutdown = each_end,
					   .rDestroy = each_end,
					   .mydest = DestNone},
			   .take = take,
			   .arg = arg,
			   .context = CurrentMemoryContext};
	List *parsed = pg_parse_query(text);
	int nest = NewGUCNestLevel();

	if (!IsInParallelMode()) /* there the leader has done it */
		(void) set_config_option("search_path", "pg_catalog, pg_temp",
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
	zdbpg_query_run(linitial_node(RawStmt, parsed), text, snapshot, &to.pub);
	AtEOXact_GUC(true, nest);
}

static void
take_int64(void *arg, TupleTableSlot *slot)
{
	bool isnull;
	Datum value = slot_getattr(slot, 1, &isnull);

	*(int64 *) arg = isnull ? 0 : DatumGetInt64(value);
}

int64
zdbpg_query_int64(const char *text)
{
	int64 number = 0;

	zdbpg_query_each(text, NULL, take_int64, &number);
	return number;
}

char *
zdbpg_slot_text(TupleTableSlot *slot, int column)
{
	bool isnull;
	Datum value = slot_getattr(slot, column, &isnull);

	return isnull ? NULL : text_to_cstring(DatumGetTextPP(value));
}

static void
take_text(void *arg, TupleTableSlot *slot)
{
	List **texts = arg;

	*texts = lappend(*texts, zdbpg_slot_text(slot, 1));
}

List *
zdbpg_query_texts(const char *text)
{
	List *texts = NIL;

	zdbpg_query_each(text, NULL, take_text, &texts);
	return texts;
}

char *
zdbpg_quoted(List *names)
{
	StringInfoData list;
	ListCell *cell;

	initStringInfo(&list);
	foreach(cell, names) appendStringInfo(&list, "%s%s", list.len ? ", " : "",
										  quote_identifier(lfirst(cell)));
	return list.data;
}
