/*
 * produce - a participant of a backup: rows in, encoded chunks out
 */
#include "pg_ext/produce.h"

#include "access/heapam.h"
#include "access/relation.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "pg_ext/changes.h"
#include "pg_ext/query.h"
#include "pg_ext/rows.h"
#include "pg_ext/settled.h"
#include "pg_ext/zdbpg.h"

struct zdbpg_producer
{
	zdbpg_plan *plan;
	Snapshot snapshot;
	zdbpg_refer refer;
	void *arg;
	BufferAccessStrategy strategy;
	zdbpg_rows_chunk chunk;
	zdbpg_changes changes;
	/* the table and the unit being read */
	int table; /* or -1 */
	Relation rel;
	TableScanDesc scan;
	zdbpg_rows rows_of;
	bool has_unit;
	bool must_emit; /* a chunk for it, even without rows */
	uint64 unit;
	BlockNumber at; /* of the unit: where the next range begins */
	bool scanning;
	bool has_row; /* in the slot is one that was not written */
};

zdbpg_producer *
zdbpg_producer_new(zdbpg_plan *plan, Snapshot snapshot, zdbpg_emit emit,
				   zdbpg_refer refer, void *arg)
{
	zdbpg_producer *self = palloc0(sizeof *self);

	self->plan = plan;
	self->snapshot = snapshot;
	self->refer = refer;
	self->arg = arg;
	self->strategy = GetAccessStrategy(BAS_BULKREAD);
	self->table = -1;
	zdbpg_rows_chunk_init(&self->chunk, plan, emit, arg);
	zdbpg_changes_init(&self->changes);
	return self;
}

static void
close_table(zdbpg_producer *self)
{
	if (self->table < 0)
		return;
	if (self->rel)
	{
		zdbpg_rows_close(&self->rows_of);
		table_endscan(self->scan);
		relation_close(self->rel, NoLock);
		self->rel = NULL;
	}
	self->table = -1;
}

static void
open_table(zdbpg_producer *self, uint32 i)
{
	const zdbpg_plan_table *table = &self->plan->tables[i];

	self->table = (int) i;
	self->rel = relation_open(table->relid, AccessShareLock);
	self->scan =
		table_beginscan_strat(self->rel, self->snapshot, 0, NULL, true, false);
	zdbpg_rows_open(&self->rows_of, self->rel,
					(const int16 *) ((char *) self->plan + table->attnums),
					table->natts);
}

/* Make sure there is a unit to read. Returns false when there is none. */
static bool
take_unit(zdbpg_producer *self)
{
	uint32 table;

	if (self->has_unit)
		return true;
	if (!zdbpg_plan_take(self->plan, &self->unit))
		return false;
	self->has_unit = true;
	self->at = 0;
	table = zdbpg_plan_table_of(self->plan, self->unit);
	/* a table without rows has its COPY, too */
	self->must_emit = self->unit == self->plan->tables[table].first_unit;
	if (self->table == (int) table)
		return true;
	close_table(self);
	open_table(self, table);
	return true;
}

/* All ranges of the unit were handed on. */
static void
end_unit(zdbpg_producer *self)
{
	BlockNumber count;

	if (self->must_emit)
	{
		zdbpg_rows_chunk_begin(
			&self->chunk, (uint32) self->table,
			zdbpg_plan_blocks_of(self->plan, self->unit, &count));
		zdbpg_rows_chunk_emit(&self->chunk, true);
	}
	self->has_unit = false;
	pg_atomic_fetch_add_u64(&self->plan->done, 1);
}

/* Whose row it was. */
static void
name_row(void *arg)
{
	const zdbpg_producer *self = arg;
	const ItemPointerData *at = &self->rows_of.slot->tts_tid;

	if (ItemPointerIsValid(at))
		errcontext("backup of table \"%s\", row at ctid (%u,%u)",
				   RelationGetRelationName(self->rel),
				   ItemPointerGetBlockNumber(at),
				   ItemPointerGetOffsetNumber(at));
}

static bool
fetch_row(zdbpg_producer *self)
{
	if (!self->has_row)
		self->has_row = table_scan_getnextslot(
			self->scan, ForwardScanDirection, self->rows_of.slot);
	return self->has_row;
}

static BlockNumber
block_of_row(const zdbpg_producer *self)
{
	return ItemPointerGetBlockNumberNoCheck(&self->rows_of.slot->tts_tid);
}

static void
write_row(zdbpg_producer *self, TupleTableSlot *slot)
{
	zdbpg_rows_write(&self->rows_of, slot, &self->chunk.raw);
	zdbpg_rows_chunk_add(&self->chunk, &slot->tts_tid);
}

/* Rows of the scan until the chunk is full. Returns whether it is. */
static bool
read_rows(zdbpg_producer *self)
{
	ErrorContextCallback context = {error_context_stack, name_row, self};
	bool full = false;

	error_context_stack = &context;
	while (fetch_row(self))
	{
		full = zdbpg_rows_chunk_full(&self->chunk, block_of_row(self));
		if (full)
			break;
		write_row(self, self->rows_of.slot);
		self->has_row = false;
	}
	error_context_stack = context.previous;
	return full;
}

static void
start_scan(zdbpg_producer *self, const zdbpg_range *range)
{
	table_rescan(self->scan, NULL);
	heap_setscanlimits(self->scan, range->first, range->count);
	self->scanning = true;
	zdbpg_rows_chunk_begin(&self->chunk, (uint32) self->table, range->first);
}

/* A chunk of the scan, or its end. */
static void
scan_on(zdbpg_producer *self)
{
	zdbpg_rows_chunk *chunk = &self->chunk;

	if (read_rows(self))
	{
		zdbpg_rows_chunk_next(chunk, block_of_row(self));
		self->must_emit = false;
		return;
	}
	if (chunk->rows > 0)
	{
		zdbpg_rows_chunk_emit(chunk, true);
		self->must_emit = false;
	}
	else
		zdbpg_rows_chunk_drop(chunk);
	self->scanning = false;
}

/* Has the base all rows of the range? Then they are not read. */
static bool
refer_range(zdbpg_producer *self, const zdbpg_range *range)
{
	if (range->chunk_count == 0 || !range->same_blocks ||
		!zdbpg_is_settled(self->rel, range->first, range->count,
						  &self->plan->base, self->strategy))
		return false;
	for (uint32 i = 0; i < range->chunk_count; i++)
		self->refer(self->arg, (uint32) self->table, range->chunks[i].number,
					i + 1 < range->chunk_count);
	return true;
}

/* Patches are worth while as long as not more than half of the rows are from
 * them. */
static bool
is_worth(const zdbpg_changes *changes, const zdbpg_base_chunk *chunk)
{
	return 2 * (chunk->patched + Max(changes->put_in, 1)) <= changes->rows;
}

/* Returns false if they are too long for a patch. */
static bool
write_changes(zdbpg_producer *self, const zdbpg_base_chunk *of)
{
	ErrorContextCallback context = {error_context_stack, name_row, self};
	bool fit;

	error_context_stack = &context;
	fit = zdbpg_changes_write(&self->changes, &self->rows_of, self->strategy,
							  zdbpg_rows_chunk_room(of, &self->changes),
							  &self->chunk.raw);
	error_context_stack = context.previous;
	return fit;
}

/* Hand on what has changed in the range's only chunk, if that can be told. */
static bool
patch_range(zdbpg_producer *self, const zdbpg_range *range)
{
	if (range->chunk_count != 1 || range->chunks->patched == ZDBPG_NO_PATCH ||
		!zdbpg_changes_find(&self->changes, self->rel, range->first,
							range->count, self->plan->base.xmin,
							self->snapshot, self->strategy) ||
		!is_worth(&self->changes, range->chunks))
		return false;
	if (!write_changes(self, range->chunks))
	{
		zdbpg_rows_chunk_drop(&self->chunk);
		return false;
	}
	self->chunk.table = (uint32) self->table;
	zdbpg_rows_chunk_patch(&self->chunk, range->chunks, &self->changes);
	return true;
}

bool
zdbpg_producer_work(zdbpg_producer *self)
{
	zdbpg_range range;

	if (!take_unit(self))
		return false;
	CHECK_FOR_INTERRUPTS();
	if (self->scanning)
	{
		scan_on(self);
		return true;
	}
	if (!zdbpg_plan_range(self->plan, self->unit, self->at, &range))
	{
		end_unit(self);
		return true;
	}
	self->at += Max(range.count, 1);
	if (refer_range(self, &range) || patch_range(self, &range))
	{
		self->must_emit = false;
		return true;
	}
	start_scan(self, &range);
	scan_on(self);
	return true;
}

/* A row of a query, or of a table that is one unit. */
static void
take_row(void *arg, TupleTableSlot *slot)
{
	zdbpg_producer *self = arg;

	if (zdbpg_rows_chunk_full(&self->chunk, 0))
		zdbpg_rows_chunk_emit(&self->chunk, false);
	write_row(self, slot);
}

static void
read_query(zdbpg_producer *self, const char *query)
{
	zdbpg_rows_open_query(&self->rows_of);
	zdbpg_query_each(query, self->snapshot, take_row, self);
	zdbpg_rows_close(&self->rows_of);
}

static void
read_table(zdbpg_producer *self, uint32 table)
{
	open_table(self, table);
	while (read_rows(self))
		zdbpg_rows_chunk_emit(&self->chunk, false);
	close_table(self);
}

void
zdbpg_producer_whole(zdbpg_producer *self, uint32 table, const char *query)
{
	close_table(self);
	zdbpg_rows_chunk_whole(&self->chunk, table);
	if (query)
		read_query(self, query);
	else
		read_table(self, table);
	zdbpg_rows_chunk_emit(&self->chunk, true);
	pg_atomic_fetch_add_u64(&self->plan->done, 1);
}

void
zdbpg_producer_close(zdbpg_producer *self)
{
	close_table(self);
}
