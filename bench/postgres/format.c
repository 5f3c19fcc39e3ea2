/*
 * format - rows into COPY's text, and nothing else
 *
 * bench_format(regclass) formats all rows of a table with the extension's own
 * writer and throws the text away: what COPY ... TO '/dev/null' does.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "fmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "pg_ext/rows.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(bench_format);

#define CHUNK_BYTES (4 << 20)

Datum
bench_format(PG_FUNCTION_ARGS)
{
	Relation rel = table_open(PG_GETARG_OID(0), AccessShareLock);
	TupleDesc desc = RelationGetDescr(rel);
	int16 *attnums = palloc(sizeof *attnums * (Size) desc->natts);
	TableScanDesc scan =
		table_beginscan_strat(rel, GetActiveSnapshot(), 0, NULL, true, false);
	uint32 natts = 0;
	int64 bytes = 0;
	zdbpg_rows rows;
	zdbpg_out out;

	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped &&
			!TupleDescAttr(desc, i)->attgenerated)
			attnums[natts++] = (int16) (i + 1);
	zdbpg_rows_open(&rows, rel, attnums, natts);
	zdbpg_out_init(&out, CHUNK_BYTES + CHUNK_BYTES / 4);
	while (table_scan_getnextslot(scan, ForwardScanDirection, rows.slot))
	{
		zdbpg_rows_write(&rows, rows.slot, &out);
		if (out.len > CHUNK_BYTES)
		{
			bytes += (int64) out.len;
			out.len = 0;
		}
	}
	bytes += (int64) out.len;
	zdbpg_rows_close(&rows);
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	PG_RETURN_INT64(bytes);
}
