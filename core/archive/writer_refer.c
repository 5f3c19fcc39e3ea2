/*
 * writer_refer - chunks that another file has already
 */
#include <string.h>

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
	entry.flags = about->flags | (of_base->flags & ZDB_CHUNK_SUMS);
	entry.table = about->table;
	entry.first = about->first;
	entry.count = about->count;
	return zdb_writer_add(writer, &entry, err);
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

static zdb_rc
encode_again(zdb_writer *writer, zdb_reader *from, zdb_chunk *chunk,
			 zdb_err *err)
{
	const zdb_entry *entry = &chunk->entry;
	zdb_chunk_about about = {.kind = (zdb_chunk_kind) entry->kind,
							 .flags = entry->flags & ~ZDB_CHUNK_SUMS,
							 .table = entry->table,
							 .first = entry->first,
							 .count = entry->count};
	uint8_t *raw;

	if (zdb_chunk_check(chunk, err))
	{
		zdb_reader_blame(from, chunk->number, entry, err);
		return err->code;
	}
	if (zdb_writer_lend(writer, entry->raw_bytes, &raw, err))
		return err->code;
	memcpy(raw, chunk->raw.data, entry->raw_bytes);
	return zdb_writer_chunk(writer, entry->raw_bytes, &about, err);
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
