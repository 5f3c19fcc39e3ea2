/*
 * patch - the pages of a chunk that changed
 */
#include "core/archive/patch.h"

#include <string.h>

#include "core/archive/tail.h"

static bool
has_bit(const uint8_t *map, uint64_t i)
{
	return map[i / 8] >> i % 8 & 1;
}

static bool
differs(const uint8_t *sums, const uint8_t *base_sums, uint64_t i)
{
	return memcmp(sums + i * ZDB_PAGE_SUM_BYTES,
				  base_sums + i * ZDB_PAGE_SUM_BYTES, ZDB_PAGE_SUM_BYTES) != 0;
}

uint32_t
zdb_patch_count(const uint8_t *sums, const uint8_t *base_sums, uint64_t pages)
{
	uint32_t count = 0;

	for (uint64_t i = 0; i < pages; i++)
		count += differs(sums, base_sums, i);
	return count;
}

zdb_rc
zdb_patch_make(const uint8_t *raw, uint64_t pages, uint32_t page_size,
			   const uint8_t *sums, const uint8_t *base_sums, zdb_buf *patch,
			   zdb_err *err)
{
	size_t map_bytes = zdb_patch_map_bytes(pages), map_at = patch->len;

	if (zdb_buf_reserve(patch, map_bytes, err))
		return err->code;
	memset(patch->data + map_at, 0, map_bytes);
	patch->len += map_bytes;
	for (uint64_t i = 0; i < pages && !err->code; i++)
		if (differs(sums, base_sums, i) &&
			zdb_buf_append(patch, raw + i * page_size, page_size, err) ==
				ZDB_OK)
			patch->data[map_at + i / 8] |= (uint8_t) (1u << i % 8);
	return err->code;
}

bool
zdb_patch_fits(const uint8_t *patch, uint64_t pages, uint32_t patched)
{
	uint64_t bits = 8 * (uint64_t) zdb_patch_map_bytes(pages);
	uint32_t count = 0;

	for (uint64_t i = 0; i < pages; i++)
		count += has_bit(patch, i);
	for (uint64_t i = pages; i < bits; i++)
		if (has_bit(patch, i))
			return false;
	return count == patched;
}

void
zdb_patch_apply(const uint8_t *patch, uint64_t pages, uint32_t page_size,
				uint8_t *raw)
{
	const uint8_t *page = patch + zdb_patch_map_bytes(pages);

	for (uint64_t i = 0; i < pages; i++)
		if (has_bit(patch, i))
		{
			memcpy(raw + i * page_size, page, page_size);
			page += page_size;
		}
}

zdb_rc
zdb_patch_check(const uint8_t *patch, uint64_t pages, uint32_t page_size,
				const uint8_t *sums, zdb_err *err)
{
	const uint8_t *page = patch + zdb_patch_map_bytes(pages);
	uint8_t sum[ZDB_PAGE_SUM_BYTES];

	for (uint64_t i = 0; i < pages; i++)
	{
		if (!has_bit(patch, i))
			continue;
		if (zdb_sha256_pieces(page, page_size, 1, sizeof sum, sum, err))
			return err->code;
		if (memcmp(sum, sums + i * sizeof sum, sizeof sum) != 0)
			return zdb_err_set(err, ZDB_DAMAGED, "a page has a wrong SHA-256");
		page += page_size;
	}
	return ZDB_OK;
}
