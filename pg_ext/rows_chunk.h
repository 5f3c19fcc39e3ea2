/*
 * rows_chunk - a chunk of a table's rows, while it is filled
 *
 * It is one complete COPY block. A row that is longer than a chunk may be, and
 * a table that must stay in one run, make a series of chunks that belong
 * together.
 */
#ifndef ZDB_PG_EXT_ROWS_CHUNK_H
#define ZDB_PG_EXT_ROWS_CHUNK_H

#include "postgres.h"

#include "core/archive/chunk.h"
#include "pg_ext/changes.h"
#include "pg_ext/out.h"
#include "pg_ext/places.h"
#include "pg_ext/plan.h"

/* Where finished chunks go. A patched one is a patch of a chunk of the base
 * (zdb_writer_patch()). more: the next one belongs right behind it. */
typedef void (*zdbpg_emit)(void *arg, const zdb_entry *entry,
						   const void *stored, bool more);

typedef struct zdbpg_rows_chunk
{
	const zdbpg_plan *plan;
	zdbpg_emit emit;
	void *arg;
	zdb_encoder *encoder;
	zdb_buf *stored;
	zdb_buf *patch;
	uint32 table; /* in the plan */
	zdbpg_out raw;
	uint64 rows;
	uint64 first; /* block that it begins with, from 1; 0: all of a table */
	BlockNumber block; /* of the row added last */
	bool in_series;    /* parts of it were emitted */
	/* where its rows are from, if no other chunk has rows of these blocks */
	zdbpg_places places;
	bool alone;
} zdbpg_rows_chunk;

/* {0}; its memory goes with the current context. */
extern void zdbpg_rows_chunk_init(zdbpg_rows_chunk *chunk,
								  const zdbpg_plan *plan, zdbpg_emit emit,
								  void *arg);

/* Begin one of rows from block first on, or of all rows of a table. */
extern void zdbpg_rows_chunk_begin(zdbpg_rows_chunk *chunk, uint32 table,
								   BlockNumber first);
extern void zdbpg_rows_chunk_whole(zdbpg_rows_chunk *chunk, uint32 table);

/* The row from this place was appended to raw. */
extern void zdbpg_rows_chunk_add(zdbpg_rows_chunk *chunk,
								 const ItemPointerData *place);

/* Must it be emitted before a row from block (ignored for all of a table) is
 * added? At the end of a block, if that is not far. */
extern bool zdbpg_rows_chunk_full(const zdbpg_rows_chunk *chunk,
								  BlockNumber block);

/* Emit the full chunk and begin the next, whose first row is from block. */
extern void zdbpg_rows_chunk_next(zdbpg_rows_chunk *chunk, BlockNumber block);

/* Emit what is there. last: it ends here; else a series goes on. */
extern void zdbpg_rows_chunk_emit(zdbpg_rows_chunk *chunk, bool last);

/* How much text of changes a patch of a chunk of the base can have. */
extern size_t zdbpg_rows_chunk_room(const zdbpg_base_chunk *of,
									const zdbpg_changes *changes);

/* Emit a patch instead: the changes, of which raw has the text. */
extern void zdbpg_rows_chunk_patch(zdbpg_rows_chunk *chunk,
								   const zdbpg_base_chunk *of,
								   const zdbpg_changes *changes);

/* Forget what was not emitted. */
extern void zdbpg_rows_chunk_drop(zdbpg_rows_chunk *chunk);

#endif
