/*
 * settled - do blocks hold the rows that a base has of them?
 *
 * They do if
 * - no page was changed since the base's LSN: what is not logged (hints) does
 *   not change which rows are visible;
 * - every transaction that wrote a row version there, or deleted it, had ended
 *   when the base's snapshot was taken, by commit or not: nothing can become
 * of it that the snapshot did not see. One that ran then may have committed
 *   later without touching the page.
 * What cannot be proved is not so. docs/design.md has the whole argument.
 */
#ifndef ZDB_PG_EXT_SETTLED_H
#define ZDB_PG_EXT_SETTLED_H

#include "postgres.h"

#include "access/htup_details.h"
#include "storage/buf.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "pg_ext/plan.h"

/* Who deleted or updated a row version, whatever became of it; nobody if it is
 * locked only. */
extern TransactionId zdbpg_deleter(HeapTupleHeader tuple);

extern bool zdbpg_is_settled(Relation rel, BlockNumber first,
							 BlockNumber count, const zdbpg_moment *base,
							 BufferAccessStrategy strategy);

#endif
