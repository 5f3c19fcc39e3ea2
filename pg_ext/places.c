/*
 * places - where the rows of a chunk are from, while it is filled
 */
#include "pg_ext/places.h"

#include "pg_ext/zdbpg.h"

void
zdbpg_places_init(zdbpg_places *places)
{
	zdbpg_own_new_buf(&places->map);
}

void
zdbpg_places_begin(zdbpg_places *places, BlockNumber first)
{
	places->map->len = 0;
	places->slots = (zdb_row_slots){0};
	places->block = first;
	places->lost = false;
}

static void
put_block(zdbpg_places *places)
{
	zdb_err err = {0};

	zdbpg_check(zdb_row_map_add(places->map, &places->slots, &err), &err);
	places->slots = (zdb_row_slots){0};
}

void
zdbpg_places_reach(zdbpg_places *places, BlockNumber block)
{
	for (; places->block < block; places->block++)
		put_block(places);
}

void
zdbpg_places_add(zdbpg_places *places, const ItemPointerData *row)
{
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(row);
	OffsetNumber slot = ItemPointerGetOffsetNumberNoCheck(row);

	if (slot < 1 || slot > ZDB_ROW_SLOTS_MAX || block < places->block)
		places->lost = true;
	if (places->lost)
		return;
	zdbpg_places_reach(places, block);
	zdb_row_slots_set(&places->slots, slot);
}

const zdb_buf *
zdbpg_places_end(zdbpg_places *places)
{
	if (places->lost)
		return NULL;
	put_block(places);
	return places->map;
}
