/*
 * writer_refer - chunks that another file has already
 */
#include <string.h>

#include "core/archive/row_patch.h"
#include "core/archive/tail.h"
#include "core/archive/writer_part.h"

/* The sums of a chunk of another file become ours. */
static zdb_rc
take_sums(zdb_writer *writer, zdb_reader *from, const zdb_entry *entry,
		  zdb_err *err)
{
	size_t len = entry->count * ZDB_PAGE_SUM_BYTES;
	zdb_buf sums = {0};

	if (zdb_buf_reserve(&sums, len, err) == ZDB_OK &&
		zdb_reader_sums(from, entry, sums.data, err) == ZDB_OK)
		zdb_spool_add(&writer->sums, sums.data, len, err);
	zdb_buf_clear(&sums);
	return err->code;
}

zdb_rc
zdb_writer_refer(zdb_writer *writer, const zdb_entry *of_base,
				 const zdb_chunk_about *about, zdb_err *err)
{
	zdb_entry entry = zdb_entry_upon(writer->base, of_base);

	if (zdb_writer_settle(writer, err) ||
		(writer->with_sums && take_sums(writer, writer->base, of_base, err)))
		return err->code;
	entry.kind = (uint8_t) about->kind;
	entry.flags =
		about->flags | (of_base->flags & (ZDB_CHUNK_SUMS | ZDB_CHUNK_MAPPED));
	entry.table = about->table;
	entry.first = about->first;
	entry.count = about->count;
	return zdb_writer_add(writer, &entry, err);
}

/* The chunk of the base that a patch of rows is for. */
static zdb_rc
find_patched(zdb_writer *writer, const zdb_entry *patch, zdb_entry *before,
			 zdb_err *err)
{
	zdb_reader *base = writer->base;

	if (!base || patch->patch_of >= zdb_reader_footer(base)->chunks ||
		!zdb_entry_patches_rows(patch) || patch->first < 1 ||
		patch->first > UINT32_MAX || patch->count > UINT32_MAX ||
		patch->flags & ZDB_CHUNK_CONTINUED)
		return zdb_err_set(err, ZDB_INTERNAL, "a patch of rows of nothing");
	if (zdb_reader_entry(base, patch->patch_of, before, err))
		return err->code;
	if (before->kind != ZDB_CHUNK_ROWS || !(before->flags & ZDB_CHUNK_MAPPED))
		return zdb_err_set(err, ZDB_INTERNAL,
						   "a patch of rows of a chunk without a map");
	return patch->raw_bytes <= ZDB_CHUNK_BYTES_MAX - before->raw_bytes
			   ? ZDB_OK
			   : zdb_err_set(err, ZDB_INTERNAL,
							 "a patch of rows makes its chunk too long");
}

zdb_rc
zdb_writer_patch(zdb_writer *writer, zdb_entry *entry, const void *stored,
				 zdb_err *err)
{
	zdb_entry before;
	uint32_t patched;

	if (find_patched(writer, entry, &before, err) ||
		zdb_chunk_hash_upon(&before, entry->sha256, err))
		return err->code;
	patched = (uint32_t) entry->patched + before.patched;
	entry->patched = (uint16_t) (patched < UINT16_MAX ? patched : UINT16_MAX);
	entry->raw_bytes += before.raw_bytes;
	return zdb_writer_append(writer, entry, stored, err);
}

/* Whole, of our codec, and not with the mark of a first chunk. */
static bool
will_do(const zdb_writer *writer, const zdb_chunk *chunk)
{
	const zdb_piece *piece = &chunk->pieces[0];

	return chunk->piece_count == 1 && piece->codec == writer->codec.kind &&
		   piece->entry.file_offset > 0 && chunk->number > 0 &&
		   !(chunk->entry.flags & ZDB_CHUNK_SUMS) == !writer->with_sums;
}

static zdb_rc
copy_stored(zdb_writer *writer, zdb_reader *from, const zdb_chunk *chunk,
			zdb_err *err)
{
	zdb_entry entry = chunk->entry;

	if (zdb_crc32(chunk->stored.data, entry.stored_bytes) !=
		entry.stored_crc32)
	{
		zdb_err_set(err, ZDB_DAMAGED, "wrong CRC-32");
		zdb_reader_blame(from, chunk->number, &chunk->entry, err);
	}
	else if (zdb_writer_settle(writer, err) == ZDB_OK &&
			 (!writer->with_sums ||
			  take_sums(writer, from, &chunk->entry, err) == ZDB_OK))
		zdb_writer_put(writer, &entry, chunk->stored.data, err);
	return err->code;
}

/* Of rows that were patched, the empty lines are left behind. */
static zdb_rc
encode_again(zdb_writer *writer, zdb_reader *from, zdb_chunk *chunk,
			 zdb_err *err)
{
	const zdb_entry *entry = &chunk->entry;
	zdb_chunk_about about = {.kind = (zdb_chunk_kind) entry->kind,
							 .flags = entry->flags &
									  ~(ZDB_CHUNK_SUMS | ZDB_CHUNK_MAPPED),
							 .table = entry->table,
							 .first = entry->first,
							 .count = entry->count};
	uint32_t bytes = entry->raw_bytes;
	uint8_t *raw;

	if (zdb_chunk_check(chunk, err))
	{
		zdb_reader_blame(from, chunk->number, entry, err);
		return err->code;
	}
	if (entry->flags & ZDB_CHUNK_MAPPED)
		about.map = &chunk->map;
	if (zdb_entry_patches_rows(entry))
		bytes = zdb_row_patch_trim(chunk->raw.data, bytes);
	if (zdb_writer_lend(writer, bytes, &raw, err))
		return err->code;
	memcpy(raw, chunk->raw.data, bytes);
	return zdb_writer_chunk(writer, bytes, &about, err);
}

zdb_rc
zdb_writer_copy(zdb_writer *writer, zdb_reader *from, uint64_t i,
				zdb_chunk *chunk, bool *copied, zdb_err *err)
{
	if (zdb_chunk_load(chunk, from, i, err))
		return err->code;
	*copied = will_do(writer, chunk);
	return *copied ? copy_stored(writer, from, chunk, err)
				   : encode_again(writer, from, chunk, err);
}
