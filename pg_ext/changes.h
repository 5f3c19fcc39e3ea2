/*
 * changes - what became of the rows that a chunk of the base holds
 *
 * A row is the base's own if a transaction inserted it that had ended when the
 * base's snapshot was taken, and none whose end the base may have seen
 * deleted it: no other row can have come to its place since. Every other row
 * that is visible now is put in, even if the base has it; every other row of
 * the base is left out. docs/design.md has the whole argument.
 */
#ifndef ZDB_PG_EXT_CHANGES_H
#define ZDB_PG_EXT_CHANGES_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#include "pg_ext/places.h"
#include "pg_ext/rows.h"

typedef struct zdbpg_changes
{
	zdbpg_places now;  /* of the rows that are visible */
	zdbpg_places kept; /* of the base's own among them; as many blocks */
	const zdb_buf *now_map;
	const zdb_buf *kept_map;
	BlockNumber first;
	uint64 rows;
	uint64 put_in; /* of them */
} zdbpg_changes;

/* {0}; its memory goes with the current context. */
extern void zdbpg_changes_init(zdbpg_changes *changes);

/* Look at blocks; xmin: the oldest transaction that ran at the base's
 * snapshot. Returns false when it cannot be told whose a row is. */
extern bool zdbpg_changes_find(zdbpg_changes *changes, Relation rel,
							   BlockNumber first, BlockNumber count,
							   TransactionId xmin, Snapshot snapshot,
							   BufferAccessStrategy strategy);

/* Append the text of the rows that are put in. Returns false as soon as out
 * has more than max bytes. */
extern bool zdbpg_changes_write(const zdbpg_changes *changes, zdbpg_rows *rows,
								BufferAccessStrategy strategy, size_t max,
								zdbpg_out *out);

#endif
