/*
 * changes - what became of the rows that a chunk of the base holds
 */
#include "pg_ext/changes.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/transam.h"
#include "miscadmin.h"

#include "pg_ext/settled.h"

typedef enum owner
{
	OWNER_BASE,
	OWNER_NOBODY, /* it is new */
	OWNER_UNKNOWN,
} owner;

/* May the base have seen that a row was deleted which is visible to us? Its
 * snapshot can be newer than ours. */
static bool
may_be_deleted(HeapTupleHeader tuple, TransactionId xmin)
{
	TransactionId xid = zdbpg_deleter(tuple);

	return TransactionIdIsNormal(xid) && !TransactionIdPrecedes(xid, xmin) &&
		   TransactionIdDidCommit(xid);
}

static owner
owner_of(HeapTupleHeader tuple, TransactionId xmin)
{
	/* frozen or not, whoever inserted a row stands in it; but not if a server
	 * older than 9.4 froze it, or pg_surgery */
	TransactionId xid = HeapTupleHeaderGetRawXmin(tuple);

	if (!TransactionIdIsNormal(xid) || tuple->t_infomask & HEAP_MOVED)
		return OWNER_UNKNOWN;
	if (!TransactionIdPrecedes(xid, xmin))
		return OWNER_NOBODY;
	return may_be_deleted(tuple, xmin) ? OWNER_UNKNOWN : OWNER_BASE;
}

void
zdbpg_changes_init(zdbpg_changes *changes)
{
	zdbpg_places_init(&changes->now);
	zdbpg_places_init(&changes->kept);
}

/* The row at a place of a page, if there is one. */
static bool
row_at(Relation rel, Page page, BlockNumber block, OffsetNumber offset,
	   HeapTuple row)
{
	ItemId item = PageGetItemId(page, offset);

	if (!ItemIdIsNormal(item))
		return false;
	row->t_tableOid = RelationGetRelid(rel);
	row->t_data = (HeapTupleHeader) PageGetItem(page, item);
	row->t_len = ItemIdGetLength(item);
	ItemPointerSet(&row->t_self, block, offset);
	return true;
}

/* Look at a page that is locked. */
static bool
find_in_page(zdbpg_changes *changes, Relation rel, Buffer buffer,
			 TransactionId xmin, Snapshot snapshot)
{
	Page page = BufferGetPage(buffer);
	OffsetNumber last = PageGetMaxOffsetNumber(page);
	HeapTupleData row;

	for (OffsetNumber i = FirstOffsetNumber; i <= last; i++)
	{
		bool visible;
		owner owner;

		if (!row_at(rel, page, BufferGetBlockNumber(buffer), i, &row))
			continue;
		visible = HeapTupleSatisfiesVisibility(&row, snapshot, buffer);
		HeapCheckForSerializableConflictOut(visible, rel, &row, buffer,
											snapshot);
		if (!visible)
			continue;
		owner = owner_of(row.t_data, xmin);
		if (owner == OWNER_UNKNOWN)
			return false;
		changes->rows++;
		changes->put_in += owner == OWNER_NOBODY;
		zdbpg_places_add(&changes->now, &row.t_self);
		if (owner == OWNER_BASE)
			zdbpg_places_add(&changes->kept, &row.t_self);
	}
	return true;
}

bool
zdbpg_changes_find(zdbpg_changes *changes, Relation rel, BlockNumber first,
				   BlockNumber count, TransactionId xmin, Snapshot snapshot,
				   BufferAccessStrategy strategy)
{
	bool known = true;

	changes->first = first;
	changes->rows = 0;
	changes->put_in = 0;
	zdbpg_places_begin(&changes->now, first);
	zdbpg_places_begin(&changes->kept, first);
	for (BlockNumber i = first; i < first + count && known; i++)
	{
		Buffer buffer =
			ReadBufferExtended(rel, MAIN_FORKNUM, i, RBM_NORMAL, strategy);

		CHECK_FOR_INTERRUPTS();
		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		zdbpg_places_reach(&changes->now, i);
		zdbpg_places_reach(&changes->kept, i);
		known = find_in_page(changes, rel, buffer, xmin, snapshot);
		UnlockReleaseBuffer(buffer);
	}
	changes->now_map = zdbpg_places_end(&changes->now);
	changes->kept_map = zdbpg_places_end(&changes->kept);
	return known && changes->now_map && changes->kept_map;
}

/* The rows of a block that are put in, until there are more than max bytes.
 * Our snapshot keeps them where they are. */
static void
write_block(zdbpg_rows *rows, BlockNumber block, const zdb_row_slots *now,
			const zdb_row_slots *kept, BufferAccessStrategy strategy,
			size_t max, zdbpg_out *out)
{
	Relation rel = rows->rel;
	Buffer buffer =
		ReadBufferExtended(rel, MAIN_FORKNUM, block, RBM_NORMAL, strategy);
	HeapTupleData row;

	for (uint32 i = 1; i <= now->count && out->len <= max; i++)
	{
		if (!zdb_row_slots_has(now, i) || zdb_row_slots_has(kept, i) ||
			!row_at(rel, BufferGetPage(buffer), block, (OffsetNumber) i, &row))
			continue;
		ExecStoreBufferHeapTuple(&row, rows->slot, buffer);
		zdbpg_rows_write(rows, rows->slot, out);
	}
	ExecClearTuple(rows->slot);
	ReleaseBuffer(buffer);
}

bool
zdbpg_changes_write(const zdbpg_changes *changes, zdbpg_rows *rows,
					BufferAccessStrategy strategy, size_t max, zdbpg_out *out)
{
	const zdb_buf *now_map = changes->now_map, *kept_map = changes->kept_map;
	uint32 now_at = 0, kept_at = 0;
	zdb_row_slots now, kept;

	for (BlockNumber i = changes->first;
		 out->len <= max &&
		 zdb_row_map_next(now_map->data, (uint32) now_map->len, &now_at,
						  &now) &&
		 zdb_row_map_next(kept_map->data, (uint32) kept_map->len, &kept_at,
						  &kept);
		 i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (zdb_row_slots_rows(&now) > zdb_row_slots_rows(&kept))
			write_block(rows, i, &now, &kept, strategy, max, out);
	}
	return out->len <= max;
}
