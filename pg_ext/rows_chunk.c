/*
 * rows_chunk - a chunk of a table's rows, while it is filled
 */
#include "pg_ext/rows_chunk.h"

#include "miscadmin.h"

#include "core/archive/row_patch.h"
#include "pg_ext/zdbpg.h"

static const char trailer[] = "\\.\n";

/* A buffer that one long row blew up is given back. */
#define KEEP_BYTES (3 * ZDB_CHUNK_BYTES_MAX / 2)

static void
free_encoder(void *encoder)
{
	zdb_encoder_free(encoder);
}

void
zdbpg_rows_chunk_init(zdbpg_rows_chunk *chunk, const zdbpg_plan *plan,
					  zdbpg_emit emit, void *arg)
{
	zdb_err err = {0};

	chunk->plan = plan;
	chunk->emit = emit;
	chunk->arg = arg;
	zdbpg_own_new_buf(&chunk->stored);
	zdbpg_own_new_buf(&chunk->patch);
	zdbpg_own((void **) &chunk->encoder, free_encoder);
	if (plan->codec.kind != ZDB_CODEC_NONE)
		zdbpg_check(zdb_encoder_new(plan->codec, &chunk->encoder, &err), &err);
	zdbpg_out_init(&chunk->raw, plan->chunk_bytes + plan->chunk_bytes / 4);
	zdbpg_places_init(&chunk->places);
}

static void
put_header(zdbpg_rows_chunk *chunk)
{
	const zdbpg_plan_table *table = &chunk->plan->tables[chunk->table];

	zdbpg_out_bytes(&chunk->raw, (const char *) chunk->plan + table->header,
					table->header_bytes);
}

void
zdbpg_rows_chunk_begin(zdbpg_rows_chunk *chunk, uint32 table,
					   BlockNumber first)
{
	chunk->table = table;
	chunk->first = (uint64) first + 1;
	chunk->block = first;
	chunk->alone = true;
	zdbpg_places_begin(&chunk->places, first);
	put_header(chunk);
}

void
zdbpg_rows_chunk_whole(zdbpg_rows_chunk *chunk, uint32 table)
{
	chunk->table = table;
	chunk->first = 0;
	chunk->alone = false;
	put_header(chunk);
}

void
zdbpg_rows_chunk_add(zdbpg_rows_chunk *chunk, const ItemPointerData *place)
{
	chunk->rows++;
	if (chunk->first > 0)
		chunk->block = ItemPointerGetBlockNumberNoCheck(place);
	if (chunk->alone)
		zdbpg_places_add(&chunk->places, place);
}

bool
zdbpg_rows_chunk_full(const zdbpg_rows_chunk *chunk, BlockNumber block)
{
	size_t len = chunk->raw.len, enough = chunk->plan->chunk_bytes;

	return len >= enough &&
		   (chunk->first == 0 || block != chunk->block || len >= 2 * enough);
}

/* The map of a chunk that is a whole; NULL: none. */
static const zdb_buf *
map_of(zdbpg_rows_chunk *chunk, bool more)
{
	return chunk->alone && !chunk->in_series && !more
			   ? zdbpg_places_end(&chunk->places)
			   : NULL;
}

/* Encode len bytes and hand them on. */
static void
emit_part(zdbpg_rows_chunk *chunk, const char *raw, size_t len, bool more)
{
	const zdb_buf *map = map_of(chunk, more);
	zdb_entry entry = {
		.raw_bytes = (uint32_t) len,
		.kind = ZDB_CHUNK_ROWS,
		.flags = chunk->in_series ? ZDB_CHUNK_CONTINUED : 0,
		.table = chunk->table + 1,
		.first = chunk->first,
		.count = more ? 0 : chunk->rows,
	};
	zdb_err err = {0};

	if (map)
		zdb_chunk_encode_mapped(chunk->encoder, raw, map, &entry,
								chunk->stored, &err);
	else
		zdb_chunk_encode(chunk->encoder, raw, false, &entry, chunk->stored,
						 &err);
	zdbpg_check(err.code, &err);
	chunk->emit(chunk->arg, &entry,
				chunk->encoder ? (const void *) chunk->stored->data : raw,
				more);
	chunk->in_series = more;
}

/* The last part of a series, or a chunk of its own, carries the count of all
 * its rows. */
void
zdbpg_rows_chunk_emit(zdbpg_rows_chunk *chunk, bool last)
{
	const char *at;
	size_t left;

	if (last)
		zdbpg_out_text(&chunk->raw, trailer);
	at = chunk->raw.data;
	for (left = chunk->raw.len; left > ZDB_CHUNK_BYTES_MAX;
		 left -= chunk->plan->chunk_bytes)
	{
		CHECK_FOR_INTERRUPTS();
		emit_part(chunk, at, chunk->plan->chunk_bytes, true);
		at += chunk->plan->chunk_bytes;
	}
	emit_part(chunk, at, left, !last);
	zdbpg_rows_chunk_drop(chunk);
	if (last)
		chunk->rows = 0;
}

void
zdbpg_rows_chunk_next(zdbpg_rows_chunk *chunk, BlockNumber block)
{
	uint64 first = chunk->first;
	bool shared = block == chunk->block;

	/* two that share a block belong together: they begin with the same one,
	 * and neither can be patched */
	chunk->alone = chunk->alone && !shared;
	zdbpg_rows_chunk_emit(chunk, true);
	zdbpg_rows_chunk_begin(chunk, chunk->table, block);
	if (shared)
	{
		chunk->first = first;
		chunk->alone = false;
	}
}

/* The chunk with the text has to fit, and the patch with its maps; what else
 * is in it takes less than a chunk's header. */
size_t
zdbpg_rows_chunk_room(const zdbpg_base_chunk *of, const zdbpg_changes *changes)
{
	size_t taken =
		of->raw_bytes + changes->now_map->len + changes->kept_map->len;

	return taken < ZDB_CHUNK_BYTES_MAX ? ZDB_CHUNK_BYTES_MAX - taken : 0;
}

void
zdbpg_rows_chunk_patch(zdbpg_rows_chunk *chunk, const zdbpg_base_chunk *of,
					   const zdbpg_changes *changes)
{
	zdb_entry entry = {
		.kind = ZDB_CHUNK_ROWS,
		.patch_of = of->number,
		.table = chunk->table + 1,
		.first = (uint64) changes->first + 1,
		.count = changes->rows,
	};
	zdb_err err = {0};

	chunk->patch->len = 0;
	if (zdb_row_patch_make(changes->now_map, changes->kept_map,
						   chunk->raw.data, (uint32_t) chunk->raw.len,
						   chunk->patch, &err) == ZDB_OK)
		zdb_chunk_encode_patch(chunk->encoder, chunk->patch, &entry,
							   chunk->stored, &err);
	zdbpg_check(err.code, &err);
	zdbpg_rows_chunk_drop(chunk);
	chunk->emit(chunk->arg, &entry, chunk->stored->data, false);
}

void
zdbpg_rows_chunk_drop(zdbpg_rows_chunk *chunk)
{
	zdbpg_out_reset(&chunk->raw, KEEP_BYTES);
}
