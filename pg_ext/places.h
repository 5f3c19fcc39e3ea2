/*
 * places - where the rows of a chunk are from, while it is filled
 *
 * For what a place means in a file, see core/archive/row_map.h.
 */
#ifndef ZDB_PG_EXT_PLACES_H
#define ZDB_PG_EXT_PLACES_H

#include "postgres.h"

#include "storage/block.h"
#include "storage/itemptr.h"

#include "core/archive/row_map.h"

typedef struct zdbpg_places
{
	zdb_buf *map;
	zdb_row_slots slots; /* of block */
	BlockNumber block;
	bool lost; /* a place cannot be told */
} zdbpg_places;

/* {0}; its memory goes with the current context. */
extern void zdbpg_places_init(zdbpg_places *places);

/* Begin with the block first. */
extern void zdbpg_places_begin(zdbpg_places *places, BlockNumber first);

/* A row; they come in order. */
extern void zdbpg_places_add(zdbpg_places *places, const ItemPointerData *row);

/* What follows is in block, or behind it. */
extern void zdbpg_places_reach(zdbpg_places *places, BlockNumber block);

/* The map of all blocks up to the last row's; NULL when it is lost. Valid
 * until the next begin. */
extern const zdb_buf *zdbpg_places_end(zdbpg_places *places);

#endif
