/*
 * fuzz_row_patch - any bytes as a chunk of rows, its map and a patch for it
 *
 * The first two bytes are the chunk's length, the next two its map's. A patch
 * is refused, or makes a chunk of the length foretold, whose map tells how
 * many rows it has.
 */
#include <stdlib.h>
#include <string.h>

#include "core/archive/row_patch.h"
#include "core/base/bytes.h"

#define LENGTHS 4

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static uint32_t
rows_of(const zdb_buf *map)
{
	zdb_row_slots slots;
	uint32_t at = 0, rows = 0;

	while (zdb_row_map_next(map->data, (uint32_t) map->len, &at, &slots))
		rows += zdb_row_slots_rows(&slots);
	if (at != map->len)
		abort();
	return rows;
}

/* Behind the header, which ends with the last of its words, stand as many
 * lines as there are rows, then the end, then empty lines. */
static void
check(const zdb_buf *raw, const zdb_buf *map)
{
	uint32_t end = zdb_row_patch_trim(raw->data, (uint32_t) raw->len);
	uint32_t lines = 0, rows = rows_of(map);
	uint32_t at = end;

	if (end < 3 || memcmp(raw->data + end - 3, "\\.\n", 3) != 0)
		abort();
	for (at = end - 3; at > 0 && lines <= rows; at--)
		lines += raw->data[at - 1] == '\n';
	if (lines <= rows || at < 12 ||
		memcmp(raw->data + at - 12, " FROM stdin;", 12) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	zdb_buf raw = {0}, map = {0}, scratch = {0};
	zdb_err err = {0};
	size_t raw_bytes, map_bytes;
	uint32_t text;

	if (len < LENGTHS)
		return 0;
	raw_bytes = zdb_get16(bytes);
	map_bytes = zdb_get16(bytes + 2);
	bytes += LENGTHS;
	len -= LENGTHS;
	if (raw_bytes > len || map_bytes > len - raw_bytes)
		return 0;
	zdb_buf_append(&raw, bytes, raw_bytes, &err);
	zdb_buf_append(&map, bytes + raw_bytes, map_bytes, &err);
	bytes += raw_bytes + map_bytes;
	len -= raw_bytes + map_bytes;
	text = zdb_row_patch_text(bytes, (uint32_t) len);
	if (zdb_row_patch_apply(bytes, (uint32_t) len, (uint32_t) raw_bytes + text,
							&raw, &map, &scratch, &err) == ZDB_OK)
	{
		if (text == UINT32_MAX || raw.len != raw_bytes + text)
			abort();
		check(&raw, &map);
	}
	else if (err.code != ZDB_DAMAGED)
		abort();
	zdb_buf_clear(&raw);
	zdb_buf_clear(&map);
	zdb_buf_clear(&scratch);
	return 0;
}
