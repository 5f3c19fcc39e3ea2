/*
 * query - run one SQL statement inside the present transaction
 */
#ifndef ZDB_PG_EXT_QUERY_H
#define ZDB_PG_EXT_QUERY_H

#include "postgres.h"

#include "executor/execdesc.h"
#include "executor/tuptable.h"
#include "nodes/parsenodes.h"
#include "tcop/dest.h"
#include "utils/snapshot.h"

/* Analyze, plan and run a parsed statement; rows go to dest. snapshot is NULL
 * for the transaction's newest. Returns how many rows it changed or gave. */
extern uint64 zdbpg_query_run(RawStmt *raw, const char *text,
							  Snapshot snapshot, DestReceiver *dest);

/* Parse and run statements whose rows nobody wants; how many they changed. */
extern uint64 zdbpg_query_exec(const char *text);

/* Like zdbpg_query_exec(), but one statement, and prepare may change what the
 * executor has set up. */
extern uint64 zdbpg_query_exec_prepared(
	const char *text, void (*prepare)(void *arg, QueryDesc *desc), void *arg);

/* Run one SELECT of ours and call take for every row, in the present memory
 * context. Its operators and types are pg_catalog's, whatever search_path
 * says.
 */
extern void zdbpg_query_each(const char *text, Snapshot snapshot,
							 void (*take)(void *arg, TupleTableSlot *slot),
							 void *arg);

/* A text column of a row, copied; NULL for null. */
extern char *zdbpg_slot_text(TupleTableSlot *slot, int column);

/* The first column of all rows, which is text: a list of char *. */
extern List *zdbpg_query_texts(const char *text);

/* "one, \"the Other\"": names (char *) for SQL. */
extern char *zdbpg_quoted(List *names);

/* The first column of the only row as an int64; 0 without rows. */
extern int64 zdbpg_query_int64(const char *text);

#endif
