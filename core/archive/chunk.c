/*
 * chunk - one chunk between its raw and its stored form
 */
#include <string.h>

#include "core/archive/chunk_part.h"
#include "core/archive/links.h"
#include "core/archive/patch.h"
#include "core/archive/tail.h"
#include "core/base/mem.h"

zdb_rc
zdb_chunk_encode_hashed(zdb_encoder *encoder, const void *raw, bool first,
						zdb_entry *entry, zdb_buf *stored, zdb_err *err)
{
	uint32_t bytes = zdb_entry_inner_bytes(entry);
	const void *form = raw;

	entry->stored_bytes = bytes;
	if (encoder)
	{
		if (zdb_encode(encoder, raw, bytes, first, stored, err))
			return err->code;
		form = stored->data;
		entry->stored_bytes = (uint32_t) stored->len;
	}
	entry->stored_crc32 = zdb_crc32(form, entry->stored_bytes);
	return ZDB_OK;
}

zdb_rc
zdb_chunk_encode(zdb_encoder *encoder, const void *raw, bool first,
				 zdb_entry *entry, zdb_buf *stored, zdb_err *err)
{
	if (zdb_sha256(raw, entry->raw_bytes, entry->sha256, err))
		return err->code;
	return zdb_chunk_encode_hashed(encoder, raw, first, entry, stored, err);
}

static uint32_t
page_bytes(const zdb_entry *entry)
{
	return (uint32_t) (entry->raw_bytes / entry->count);
}

/* The sums of the pages, and the SHA-256 of these. */
static zdb_rc
hash_pages(const void *raw, const zdb_entry *entry, zdb_buf *sums,
		   uint8_t sha256[ZDB_SHA256_BYTES], zdb_err *err)
{
	sums->len = 0;
	if (zdb_buf_reserve(sums, entry->count * ZDB_PAGE_SUM_BYTES, err) ||
		zdb_sha256_pieces(raw, page_bytes(entry), entry->count,
						  ZDB_PAGE_SUM_BYTES, sums->data, err))
		return err->code;
	sums->len = entry->count * ZDB_PAGE_SUM_BYTES;
	return zdb_sha256(sums->data, sums->len, sha256, err);
}

zdb_rc
zdb_chunk_sums(const void *raw, zdb_entry *entry, zdb_buf *sums, zdb_err *err)
{
	entry->flags |= ZDB_CHUNK_SUMS;
	return hash_pages(raw, entry, sums, entry->sha256, err);
}

static zdb_rc
add_piece(zdb_chunk *chunk, const zdb_piece *piece, zdb_err *err)
{
	if (chunk->piece_count == chunk->piece_cap)
	{
		uint32_t cap = chunk->piece_cap ? 2 * chunk->piece_cap : 4;
		zdb_piece *more = zdb_realloc(chunk->pieces, cap * sizeof *more);

		if (!more)
			return zdb_err_nomem(err);
		chunk->pieces = more;
		chunk->piece_cap = cap;
	}
	chunk->pieces[chunk->piece_count++] = *piece;
	return ZDB_OK;
}

/* Read what link holds of the chunk, as entry says. */
static zdb_rc
load_piece(zdb_chunk *chunk, zdb_reader *link, const zdb_entry *entry,
		   zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(link);
	zdb_piece piece = {.codec = zdb_reader_codec(link),
					   .entry = *entry,
					   .at = chunk->stored.len};

	if (!chunk->decoders[piece.codec] &&
		zdb_decoder_new(piece.codec, &chunk->decoders[piece.codec], err))
		return err->code;
	if (entry->file_offset > footer->data_bytes ||
		entry->stored_bytes > footer->data_bytes - entry->file_offset)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "its index points behind the end of \"%s\"",
						   zdb_reader_source(link)->name);
	if (zdb_buf_reserve(&chunk->stored, entry->stored_bytes, err) ||
		zdb_source_read(zdb_reader_source(link), entry->file_offset,
						chunk->stored.data + piece.at, entry->stored_bytes,
						err))
		return err->code;
	chunk->stored.len += entry->stored_bytes;
	return add_piece(chunk, &piece, err);
}

/* Is the chunk one that the patch can be for? */
static bool
is_patched_by(const zdb_entry *entry, const zdb_entry *patch)
{
	if (entry->kind != patch->kind)
		return false;
	if (zdb_entry_patches_rows(patch))
		return entry->flags & ZDB_CHUNK_MAPPED &&
			   entry->raw_bytes <= patch->raw_bytes;
	return entry->raw_bytes == patch->raw_bytes &&
		   entry->raw_offset == patch->raw_offset &&
		   entry->count == patch->count;
}

/* What patch is for, as the file before its link has it; 0 is the last of the
 * chain. Links decrease, so following them ends. */
static zdb_rc
step_down(zdb_chunk *chunk, zdb_reader *reader, const zdb_entry *patch,
		  zdb_entry *entry, zdb_err *err)
{
	uint32_t count = zdb_reader_manifest(reader)->chain.count;
	uint32_t before = (patch->link ? patch->link : count + 1) - 1;
	uint64_t number =
		zdb_entry_patches_rows(patch) ? patch->patch_of : chunk->number;
	zdb_reader *link;

	if (zdb_reader_linked(reader, before, &link, err))
		return err->code;
	if (before == 0 || number >= zdb_reader_footer(link)->chunks)
		return zdb_err_set(err, ZDB_DAMAGED, "it patches what is not there");
	if (zdb_reader_entry(link, number, entry, err))
		return err->code;
	if (!entry->link)
		entry->link = before;
	entry->table = patch->table; /* as the file that is read counts */
	return is_patched_by(entry, patch)
			   ? ZDB_OK
			   : zdb_err_set(err, ZDB_DAMAGED,
							 "it patches a chunk of another kind or length");
}

static zdb_rc
begin_load(zdb_chunk *chunk, zdb_reader *reader, uint64_t i, zdb_err *err)
{
	chunk->number = i;
	chunk->stored.len = 0;
	chunk->raw.len = 0;
	chunk->map.len = 0;
	chunk->piece_count = 0;
	chunk->own = false;
	return zdb_reader_entry(reader, i, &chunk->entry, err);
}

zdb_rc
zdb_chunk_load(zdb_chunk *chunk, zdb_reader *reader, uint64_t i, zdb_err *err)
{
	zdb_entry entry, patch;

	/* no older piece is longer */
	if (begin_load(chunk, reader, i, err) ||
		zdb_buf_reserve(&chunk->raw, chunk->entry.raw_bytes, err))
		return err->code;
	entry = chunk->entry;
	for (;;)
	{
		zdb_reader *link;

		if (zdb_reader_linked(reader, entry.link, &link, err) ||
			load_piece(chunk, link, &entry, err))
			break;
		patch = entry;
		if (!patch.patched || step_down(chunk, reader, &patch, &entry, err))
			break;
	}
	if (err->code)
		zdb_reader_blame(reader, i, &chunk->entry, err);
	return err->code;
}

zdb_rc
zdb_chunk_load_own(zdb_chunk *chunk, zdb_reader *reader, uint64_t i,
				   zdb_err *err)
{
	zdb_entry *entry = &chunk->entry;

	if (begin_load(chunk, reader, i, err) || entry->link > 0)
		return err->code;
	chunk->own = true;
	if (zdb_buf_reserve(&chunk->raw, entry->raw_bytes, err) ||
		load_piece(chunk, reader, entry, err) || !entry->patched)
		return err->code;
	if (zdb_entry_patches_rows(entry))
	{
		if (step_down(chunk, reader, entry, &chunk->before, err))
			zdb_reader_blame(reader, i, entry, err);
		return err->code;
	}
	chunk->sums.len = 0;
	return zdb_buf_reserve(&chunk->sums, entry->count * ZDB_PAGE_SUM_BYTES,
						   err)
			   ? err->code
			   : zdb_reader_sums(reader, entry, chunk->sums.data, err);
}

zdb_rc
zdb_chunk_decode_piece(zdb_chunk *chunk, const zdb_piece *piece, void *into,
					   zdb_err *err)
{
	const zdb_entry *entry = &piece->entry;
	const uint8_t *stored = chunk->stored.data + piece->at;

	if (zdb_crc32(stored, entry->stored_bytes) != entry->stored_crc32)
		return zdb_err_set(err, ZDB_DAMAGED, "wrong CRC-32");
	return zdb_decode(chunk->decoders[piece->codec], stored,
					  entry->stored_bytes, into, zdb_entry_inner_bytes(entry),
					  err);
}

static zdb_rc
decode_patch(zdb_chunk *chunk, const zdb_piece *piece, zdb_err *err)
{
	const zdb_entry *entry = &piece->entry;

	chunk->patch.len = 0;
	if (zdb_buf_reserve(&chunk->patch, zdb_entry_inner_bytes(entry), err) ||
		zdb_chunk_decode_piece(chunk, piece, chunk->patch.data, err))
		return err->code;
	return zdb_patch_fits(chunk->patch.data, entry->count, entry->patched)
			   ? ZDB_OK
			   : zdb_err_set(err, ZDB_DAMAGED, "wrong bitmap of pages");
}

/* All pieces, the oldest first; a failure leaves chunk->entry at its own. */
static zdb_rc
decode_all(zdb_chunk *chunk, zdb_err *err)
{
	for (uint32_t i = chunk->piece_count; i-- > 0;)
	{
		const zdb_piece *piece = &chunk->pieces[i];
		const zdb_entry *entry = &piece->entry;

		if (!entry->patched)
			zdb_chunk_decode_piece(chunk, piece, chunk->raw.data, err);
		else if (decode_patch(chunk, piece, err) == ZDB_OK && !chunk->own)
			zdb_patch_apply(chunk->patch.data, entry->count, page_bytes(entry),
							chunk->raw.data);
		if (err->code)
		{
			chunk->entry = *entry;
			return err->code;
		}
	}
	return ZDB_OK;
}

zdb_rc
zdb_chunk_check(zdb_chunk *chunk, zdb_err *err)
{
	const zdb_entry *entry = &chunk->entry;
	uint8_t sha256[ZDB_SHA256_BYTES];

	if (entry->kind == ZDB_CHUNK_ROWS)
		return zdb_chunk_check_rows(chunk, err);
	if (decode_all(chunk, err))
		return err->code;
	if (chunk->own && entry->patched)
		return zdb_patch_check(chunk->patch.data, entry->count,
							   page_bytes(entry), chunk->sums.data, err);
	if (entry->flags & ZDB_CHUNK_SUMS)
		hash_pages(chunk->raw.data, entry, &chunk->sums, sha256, err);
	else
		zdb_sha256(chunk->raw.data, entry->raw_bytes, sha256, err);
	if (!err->code && memcmp(sha256, entry->sha256, sizeof sha256) != 0)
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
	for (int i = 0; i <= ZDB_CODEC_ZSTD; i++)
		zdb_decoder_free(chunk->decoders[i]);
	zdb_free(chunk->pieces);
	zdb_buf_clear(&chunk->stored);
	zdb_buf_clear(&chunk->patch);
	zdb_buf_clear(&chunk->sums);
	zdb_buf_clear(&chunk->scratch);
	zdb_buf_clear(&chunk->map);
	zdb_buf_clear(&chunk->raw);
	*chunk = (zdb_chunk){0};
}
