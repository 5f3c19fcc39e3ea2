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

#include "pg_ext/query.h"
#include "pg_ext/rows.h"
#include "pg_ext/settled.h"
#include "pg_ext/zdbpg.h"

static const char trailer[] = "\\.\n";

/* A buffer that one long row blew up is given back. */
#define KEEP_BYTES (3 * ZDB_CHUNK_BYTES_MAX / 2)

struct zdbpg_producer
{
	zdbpg_plan *plan;
	Snapshot snapshot;
	zdbpg_emit emit;
	zdbpg_refer refer;
	void *arg;
	BufferAccessStrategy strategy;
	zdb_encoder *encoder;
	zdb_buf *stored;
	/* the chunk being filled */
	zdbpg_out raw;
	uint64 rows;
	bool must_emit; /* even without rows */
	bool in_series; /* parts of it were emitted */
	/* the table and the unit being read */
	int table; /* or -1 */
	Relation rel;
	TableScanDesc scan;
	zdbpg_rows rows_of;
	bool has_unit;
	bool scanning;
	uint64 unit;
	uint64 first; /* block of the unit, from 1; 0: all of the table */
};

static void
free_encoder(void *encoder)
{
	zdb_encoder_free(encoder);
}

static void
free_buf(void *buf)
{
	if (buf)
		zdb_buf_clear(buf);
}

zdbpg_producer *
zdbpg_producer_new(zdbpg_plan *plan, Snapshot snapshot, zdbpg_emit emit,
				   zdbpg_refer refer, void *arg)
{
	zdbpg_producer *self = palloc0(sizeof *self);
	zdb_err err = {0};

	self->plan = plan;
	self->snapshot = snapshot;
	self->emit = emit;
	self->refer = refer;
	self->strategy = GetAccessStrategy(BAS_BULKREAD);
	self->arg = arg;
	self->table = -1;
	self->stored = palloc0(sizeof *self->stored);
	zdbpg_own((void **) &self->stored, free_buf);
	zdbpg_own((void **) &self->encoder, free_encoder);
	if (plan->codec.kind != ZDB_CODEC_NONE)
		zdbpg_check(zdb_encoder_new(plan->codec, &self->encoder, &err), &err);
	zdbpg_out_init(&self->raw, plan->chunk_bytes + plan->chunk_bytes / 4);
	return self;
}

/* Encode len bytes and hand them on. */
static void
emit_part(zdbpg_producer *self, const char *raw, size_t len, bool more)
{
	zdb_entry entry = {
		.raw_bytes = (uint32_t) len,
		.kind = ZDB_CHUNK_ROWS,
		.flags = self->in_series ? ZDB_CHUNK_CONTINUED : 0,
		.table = (uint32_t) self->table + 1,
		.first = self->first,
		.count = more ? 0 : self->rows,
	};
	zdb_err err = {0};

	zdbpg_check(zdb_chunk_encode(self->encoder, raw, false, &entry,
								 self->stored, &err),
				&err);
	self->emit(self->arg, &entry,
			   self->encoder ? (const void *) self->stored->data : raw, more);
	self->in_series = more;
}

/* Hand on what is there. The last part of a series, or a chunk of its own,
 * carries the count of all its rows. */
static void
emit_all(zdbpg_producer *self, bool last)
{
	const char *at;
	size_t left;

	if (last)
		zdbpg_out_text(&self->raw, trailer);
	at = self->raw.data;
	for (left = self->raw.len; left > ZDB_CHUNK_BYTES_MAX;
		 left -= self->plan->chunk_bytes)
	{
		CHECK_FOR_INTERRUPTS();
		emit_part(self, at, self->plan->chunk_bytes, true);
		at += self->plan->chunk_bytes;
	}
	emit_part(self, at, left, !last);
	zdbpg_out_reset(&self->raw, KEEP_BYTES);
	if (!last)
		return;
	self->rows = 0;
	self->must_emit = false;
}

/* All rows of the unit were read: complete its last block. */
static void
end_unit(zdbpg_producer *self)
{
	if (self->rows > 0 || self->must_emit || self->in_series)
		emit_all(self, true);
	self->raw.len = 0;
	self->scanning = false;
	self->has_unit = false;
	pg_atomic_fetch_add_u64(&self->plan->done, 1);
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
begin_block(zdbpg_producer *self)
{
	const zdbpg_plan_table *table = &self->plan->tables[self->table];

	if (self->raw.len == 0)
		zdbpg_out_bytes(&self->raw, (char *) self->plan + table->header,
						table->header_bytes);
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
	if (!self->has_unit && !zdbpg_plan_take(self->plan, &self->unit))
		return false;
	self->has_unit = true;
	return true;
}

/* Begin to read the unit taken. */
static void
start_unit(zdbpg_producer *self)
{
	const zdbpg_plan_table *table = &self->plan->tables[self->table];
	uint64 number = self->unit - table->first_unit;

	if (number == 0)
		self->must_emit = true;
	table_rescan(self->scan, NULL);
	self->first = 0;
	if (!table->leader_only)
	{
		BlockNumber count,
			first = zdbpg_plan_blocks_of(self->plan, self->unit, &count);

		self->first = (uint64) first + 1;
		heap_setscanlimits(self->scan, first, count);
	}
	self->scanning = true;
	begin_block(self);
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

/* Rows of the unit until the chunk is full. Returns whether it is. */
static bool
read_rows(zdbpg_producer *self)
{
	ErrorContextCallback context = {error_context_stack, name_row, self};
	bool full = true;

	error_context_stack = &context;
	while (full && self->raw.len < self->plan->chunk_bytes)
	{
		full = zdbpg_rows_next(&self->rows_of, self->scan, &self->raw);
		self->rows += full;
	}
	error_context_stack = context.previous;
	return full;
}

/* Has the base the rows of the unit taken? Then they are not read. */
static bool
refer_unit(zdbpg_producer *self)
{
	const uint32 *chunks;
	uint32 chunk_count = zdbpg_plan_base_of(self->plan, self->unit, &chunks);
	BlockNumber count,
		first = zdbpg_plan_blocks_of(self->plan, self->unit, &count);

	if (chunk_count == 0 ||
		!zdbpg_is_settled(self->rel, first, count, &self->plan->base,
						  self->strategy))
		return false;
	for (uint32 i = 0; i < chunk_count; i++)
		self->refer(self->arg, (uint32) self->table, chunks[i],
					i + 1 < chunk_count);
	self->has_unit = false;
	pg_atomic_fetch_add_u64(&self->plan->done, 1);
	return true;
}

bool
zdbpg_producer_work(zdbpg_producer *self)
{
	uint32 table;

	if (!take_unit(self))
		return false;
	CHECK_FOR_INTERRUPTS();
	table = zdbpg_plan_table_of(self->plan, self->unit);
	if (self->table != (int) table)
	{
		close_table(self);
		open_table(self, table);
	}
	if (!self->scanning && refer_unit(self))
		return true;
	if (!self->scanning)
		start_unit(self);
	if (read_rows(self))
	{
		emit_all(self, true);
		begin_block(self);
	}
	else
		end_unit(self);
	return true;
}

static void
take_row(void *arg, TupleTableSlot *slot)
{
	zdbpg_producer *self = arg;

	zdbpg_rows_write(&self->rows_of, slot, &self->raw);
	self->rows++;
	if (self->raw.len >= self->plan->chunk_bytes)
		emit_all(self, false);
}

void
zdbpg_producer_whole(zdbpg_producer *self, uint32 table, const char *query)
{
	close_table(self);
	self->unit = self->plan->tables[table].first_unit;
	if (query)
	{
		self->table = (int) table;
		self->first = 0;
		self->must_emit = true;
		begin_block(self);
		zdbpg_rows_open_query(&self->rows_of);
		zdbpg_query_each(query, self->snapshot, take_row, self);
		zdbpg_rows_close(&self->rows_of);
		end_unit(self);
		self->table = -1;
		return;
	}
	open_table(self, table);
	start_unit(self);
	while (read_rows(self))
		emit_all(self, false);
	end_unit(self);
	close_table(self);
}

void
zdbpg_producer_close(zdbpg_producer *self)
{
	close_table(self);
}
