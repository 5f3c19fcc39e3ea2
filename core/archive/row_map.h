/*
 * row_map - where in a table the rows of a chunk are from
 *
 * A chunk of a table's rows stands for some blocks of the table, one after
 * the other; a block has slots, numbered from 1, each with a row or none. The
 * chunk's rows stand in the order of blocks and slots. For each block
 *
 *   u16  slots, up to the last one with a row; bit 15: all have rows
 *   then, unless bit 15 is set, a bit a slot, from bit 0 of byte 0 on
 *
 * Pure functions.
 */
#ifndef ZDB_CORE_ARCHIVE_ROW_MAP_H
#define ZDB_CORE_ARCHIVE_ROW_MAP_H

#include "core/base/buf.h"
#include "core/base/err.h"

#define ZDB_ROW_SLOTS_MAX 4095

/* A bit a slot, from bit 0 of byte 0 on. */
typedef struct zdb_row_slots
{
	uint32_t count; /* up to the last one that is set */
	uint8_t bits[(ZDB_ROW_SLOTS_MAX + 8) / 8];
} zdb_row_slots;

/* Set slot number (1 to ZDB_ROW_SLOTS_MAX); {0} has none. */
void zdb_row_slots_set(zdb_row_slots *slots, uint32_t number);

bool zdb_row_slots_has(const zdb_row_slots *slots, uint32_t number);

/* How many are set. */
uint32_t zdb_row_slots_rows(const zdb_row_slots *slots);

/* Append a block. */
zdb_rc zdb_row_map_add(zdb_buf *map, const zdb_row_slots *slots, zdb_err *err);

/* Take the block at *at, which is behind it then. Returns false at the end,
 * and when what follows is none: then *at is not len. */
bool zdb_row_map_next(const uint8_t *map, uint32_t len, uint32_t *at,
					  zdb_row_slots *slots);

#endif
