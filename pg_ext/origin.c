/*
 * origin - the state of the database that a backup was made from
 */
#include "pg_ext/origin.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlog_internal.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"

#include "pg_ext/compat.h"
#include "pg_ext/text_id.h"
#include "pg_ext/zdbpg.h"

void
zdbpg_origin_survey(Relation rel, zdbpg_table *table)
{
	if (rel->rd_rel->relpersistence == RELPERSISTENCE_PERMANENT &&
		zdbpg_text_id(rel, table, table->text))
		table->file = rel->rd_rel->relfilenode;
}

/* The position that a standby has replayed, or that is inserted next. */
static XLogRecPtr
position(uint32 *timeline)
{
	TimeLineID replayed;
	XLogRecPtr lsn;

	if (RecoveryInProgress())
	{
		lsn = GetXLogReplayRecPtr(&replayed);
		*timeline = replayed;
		return lsn;
	}
	*timeline = zdbpg_timeline();
	return GetXLogInsertRecPtr();
}

/* Counted from the next one, which is less than 2^31 ahead. */
static uint64
full_xid(TransactionId xid)
{
	uint64 next = U64FromFullTransactionId(ReadNextFullTransactionId());

	return next - (uint32) ((TransactionId) next - xid);
}

void
zdbpg_origin_now(Snapshot snapshot, zdbpg_origin *origin)
{
	*origin = (zdbpg_origin){
		.system = GetSystemIdentifier(),
		.database = MyDatabaseId,
		.xmin = full_xid(snapshot->xmin),
		.next = U64FromFullTransactionId(ReadNextFullTransactionId()),
	};
	origin->lsn = position(&origin->timeline);
}

/* The end of the record before a position, where the next one begins; a page
 * of WAL begins with a header. */
static XLogRecPtr
end_of_record(XLogRecPtr lsn)
{
	uint32 in_page = (uint32) (lsn % XLOG_BLCKSZ);
	uint32 header = XLogSegmentOffset(lsn, wal_segment_size) < XLOG_BLCKSZ
						? SizeOfXLogLongPHD
						: SizeOfXLogShortPHD;

	return in_page == header ? lsn - in_page : lsn;
}

void
zdbpg_origin_record(Snapshot snapshot, uint32 unit_blocks, List *tables,
					zdb_manifest *manifest)
{
	zdbpg_origin origin;
	zdb_table *into = manifest->tables;
	ListCell *cell;

	/* rows of our own that are not committed are in the backup; and a snapshot
	 * that may be "too old" protects nothing */
	if (TransactionIdIsValid(GetTopTransactionIdIfAny()) ||
		zdbpg_snapshots_expire())
		return;
	zdbpg_origin_now(snapshot, &origin);
	if (!RecoveryInProgress())
		XLogFlush(end_of_record(origin.lsn));
	manifest->origin = json_pack(
		"{s:s, s:I, s:I, s:I, s:s, s:I}", "system",
		psprintf(UINT64_FORMAT, origin.system), "database",
		(json_int_t) origin.database, "timeline", (json_int_t) origin.timeline,
		"unit_blocks", (json_int_t) unit_blocks, "lsn",
		psprintf("%X/%X", (uint32) (origin.lsn >> 32), (uint32) origin.lsn),
		"xmin", (json_int_t) origin.xmin);
	foreach(cell, tables)
	{
		const zdbpg_table *table = lfirst(cell);

		if (*table->text)
			into->origin = json_pack(
				"{s:I, s:I, s:I, s:s}", "oid", (json_int_t) table->relid,
				"file", (json_int_t) table->file, "blocks",
				(json_int_t) table->blocks, "text", table->text);
		into++;
	}
}

/* A number up to max; more than max is wrong. */
static bool
take_number(const json_t *from, const char *key, uint64 max, uint64 *number)
{
	const json_t *value = json_object_get(from, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		(uint64) json_integer_value(value) > max)
		return false;
	*number = (uint64) json_integer_value(value);
	return true;
}

static bool
take_text(const json_t *from, const char *key, const char **text)
{
	*text = json_string_value(json_object_get(from, key));
	return *text != NULL;
}

bool
zdbpg_origin_read(const zdb_manifest *manifest, zdbpg_origin *origin)
{
	const json_t *from = manifest->origin;
	uint64 database, timeline, unit_blocks;
	const char *system, *lsn;
	uint32 high, low;

	if (!take_text(from, "system", &system) ||
		!take_number(from, "database", PG_UINT32_MAX, &database) ||
		!take_number(from, "timeline", PG_UINT32_MAX, &timeline) ||
		!take_number(from, "unit_blocks", MaxBlockNumber, &unit_blocks) ||
		!take_text(from, "lsn", &lsn) ||
		sscanf(lsn, "%X/%X", &high, &low) != 2 ||
		!take_number(from, "xmin", PG_INT64_MAX, &origin->xmin))
		return false;
	origin->system = strtoull(system, NULL, 10);
	origin->database = (Oid) database;
	origin->timeline = (uint32) timeline;
	origin->unit_blocks = (uint32) unit_blocks;
	origin->lsn = (uint64) high << 32 | low;
	return true;
}

bool
zdbpg_origin_read_table(const zdb_table *table, zdbpg_table_origin *origin)
{
	const json_t *from = table->origin;
	uint64 relid, file, blocks;
	const char *text;

	if (!take_number(from, "oid", PG_UINT32_MAX, &relid) ||
		!take_number(from, "file", PG_UINT32_MAX, &file) ||
		!take_number(from, "blocks", MaxBlockNumber, &blocks) ||
		!take_text(from, "text", &text) || strlen(text) != ZDBPG_TEXT_ID - 1)
		return false;
	origin->relid = (Oid) relid;
	origin->file = (Oid) file;
	origin->blocks = (BlockNumber) blocks;
	strlcpy(origin->text, text, sizeof origin->text);
	return true;
}
