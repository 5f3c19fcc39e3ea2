/*
 * row_map - where in a table the rows of a chunk are from
 */
#include "core/archive/row_map.h"

#include <string.h>

#include "core/base/bytes.h"

#define ALL_HAVE_ROWS 0x8000u

static uint32_t
bitmap_bytes(uint32_t count)
{
	return (count + 7) / 8;
}

void
zdb_row_slots_set(zdb_row_slots *slots, uint32_t number)
{
	slots->bits[(number - 1) / 8] |= (uint8_t) (1u << (number - 1) % 8);
	if (number > slots->count)
		slots->count = number;
}

bool
zdb_row_slots_has(const zdb_row_slots *slots, uint32_t number)
{
	return number <= slots->count &&
		   slots->bits[(number - 1) / 8] >> (number - 1) % 8 & 1;
}

uint32_t
zdb_row_slots_rows(const zdb_row_slots *slots)
{
	uint32_t rows = 0;

	for (uint32_t i = 0; i < bitmap_bytes(slots->count); i++)
		rows += (uint32_t) __builtin_popcount(slots->bits[i]);
	return rows;
}

zdb_rc
zdb_row_map_add(zdb_buf *map, const zdb_row_slots *slots, zdb_err *err)
{
	uint32_t count = slots->count;
	bool all = count > 0 && zdb_row_slots_rows(slots) == count;
	uint8_t head[2];

	zdb_put16(head, (uint16_t) (count | (all ? ALL_HAVE_ROWS : 0)));
	if (zdb_buf_reserve(map, sizeof head + bitmap_bytes(count), err))
		return err->code;
	zdb_buf_append(map, head, sizeof head, err);
	return all ? ZDB_OK
			   : zdb_buf_append(map, slots->bits, bitmap_bytes(count), err);
}

static void
set_all(zdb_row_slots *slots, uint32_t count)
{
	slots->count = count;
	memset(slots->bits, 0xff, count / 8);
	if (count % 8)
		slots->bits[count / 8] = (uint8_t) ((1u << count % 8) - 1);
}

/* The last slot has a row, and none is behind it. */
static bool
ends_well(const zdb_row_slots *slots)
{
	uint32_t last = slots->count - 1;

	return slots->count == 0 || slots->bits[last / 8] >> last % 8 == 1;
}

bool
zdb_row_map_next(const uint8_t *map, uint32_t len, uint32_t *at,
				 zdb_row_slots *slots)
{
	uint32_t left = len - *at, head, count, bytes;

	*slots = (zdb_row_slots){0};
	if (left < 2)
		return false;
	head = zdb_get16(map + *at);
	count = head & ~ALL_HAVE_ROWS;
	bytes = head & ALL_HAVE_ROWS ? 0 : bitmap_bytes(count);
	if (count > ZDB_ROW_SLOTS_MAX || bytes > left - 2 ||
		(head & ALL_HAVE_ROWS && count == 0))
		return false;
	if (head & ALL_HAVE_ROWS)
		set_all(slots, count);
	else
	{
		slots->count = count;
		memcpy(slots->bits, map + *at + 2, bytes);
	}
	if (!ends_well(slots))
	{
		*slots = (zdb_row_slots){0};
		return false;
	}
	*at += 2 + bytes;
	return true;
}
