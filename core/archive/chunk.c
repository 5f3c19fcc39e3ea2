/*
 * chunk - one chunk between its raw and its stored form
 */
#include "core/archive/chunk.h"

#include <string.h>

zdb_rc
zdb_chunk_encode(zdb_encoder *encoder, const void *raw, bool first,
				 zdb_entry *entry, zdb_buf *stored, zdb_err *err)
{
	const void *form = raw;

	entry->stored_bytes = entry->raw_bytes;
	if (zdb_sha256(raw, entry->raw_bytes, entry->sha256, err))
		return err->code;
	if (encoder)
	{
		if (zdb_encode(encoder, raw, entry->raw_bytes, first, stored, err))
			return err->code;
		form = stored->data;
		entry->stored_bytes = (uint32_t) stored->len;
	}
	entry->stored_crc32 = zdb_crc32(form, entry->stored_bytes);
	return ZDB_OK;
}

zdb_rc
zdb_chunk_load(zdb_chunk *chunk, zdb_reader *reader, uint64_t i, zdb_err *err)
{
	zdb_entry *entry = &chunk->entry;

	if (!chunk->decoder &&
		zdb_decoder_new(zdb_reader_codec(reader), &chunk->decoder, err))
		return err->code;
	if (zdb_reader_entry(reader, i, entry, err))
		return err->code;
	chunk->number = i;
	chunk->stored.len = 0;
	chunk->raw.len = 0;
	if (zdb_buf_reserve(&chunk->stored, entry->stored_bytes, err) ||
		zdb_buf_reserve(&chunk->raw, entry->raw_bytes, err))
		return err->code;
	return zdb_source_read(zdb_reader_source(reader), entry->file_offset,
						   chunk->stored.data, entry->stored_bytes, err);
}

zdb_rc
zdb_chunk_check(zdb_chunk *chunk, zdb_err *err)
{
	const zdb_entry *entry = &chunk->entry;
	uint8_t sha256[ZDB_SHA256_BYTES];

	if (zdb_crc32(chunk->stored.data, entry->stored_bytes) !=
		entry->stored_crc32)
		return zdb_err_set(err, ZDB_DAMAGED, "wrong CRC-32");
	if (zdb_decode(chunk->decoder, chunk->stored.data, entry->stored_bytes,
				   chunk->raw.data, entry->raw_bytes, err) ||
		zdb_sha256(chunk->raw.data, entry->raw_bytes, sha256, err))
		return err->code;
	if (memcmp(sha256, entry->sha256, sizeof sha256) != 0)
		zdb_err_set(err, ZDB_DAMAGED, "wrong SHA-256");
	return err->code;
}

zdb_rc
zdb_chunk_read(zdb_chunk *chunk, zdb_reader *reader, uint64_t i, zdb_err *err)
{
	if (zdb_chunk_load(chunk, reader, i, err) == ZDB_OK &&
		zdb_chunk_check(chunk, err))
		zdb_reader_blame(reader, i, &chunk->entry, err);
	return err->code;
}

void
zdb_chunk_clear(zdb_chunk *chunk)
{
	zdb_decoder_free(chunk->decoder);
	zdb_buf_clear(&chunk->stored);
	zdb_buf_clear(&chunk->raw);
	*chunk = (zdb_chunk){0};
}
