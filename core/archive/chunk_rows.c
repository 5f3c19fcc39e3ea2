/*
 * chunk_rows - chunks of rows of which it is known where they are from
 */
#include <string.h>

#include "core/archive/chunk_part.h"
#include "core/archive/row_patch.h"
#include "core/archive/tail.h"

/* That of the plain bytes becomes that of it and the map. */
static zdb_rc
hash_with_map(uint8_t sha256[ZDB_SHA256_BYTES], const void *map, size_t len,
			  zdb_err *err)
{
	zdb_sha256_stream *hash;

	if (zdb_sha256_new(&hash, err))
		return err->code;
	if (zdb_sha256_update(hash, sha256, ZDB_SHA256_BYTES, err) == ZDB_OK &&
		zdb_sha256_update(hash, map, len, err) == ZDB_OK)
		zdb_sha256_final(hash, sha256, err);
	zdb_sha256_free(hash);
	return err->code;
}

zdb_rc
zdb_chunk_encode_mapped(zdb_encoder *encoder, const void *raw,
						const zdb_buf *map, zdb_entry *entry, zdb_buf *stored,
						zdb_err *err)
{
	zdb_codec_kind kind = encoder ? zdb_encoder_kind(encoder) : ZDB_CODEC_NONE;

	if (zdb_chunk_encode(encoder, raw, false, entry, stored, err) ||
		kind == ZDB_CODEC_NONE || map->len > ZDB_TAG_BYTES_MAX ||
		zdb_tag_put(kind, stored, map->data, (uint32_t) map->len, err) ||
		hash_with_map(entry->sha256, map->data, map->len, err))
		return err->code;
	entry->flags |= ZDB_CHUNK_MAPPED;
	entry->stored_bytes = (uint32_t) stored->len;
	entry->stored_crc32 = zdb_crc32(stored->data, stored->len);
	return ZDB_OK;
}

zdb_rc
zdb_chunk_encode_patch(zdb_encoder *encoder, const zdb_buf *patch,
					   zdb_entry *entry, zdb_buf *stored, zdb_err *err)
{
	uint32_t len = (uint32_t) patch->len;
	uint32_t text = zdb_row_patch_text(patch->data, len);
	uint32_t rows = zdb_row_patch_rows(patch->data, len);

	if (patch->len > ZDB_CHUNK_BYTES_MAX || text == UINT32_MAX)
		return zdb_err_set(err, ZDB_INTERNAL, "a patch of rows is not sound");
	entry->flags |= ZDB_CHUNK_MAPPED;
	entry->patched = (uint16_t) (rows < 1            ? 1
								 : rows > UINT16_MAX ? UINT16_MAX
													 : rows);
	entry->patch_bytes = len;
	entry->raw_bytes = text;
	return zdb_sha256(patch->data, len, entry->sha256, err)
			   ? err->code
			   : zdb_chunk_encode_hashed(encoder, patch->data, false, entry,
										 stored, err);
}

zdb_rc
zdb_chunk_hash_upon(const zdb_entry *before, uint8_t sha256[ZDB_SHA256_BYTES],
					zdb_err *err)
{
	uint8_t both[2 * ZDB_SHA256_BYTES];

	memcpy(both, before->sha256, ZDB_SHA256_BYTES);
	memcpy(both + ZDB_SHA256_BYTES, sha256, ZDB_SHA256_BYTES);
	return zdb_sha256(both, sizeof both, sha256, err);
}

static zdb_rc
compare_hash(const zdb_entry *entry, const uint8_t sha256[ZDB_SHA256_BYTES],
			 zdb_err *err)
{
	return memcmp(sha256, entry->sha256, ZDB_SHA256_BYTES) == 0
			   ? ZDB_OK
			   : zdb_err_set(err, ZDB_DAMAGED, "wrong SHA-256");
}

static zdb_rc
take_map(zdb_chunk *chunk, const zdb_piece *piece, zdb_err *err)
{
	uint32_t len;
	const uint8_t *tag =
		zdb_tag_get(piece->codec, chunk->stored.data + piece->at,
					piece->entry.stored_bytes, &len);

	if (!tag)
		return zdb_err_set(err, ZDB_DAMAGED, "its map of rows is missing");
	return zdb_buf_append(&chunk->map, tag, len, err);
}

static zdb_rc
check_whole(zdb_chunk *chunk, const zdb_piece *piece, zdb_err *err)
{
	const zdb_entry *entry = &piece->entry;
	uint8_t sha256[ZDB_SHA256_BYTES];

	chunk->raw.len = entry->raw_bytes;
	if (zdb_chunk_decode_piece(chunk, piece, chunk->raw.data, err) ||
		zdb_sha256(chunk->raw.data, entry->raw_bytes, sha256, err))
		return err->code;
	if (entry->flags & ZDB_CHUNK_MAPPED &&
		(take_map(chunk, piece, err) ||
		 hash_with_map(sha256, chunk->map.data, chunk->map.len, err)))
		return err->code;
	return compare_hash(entry, sha256, err);
}

/* Check a patch against what its entry and that of the chunk before say. */
static zdb_rc
check_patch(zdb_chunk *chunk, const zdb_piece *piece, const zdb_entry *before,
			zdb_err *err)
{
	const zdb_entry *entry = &piece->entry;
	zdb_buf *patch = &chunk->patch;
	uint8_t sha256[ZDB_SHA256_BYTES];

	patch->len = 0;
	if (zdb_buf_reserve(patch, entry->patch_bytes, err) ||
		zdb_chunk_decode_piece(chunk, piece, patch->data, err) ||
		zdb_sha256(patch->data, entry->patch_bytes, sha256, err) ||
		zdb_chunk_hash_upon(before, sha256, err) ||
		compare_hash(entry, sha256, err))
		return err->code;
	return zdb_row_patch_text(patch->data, entry->patch_bytes) ==
				   entry->raw_bytes - before->raw_bytes
			   ? ZDB_OK
			   : zdb_err_set(err, ZDB_DAMAGED, "wrong length of its patch");
}

zdb_rc
zdb_chunk_check_rows(zdb_chunk *chunk, zdb_err *err)
{
	const zdb_entry *before = &chunk->before;

	for (uint32_t i = chunk->piece_count; i-- > 0 && !err->code;)
	{
		const zdb_piece *piece = &chunk->pieces[i];
		const zdb_entry *entry = &piece->entry;

		if (!entry->patched)
			check_whole(chunk, piece, err);
		else if (check_patch(chunk, piece, before, err) == ZDB_OK &&
				 !chunk->own)
			zdb_row_patch_apply(chunk->patch.data, entry->patch_bytes,
								entry->raw_bytes, &chunk->raw, &chunk->map,
								&chunk->scratch, err);
		if (err->code)
			chunk->entry = *entry;
		before = entry;
	}
	return err->code;
}
