/*
 * produce - a participant of a backup: rows in, encoded chunks out
 *
 * Leader and workers run the same code. A chunk is one complete COPY block of
 * rows of one unit, so that it stands for a range of blocks; a row longer than
 * a chunk may be, and a table that must stay in one run, make a series of
 * chunks that belong together.
 */
#ifndef ZDB_PG_EXT_PRODUCE_H
#define ZDB_PG_EXT_PRODUCE_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "utils/snapshot.h"

#include "core/archive/chunk.h"
#include "pg_ext/plan.h"

/* Where finished chunks go. more: the next one belongs right behind it. */
typedef void (*zdbpg_emit)(void *arg, const zdb_entry *entry,
						   const void *stored, bool more);

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
