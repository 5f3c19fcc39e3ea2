/*
 * produce - a participant of a backup: rows in, encoded chunks out
 *
 * Leader and workers run the same code. A chunk is one complete COPY block of
 * rows of one unit, so that it stands for a range of blocks. What the base has
 * of a range is referred to, or patched.
 */
#ifndef ZDB_PG_EXT_PRODUCE_H
#define ZDB_PG_EXT_PRODUCE_H

#include "postgres.h"

#include "utils/snapshot.h"

#include "pg_ext/plan.h"
#include "pg_ext/rows_chunk.h"

/* Where the numbers of the base's chunks go that need not be written again. */
typedef void (*zdbpg_refer)(void *arg, uint32 table, uint64 chunk, bool more);

typedef struct zdbpg_producer zdbpg_producer;

/* Everything it opens goes with the current memory context. */
extern zdbpg_producer *zdbpg_producer_new(zdbpg_plan *plan, Snapshot snapshot,
										  zdbpg_emit emit, zdbpg_refer refer,
										  void *arg);

/* Make at most one chunk of what may be done now. Returns false when there was
 * nothing below the limit. */
extern bool zdbpg_producer_work(zdbpg_producer *producer);

/* All rows of a table that is one unit. */
extern void zdbpg_producer_whole(zdbpg_producer *producer, uint32 table,
								 const char *query);

extern void zdbpg_producer_close(zdbpg_producer *producer);

#endif
