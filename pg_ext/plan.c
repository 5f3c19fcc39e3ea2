/*
 * plan - whose rows a backup holds, and how the work is shared out
 */
#include "pg_ext/plan.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/tableam.h"
#include "catalog/pg_proc.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "pg_ext/compat.h"
#include "pg_ext/origin.h"

/* Large enough that a chunk compresses like the whole. */
#define CHUNK_BYTES (4u << 20)

static bool is_parallel_safe(Oid type);

static bool
is_composite_safe(Oid type)
{
	TupleDesc desc = lookup_rowtype_tupdesc(type, -1);
	bool safe = true;

	for (int i = 0; i < desc->natts && safe; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		safe = att->attisdropped || is_parallel_safe(att->atttypid);
	}
	ReleaseTupleDesc(desc);
	return safe;
}

/* May a worker call the type's output function, and those it calls? */
static bool
is_parallel_safe(Oid type)
{
	Oid base = getBaseType(type), element = get_element_type(base);
	Oid function;
	bool varlena;

	getTypeOutputInfo(base, &function, &varlena);
	if (func_parallel(function) != PROPARALLEL_SAFE)
		return false;
	if (OidIsValid(element))
		return is_parallel_safe(element);
	if (type_is_range(base))
		return is_parallel_safe(get_range_subtype(base));
	if (zdbpg_is_multirange(base))
		return is_parallel_safe(zdbpg_multirange_subtype(base));
	return get_typtype(base) != TYPTYPE_COMPOSITE || is_composite_safe(base);
}

static bool
columns_are_safe(Relation rel, List *attnums)
{
	ListCell *cell;

	foreach(cell,
			attnums) if (!is_parallel_safe(TupleDescAttr(RelationGetDescr(rel),
														 lfirst_int(cell) - 1)
											   ->atttypid)) return false;
	return true;
}

void
zdbpg_plan_survey(List *tables)
{
	ListCell *cell;

	foreach(cell, tables)
	{
		zdbpg_table *table = lfirst(cell);
		Relation rel;

		if (table->leader_only)
			continue;
		rel = relation_open(table->relid, AccessShareLock);
		table->leader_only = rel->rd_tableam != GetHeapamTableAmRoutine() ||
							 !columns_are_safe(rel, table->attnums);
		if (!table->leader_only)
		{
			table->blocks = RelationGetNumberOfBlocks(rel);
			zdbpg_origin_survey(rel, table);
		}
		relation_close(rel, NoLock);
	}
}

uint32
zdbpg_plan_unit_blocks(zdb_codec codec)
{
	/* small, as an incremental backup looks at whole units; but zstd looks
	 * further back than gzip's 32 KiB */
	return codec.kind == ZDB_CODEC_ZSTD ? 128 : 16;
}

static Size
starts_bytes(const zdbpg_table *table)
{
	return table->base ? ((Size) table->base_units + 1) * sizeof *table->base
					   : 0;
}

static Size
chunks_bytes(const zdbpg_table *table)
{
	return table->base ? (Size) table->base[table->base_units] *
							 sizeof *table->base_chunks
					   : 0;
}

Size
zdbpg_plan_bytes(List *tables)
{
	Size bytes = offsetof(zdbpg_plan, tables);
	ListCell *cell;

	foreach(cell, tables)
	{
		const zdbpg_table *table = lfirst(cell);

		bytes += sizeof(zdbpg_plan_table) + strlen(table->header) + 1 +
				 (Size) list_length(table->attnums) * sizeof(int16) + 1 +
				 starts_bytes(table) + chunks_bytes(table) + sizeof(uint32);
	}
	return MAXALIGN(bytes);
}

/* Copy what has no fixed size behind the tables; returns the next offset. */
static Size
put_variable(zdbpg_plan *plan, zdbpg_plan_table *into,
			 const zdbpg_table *table, Size offset)
{
	int16 *attnums;
	ListCell *cell;

	offset += offset % sizeof(int16);
	attnums = (int16 *) ((char *) plan + offset);
	into->attnums = offset;
	into->natts = (uint32) list_length(table->attnums);
	foreach(cell, table->attnums) *attnums++ = (int16) lfirst_int(cell);
	into->header = offset + into->natts * sizeof(int16);
	into->header_bytes = (uint32) strlen(table->header);
	memcpy((char *) plan + into->header, table->header,
		   into->header_bytes + 1);
	into->base = INTALIGN(into->header + into->header_bytes + 1);
	into->base_chunks = into->base + starts_bytes(table);
	if (table->base)
	{
		memcpy((char *) plan + into->base, table->base, starts_bytes(table));
		memcpy((char *) plan + into->base_chunks, table->base_chunks,
			   chunks_bytes(table));
	}
	return into->base_chunks + chunks_bytes(table);
}

zdbpg_plan *
zdbpg_plan_init(void *memory, List *tables, zdb_codec codec,
				const zdbpg_moment *base)
{
	zdbpg_plan *plan = memory;
	zdbpg_plan_table *into = plan->tables;
	Size offset = offsetof(zdbpg_plan, tables) +
				  (Size) list_length(tables) * sizeof(zdbpg_plan_table);
	uint32 unit_blocks = zdbpg_plan_unit_blocks(codec);
	uint64 units = 0;
	ListCell *cell;

	foreach(cell, tables)
	{
		const zdbpg_table *table = lfirst(cell);

		*into = (zdbpg_plan_table){
			.relid = table->relid,
			.after = table->after,
			.leader_only = table->leader_only,
			.blocks = table->blocks,
			.first_unit = units,
			.units = 1,
			.base_units = table->base ? table->base_units : 0,
			.base_blocks = table->base_blocks,
		};
		if (!into->leader_only)
			into->units = Max(1, ((uint64) table->blocks + unit_blocks - 1) /
									 unit_blocks);
		units += into->units;
		offset = put_variable(plan, into, table, offset);
		into++;
	}
	plan->codec = codec;
	plan->chunk_bytes = CHUNK_BYTES;
	plan->unit_blocks = unit_blocks;
	plan->base = base ? *base : (zdbpg_moment){0};
	plan->table_count = (uint32) list_length(tables);
	plan->units = units;
	pg_atomic_init_u64(&plan->next, 0);
	pg_atomic_init_u64(&plan->limit, 0);
	pg_atomic_init_u64(&plan->done, 0);
	ConditionVariableInit(&plan->moved);
	return plan;
}

uint32
zdbpg_plan_table_of(const zdbpg_plan *plan, uint64 unit)
{
	uint32 low = 0, high = plan->table_count - 1;

	while (low < high)
	{
		uint32 middle = (low + high + 1) / 2;

		if (plan->tables[middle].first_unit <= unit)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static BlockNumber
blocks_from(const zdbpg_plan *plan, BlockNumber blocks, BlockNumber first)
{
	return first < blocks ? Min(plan->unit_blocks, blocks - first) : 0;
}

BlockNumber
zdbpg_plan_blocks_of(const zdbpg_plan *plan, uint64 unit, BlockNumber *count)
{
	const zdbpg_plan_table *table =
		&plan->tables[zdbpg_plan_table_of(plan, unit)];
	BlockNumber first =
		(BlockNumber) ((unit - table->first_unit) * plan->unit_blocks);

	*count = blocks_from(plan, table->blocks, first);
	return first;
}

/* The base's chunks of a unit. Returns how many. */
static uint32
base_of(const zdbpg_plan *plan, const zdbpg_plan_table *table, uint64 number,
		const zdbpg_base_chunk **chunks)
{
	const char *memory = (const char *) plan;
	const uint32 *base = (const uint32 *) (memory + table->base);

	if (number >= table->base_units)
		return 0;
	*chunks = (const zdbpg_base_chunk *) (memory + table->base_chunks) +
			  base[number];
	return base[number + 1] - base[number];
}

bool
zdbpg_plan_range(const zdbpg_plan *plan, uint64 unit, BlockNumber at,
				 zdbpg_range *range)
{
	const zdbpg_plan_table *table =
		&plan->tables[zdbpg_plan_table_of(plan, unit)];
	const zdbpg_base_chunk *chunks = NULL;
	uint64 number = unit - table->first_unit;
	uint32 chunk_count = base_of(plan, table, number, &chunks), i = 0, j;
	BlockNumber count, end, base_end;
	BlockNumber first = zdbpg_plan_blocks_of(plan, unit, &count);

	if (at > 0 && at >= count)
		return false;
	while (i < chunk_count && chunks[i].block < at)
		i++;
	for (j = i; j < chunk_count && chunks[j].block <= at;)
		j++;
	base_end = j < chunk_count ? chunks[j].block
							   : blocks_from(plan, table->base_blocks, first);
	end = j < chunk_count ? Min(count, base_end) : count;
	*range = (zdbpg_range){
		.first = first + at,
		.count = end - at,
		.chunks = chunks + i,
		.chunk_count = j - i,
		.same_blocks = end == base_end,
	};
	return true;
}

bool
zdbpg_plan_take(zdbpg_plan *plan, uint64 *unit)
{
	*unit = pg_atomic_read_u64(&plan->next);
	while (*unit < pg_atomic_read_u64(&plan->limit))
		if (pg_atomic_compare_exchange_u64(&plan->next, unit, *unit + 1))
			return true;
	return false;
}

bool
zdbpg_plan_advance(zdbpg_plan *plan, int *mine)
{
	uint64 limit = pg_atomic_read_u64(&plan->limit);
	uint32 i;

	*mine = -1;
	if (limit == plan->units)
		return false;
	i = zdbpg_plan_table_of(plan, limit);
	limit += plan->tables[i].units;
	if (plan->tables[i].leader_only)
	{
		*mine = (int) i;
		pg_atomic_write_u64(&plan->next, limit);
	}
	else
		for (i++; i < plan->table_count && !plan->tables[i].after &&
				  !plan->tables[i].leader_only;
			 i++)
			limit += plan->tables[i].units;
	pg_atomic_write_u64(&plan->limit, limit);
	ConditionVariableBroadcast(&plan->moved);
	return true;
}
