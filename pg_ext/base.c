/*
 * base - the backup whose chunks an incremental one refers to
 */
#include "pg_ext/base.h"

#include "miscadmin.h"

#include "core/archive/scan.h"
#include "pg_ext/zdbpg.h"

/* Ids of 32 bits compare up to twice as far apart. */
#define XIDS_MAX ((uint64) 1 << 30)

static const char *
refusal(const zdbpg_base_wanted *wanted, const zdb_reader *reader)
{
	const zdbpg_origin *now = &wanted->now;
	zdbpg_origin base;

	if (strcmp(zdb_reader_source(reader)->name, wanted->path) == 0)
		return "it is the file that is to be written";
	if (!zdbpg_origin_read(zdb_reader_manifest(reader), &base))
		return "it does not say from which state of the database it was made";
	if (base.system != now->system || base.database != now->database)
		return "it is of another database";
	if (base.timeline != now->timeline)
		return "the server is on another timeline since";
	if (base.lsn > now->lsn)
		return "the server's write-ahead log has not come so far";
	if (base.xmin > now->xmin)
		return "it saw transactions that this one does not see";
	if (now->next - base.xmin > XIDS_MAX)
		return "too many transactions have run since";
	if (base.unit_blocks != wanted->unit_blocks)
		return "it was compressed in another way";
	return NULL;
}

zdb_rc
zdbpg_base_fits(void *arg, zdb_reader *reader, zdb_err *why)
{
	const zdbpg_base_wanted *wanted = arg;
	const char *reason = refusal(wanted, reader);

	if (reason)
		return zdb_err_set(why, ZDB_UNSUPPORTED, "%s", reason);
	return zdb_scan_index(reader, wanted->host, why);
}

/* A table of the base. */
typedef struct candidate
{
	zdbpg_table_origin origin;
	uint32 number; /* in the base's manifest, from 1 */
} candidate;

static int
compare(const void *one, const void *other)
{
	Oid a = ((const candidate *) one)->origin.relid,
		b = ((const candidate *) other)->origin.relid;

	return a < b ? -1 : a > b;
}

static candidate *
candidates(const zdb_manifest *manifest, uint32 *count)
{
	candidate *list = palloc_extended(
		sizeof *list * ((Size) manifest->table_count + 1), MCXT_ALLOC_HUGE);

	*count = 0;
	for (uint32 i = 0; i < manifest->table_count; i++)
	{
		list[*count].number = i + 1;
		*count += zdbpg_origin_read_table(&manifest->tables[i],
										  &list[*count].origin);
	}
	qsort(list, *count, sizeof *list, compare);
	return list;
}

/* Which table of ours each table of the base is, by its number; NULL: none. */
static zdbpg_table **
pair(const zdb_manifest *manifest, List *tables, uint32 unit_blocks)
{
	uint32 count;
	candidate *list = candidates(manifest, &count);
	zdbpg_table **pairs =
		palloc_extended(sizeof *pairs * ((Size) manifest->table_count + 1),
						MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	ListCell *cell;

	foreach(cell, tables)
	{
		zdbpg_table *table = lfirst(cell);
		candidate key = {.origin.relid = table->relid}, *found;

		found = bsearch(&key, list, count, sizeof *list, compare);
		if (!*table->text || !found || found->origin.file != table->file ||
			strcmp(found->origin.text, table->text) != 0)
			continue;
		table->base_blocks = found->origin.blocks;
		table->base_units =
			(uint32) (((uint64) table->base_blocks + unit_blocks - 1) /
					  unit_blocks);
		table->base = palloc_extended(sizeof *table->base *
										  ((Size) table->base_units + 1),
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		pairs[found->number] = table;
	}
	pfree(list);
	return pairs;
}

/* What is done with a chunk of the base, which holds rows of a unit. */
typedef void (*visit)(zdbpg_table *table, uint32 unit,
					  const zdbpg_base_chunk *chunk);

static zdbpg_base_chunk
describe(uint32 number, const zdb_entry *entry, uint32 unit_blocks)
{
	return (zdbpg_base_chunk){
		.number = number,
		.raw_bytes = entry->raw_bytes,
		.block = (uint16) ((entry->first - 1) % unit_blocks),
		.patched =
			entry->flags & ZDB_CHUNK_MAPPED ? entry->patched : ZDBPG_NO_PATCH,
	};
}

static void
each_chunk(zdb_reader *base, zdbpg_table **pairs, uint32 unit_blocks,
		   visit visit)
{
	uint32 tables = zdb_reader_manifest(base)->table_count;
	uint64 chunks = zdb_reader_footer(base)->chunks;

	for (uint32 i = 0; i < chunks; i++)
	{
		zdbpg_table *table;
		zdb_entry entry;
		zdb_err err = {0};

		CHECK_FOR_INTERRUPTS();
		zdbpg_check(zdb_reader_entry(base, i, &entry, &err), &err);
		if (entry.kind != ZDB_CHUNK_ROWS || entry.table > tables)
			continue;
		table = pairs[entry.table];
		if (table && entry.first > 0 && entry.first <= table->base_blocks)
		{
			zdbpg_base_chunk chunk = describe(i, &entry, unit_blocks);

			visit(table, (uint32) ((entry.first - 1) / unit_blocks), &chunk);
		}
	}
}

static void
count_chunk(zdbpg_table *table, uint32 unit, const zdbpg_base_chunk *chunk)
{
	table->base[unit + 1]++;
}

/* Where a unit's chunks begin becomes where they end, until all are there. */
static void
put_chunk(zdbpg_table *table, uint32 unit, const zdbpg_base_chunk *chunk)
{
	table->base_chunks[table->base[unit]++] = *chunk;
}

/* From counts to where each unit's chunks begin, and room for them. */
static void
make_room(zdbpg_table *table)
{
	uint32 units = table->base_units;

	for (uint32 i = 1; i <= units; i++)
		table->base[i] += table->base[i - 1];
	table->base_chunks = palloc_extended(sizeof *table->base_chunks *
											 Max(table->base[units], 1),
										 MCXT_ALLOC_HUGE);
}

static void
restore_starts(zdbpg_table *table)
{
	memmove(table->base + 1, table->base,
			sizeof *table->base * table->base_units);
	table->base[0] = 0;
}

void
zdbpg_base_match(zdb_reader *base, List *tables, zdbpg_moment *moment)
{
	const zdb_manifest *manifest = zdb_reader_manifest(base);
	zdbpg_table **pairs;
	zdbpg_origin origin;

	if (!zdbpg_origin_read(manifest, &origin) ||
		zdb_reader_footer(base)->chunks > PG_UINT32_MAX)
		return;
	*moment = (zdbpg_moment){origin.lsn, (TransactionId) origin.xmin};
	pairs = pair(manifest, tables, origin.unit_blocks);
	each_chunk(base, pairs, origin.unit_blocks, count_chunk);
	for (uint32 i = 1; i <= manifest->table_count; i++)
		if (pairs[i])
			make_room(pairs[i]);
	each_chunk(base, pairs, origin.unit_blocks, put_chunk);
	for (uint32 i = 1; i <= manifest->table_count; i++)
		if (pairs[i])
			restore_starts(pairs[i]);
	pfree(pairs);
}
