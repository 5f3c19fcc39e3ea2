/*
 * entry - a chunk in the index
 */
#include <string.h>

#include "core/archive/tail.h"
#include "core/base/bytes.h"

/* Offsets in an entry: docs/format.md. */
enum
{
	ENTRY_FILE_OFFSET = 0,
	ENTRY_RAW_OFFSET = 8,
	ENTRY_STORED = 16,
	ENTRY_RAW = 20,
	ENTRY_CRC = 24,
	ENTRY_KIND = 28,
	ENTRY_FLAGS = 29,
	ENTRY_PATCHED = 30,
	ENTRY_TABLE = 32,
	ENTRY_LINK = 36,
	ENTRY_FIRST = 40,
	ENTRY_PATCH_BYTES = 44, /* of patched rows: half of first, */
	ENTRY_COUNT = 48,
	ENTRY_PATCH_OF = 52, /* and half of count */
	ENTRY_SHA256 = 56,
};

_Static_assert(ENTRY_SHA256 + ZDB_SHA256_BYTES == ZDB_ENTRY_BYTES,
			   "an entry on disk has 88 bytes");

uint32_t
zdb_patch_map_bytes(uint64_t pages)
{
	return (uint32_t) ((pages + 7) / 8);
}

bool
zdb_entry_patches_rows(const zdb_entry *entry)
{
	return entry->kind == ZDB_CHUNK_ROWS && entry->patched > 0;
}

uint32_t
zdb_entry_inner_bytes(const zdb_entry *entry)
{
	if (!entry->patched)
		return entry->raw_bytes;
	if (zdb_entry_patches_rows(entry))
		return entry->patch_bytes;
	return zdb_patch_map_bytes(entry->count) +
		   entry->patched * (uint32_t) (entry->raw_bytes / entry->count);
}

/* Rows of which it is known where they are from are a chunk of their own; only
 * such are patched. */
static bool
rows_fit(const zdb_entry *entry)
{
	if (entry->flags & ZDB_CHUNK_SUMS)
		return false;
	if (!(entry->flags & ZDB_CHUNK_MAPPED))
		return !entry->patched;
	return !(entry->flags & ZDB_CHUNK_CONTINUED) && entry->first >= 1 &&
		   (!entry->patched ||
			(entry->patch_bytes >= ZDB_ROW_PATCH_BYTES_MIN &&
			 entry->patch_bytes <= ZDB_CHUNK_BYTES_MAX));
}

/* Page sums and patches are for pages of one size. */
static bool
pages_fit(const zdb_entry *entry)
{
	return !(entry->flags & ZDB_CHUNK_MAPPED) && entry->count >= 1 &&
		   entry->count <= entry->raw_bytes / ZDB_PAGE_BYTES_MIN &&
		   entry->raw_bytes % entry->count == 0 &&
		   entry->patched < entry->count &&
		   (!entry->patched || entry->flags & ZDB_CHUNK_SUMS);
}

static bool
kind_fits(const zdb_entry *entry)
{
	switch ((zdb_chunk_kind) entry->kind)
	{
		case ZDB_CHUNK_PAGES:
			return pages_fit(entry);
		case ZDB_CHUNK_SCRIPT:
			return !entry->patched &&
				   !(entry->flags & (ZDB_CHUNK_SUMS | ZDB_CHUNK_MAPPED));
		case ZDB_CHUNK_ROWS:
			return rows_fit(entry);
	}
	return false;
}

void
zdb_entry_encode(const zdb_entry *entry, uint8_t out[ZDB_ENTRY_BYTES])
{
	zdb_put64(out + ENTRY_FILE_OFFSET, entry->file_offset);
	zdb_put64(out + ENTRY_RAW_OFFSET, entry->raw_offset);
	zdb_put32(out + ENTRY_STORED, entry->stored_bytes);
	zdb_put32(out + ENTRY_RAW, entry->raw_bytes);
	zdb_put32(out + ENTRY_CRC, entry->stored_crc32);
	out[ENTRY_KIND] = entry->kind;
	out[ENTRY_FLAGS] = entry->flags;
	zdb_put16(out + ENTRY_PATCHED, entry->patched);
	zdb_put32(out + ENTRY_TABLE, entry->table);
	zdb_put32(out + ENTRY_LINK, entry->link);
	zdb_put64(out + ENTRY_FIRST, entry->first);
	zdb_put64(out + ENTRY_COUNT, entry->count);
	if (zdb_entry_patches_rows(entry))
	{
		zdb_put32(out + ENTRY_PATCH_BYTES, entry->patch_bytes);
		zdb_put32(out + ENTRY_PATCH_OF, entry->patch_of);
	}
	memcpy(out + ENTRY_SHA256, entry->sha256, ZDB_SHA256_BYTES);
}

static void
decode_row_patch(const uint8_t in[ZDB_ENTRY_BYTES], zdb_entry *entry)
{
	entry->patch_bytes = entry->patch_of = 0;
	if (!zdb_entry_patches_rows(entry))
		return;
	entry->first = zdb_get32(in + ENTRY_FIRST);
	entry->count = zdb_get32(in + ENTRY_COUNT);
	entry->patch_bytes = zdb_get32(in + ENTRY_PATCH_BYTES);
	entry->patch_of = zdb_get32(in + ENTRY_PATCH_OF);
}

bool
zdb_entry_decode(const uint8_t in[ZDB_ENTRY_BYTES], zdb_entry *entry)
{
	entry->file_offset = zdb_get64(in + ENTRY_FILE_OFFSET);
	entry->raw_offset = zdb_get64(in + ENTRY_RAW_OFFSET);
	entry->stored_bytes = zdb_get32(in + ENTRY_STORED);
	entry->raw_bytes = zdb_get32(in + ENTRY_RAW);
	entry->stored_crc32 = zdb_get32(in + ENTRY_CRC);
	entry->kind = in[ENTRY_KIND];
	entry->flags = in[ENTRY_FLAGS];
	entry->table = zdb_get32(in + ENTRY_TABLE);
	entry->first = zdb_get64(in + ENTRY_FIRST);
	entry->count = zdb_get64(in + ENTRY_COUNT);
	memcpy(entry->sha256, in + ENTRY_SHA256, ZDB_SHA256_BYTES);
	entry->patched = zdb_get16(in + ENTRY_PATCHED);
	entry->link = zdb_get32(in + ENTRY_LINK);
	decode_row_patch(in, entry);
	return entry->raw_bytes >= 1 && entry->raw_bytes <= ZDB_CHUNK_BYTES_MAX &&
		   entry->stored_bytes >= 1 &&
		   entry->stored_bytes <= ZDB_CHUNK_BYTES_MAX * 2 &&
		   (entry->flags &
			~(ZDB_CHUNK_CONTINUED | ZDB_CHUNK_SUMS | ZDB_CHUNK_MAPPED)) == 0 &&
		   kind_fits(entry) && entry->link <= ZDB_CHAIN_MAX;
}
