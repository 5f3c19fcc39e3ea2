/*
 * rows - the rows of one table as COPY's text
 */
#include "pg_ext/rows.h"

#include "access/tableam.h"
#include "utils/memutils.h"

static void
open_contexts(zdbpg_rows *rows)
{
	rows->table_context = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup table", ALLOCSET_DEFAULT_SIZES);
	rows->row_context = AllocSetContextCreate(
		rows->table_context, "zdbackup row", ALLOCSET_DEFAULT_SIZES);
}

static void
init_columns(zdbpg_rows *rows, TupleDesc desc, const int16 *attnums,
			 uint32 natts)
{
	MemoryContext before = MemoryContextSwitchTo(rows->table_context);

	rows->natts = natts;
	rows->last_attnum = 0;
	rows->columns = palloc0(Max(natts, 1) * sizeof *rows->columns);
	for (uint32 i = 0; i < natts; i++)
	{
		int attnum = attnums ? attnums[i] : (int) i + 1;

		zdbpg_column_init(&rows->columns[i], attnum,
						  TupleDescAttr(desc, attnum - 1)->atttypid);
		rows->last_attnum = Max(rows->last_attnum, attnum);
	}
	MemoryContextSwitchTo(before);
}

void
zdbpg_rows_open(zdbpg_rows *rows, Relation rel, const int16 *attnums,
				uint32 natts)
{
	*rows = (zdbpg_rows){.rel = rel};
	open_contexts(rows);
	init_columns(rows, RelationGetDescr(rel), attnums, natts);
	rows->slot = table_slot_create(rel, NULL);
}

void
zdbpg_rows_open_query(zdbpg_rows *rows)
{
	*rows = (zdbpg_rows){0};
	open_contexts(rows);
}

/* Name the row that no COPY can carry. */
static void
raise_too_long(const zdbpg_rows *rows, TupleTableSlot *slot, size_t len)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a row of table \"%s\" is too long for COPY: %zu bytes",
					rows->rel ? RelationGetRelationName(rows->rel) : "?", len),
			 errdetail("The row is at ctid (%u,%u).",
					   ItemPointerGetBlockNumberNoCheck(&slot->tts_tid),
					   ItemPointerGetOffsetNumberNoCheck(&slot->tts_tid)),
			 errhint("A row's text may have up to 1 GB.")));
}

void
zdbpg_rows_write(zdbpg_rows *rows, TupleTableSlot *slot, zdbpg_out *out)
{
	MemoryContext before;
	size_t begin = out->len;

	if (!rows->columns)
		init_columns(rows, slot->tts_tupleDescriptor, NULL,
					 (uint32) slot->tts_tupleDescriptor->natts);
	slot_getsomeattrs(slot, rows->last_attnum);
	before = MemoryContextSwitchTo(rows->row_context);
	for (uint32 i = 0; i < rows->natts; i++)
	{
		zdbpg_column *column = &rows->columns[i];
		int at = column->attnum - 1;

		if (i > 0)
			zdbpg_out_char(out, '\t');
		if (slot->tts_isnull[at])
			zdbpg_out_bytes(out, "\\N", 2);
		else
			column->write(column, out, slot->tts_values[at]);
	}
	zdbpg_out_char(out, '\n');
	if (out->len - begin > MaxAllocSize)
		raise_too_long(rows, slot, out->len - begin);
	MemoryContextSwitchTo(before);
	MemoryContextReset(rows->row_context);
}

void
zdbpg_rows_close(zdbpg_rows *rows)
{
	if (rows->slot)
		ExecDropSingleTupleTableSlot(rows->slot);
	MemoryContextDelete(rows->table_context);
	*rows = (zdbpg_rows){0};
}
