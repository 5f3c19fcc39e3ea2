/*
 * writer_head - the first chunk, when it is given last
 */
#include "core/archive/chunk.h"
#include "core/archive/guard.h"
#include "core/archive/writer_part.h"
#include "core/base/mem.h"

/* Stored bytes of the first chunk when it is given last. Who has a guard has
 * the mark there. */
static uint32_t
head_stored(const zdb_writer *writer)
{
	return zdb_stored_bytes(writer->codec.kind, writer->head_bytes,
							!writer->guard);
}

uint32_t
zdb_writer_head_end(const zdb_writer *writer)
{
	return zdb_guard_stored_bytes(writer->guard, writer->codec.kind) +
		   head_stored(writer);
}

zdb_rc
zdb_writer_reserve_head(zdb_writer *writer, zdb_err *err)
{
	uint8_t no_sum[ZDB_PAGE_SUM_BYTES] = {0};
	zdb_entry entry = {.file_offset = writer->sink->written,
					   .stored_bytes = head_stored(writer),
					   .raw_bytes = writer->head_bytes};
	uint8_t *zeros;

	if (!writer->head_bytes)
		return ZDB_OK;
	zeros = zdb_calloc(1, entry.stored_bytes);
	if (!zeros)
		return zdb_err_nomem(err);
	if (zdb_sink_write(writer->sink, zeros, entry.stored_bytes, err) ==
			ZDB_OK &&
		zdb_index_add(&writer->index, &entry, err) == ZDB_OK &&
		writer->with_sums)
		zdb_spool_add(&writer->sums, no_sum, sizeof no_sum, err);
	zdb_free(zeros);
	writer->totals.raw_bytes = writer->head_bytes;
	writer->totals.own_chunks = 1;
	writer->totals.changed_pages = writer->with_sums;
	writer->head_missing = true;
	return err->code;
}

/* The first bytes anew: guard and head. */
static zdb_rc
rewrite_head(zdb_writer *writer, const zdb_buf *head, zdb_err *err)
{
	zdb_buf start = {0};

	if (!writer->guard)
		return zdb_sink_rewrite(writer->sink, head->data, head->len, err);
	if (zdb_guard_encode(writer->guard, writer->codec.kind, &start, err) ==
			ZDB_OK &&
		zdb_buf_append(&start, head->data, head->len, err) == ZDB_OK)
		zdb_sink_rewrite(writer->sink, start.data, start.len, err);
	zdb_buf_clear(&start);
	return err->code;
}

static zdb_rc
hash_head(zdb_writer *writer, const void *raw, zdb_entry *entry, zdb_err *err)
{
	zdb_buf sum = {0};

	if (!writer->with_sums)
		return zdb_sha256(raw, entry->raw_bytes, entry->sha256, err);
	if (zdb_chunk_sums(raw, entry, &sum, err) == ZDB_OK)
		zdb_spool_set_first(&writer->sums, sum.data, sum.len, err);
	zdb_buf_clear(&sum);
	return err->code;
}

zdb_rc
zdb_writer_head(zdb_writer *writer, const void *raw,
				const zdb_chunk_about *about, zdb_err *err)
{
	zdb_entry entry = zdb_entry_about(about, writer->head_bytes);
	zdb_buf stored = {0};

	if (zdb_encode_stored(writer->codec.kind, raw, writer->head_bytes,
						  !writer->guard, &stored, err) == ZDB_OK &&
		hash_head(writer, raw, &entry, err) == ZDB_OK &&
		rewrite_head(writer, &stored, err) == ZDB_OK)
	{
		entry.file_offset =
			zdb_guard_stored_bytes(writer->guard, writer->codec.kind);
		entry.stored_bytes = (uint32_t) stored.len;
		entry.stored_crc32 = zdb_crc32(stored.data, stored.len);
		zdb_index_set_first(&writer->index, &entry);
		writer->head_missing = false;
	}
	zdb_buf_clear(&stored);
	return err->code;
}
