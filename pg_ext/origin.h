/*
 * origin - the state of the database that a backup was made from
 *
 * It stands in the manifest, so that a later backup can prove which of this
 * one's chunks it would write again: see base.h.
 */
#ifndef ZDB_PG_EXT_ORIGIN_H
#define ZDB_PG_EXT_ORIGIN_H

#include "postgres.h"

#include "access/xlogdefs.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#include "core/archive/manifest.h"
#include "pg_ext/plan.h"

/* A moment in the history of one database. */
typedef struct zdbpg_origin
{
	uint64 system; /* pg_control's identifier */
	Oid database;
	uint32 timeline;
	uint32 unit_blocks;
	XLogRecPtr lsn; /* all before it was done while the snapshot was held */
	uint64 xmin;    /* full id of the oldest transaction running then */
	uint64 next;    /* and of the one that comes next; of the present only */
} zdbpg_origin;

/* What a table's chunks were made of. */
typedef struct zdbpg_table_origin
{
	Oid relid;
	Oid file; /* its relfilenode */
	BlockNumber blocks;
	char text[ZDBPG_TEXT_ID]; /* see zdbpg_table */
} zdbpg_table_origin;

/* The present moment, under a snapshot that is active. */
extern void zdbpg_origin_now(Snapshot snapshot, zdbpg_origin *origin);

/* Fill in table->file and table->text, if the rows in its blocks, and their
 * text, are all that its chunks depend on. */
extern void zdbpg_origin_survey(Relation rel, zdbpg_table *table);

/* Put into the manifest of a backup what is to be known of it. To be called
 * when all rows were read, under the snapshot still: what the backup saw is
 * made durable, or after a crash other transactions would have the same ids
 * and positions. tables: zdbpg_table *, those of the manifest. */
extern void zdbpg_origin_record(Snapshot snapshot, uint32 unit_blocks,
								List *tables, zdb_manifest *manifest);

/* Read it back. Returns false when there is none. */
extern bool zdbpg_origin_read(const zdb_manifest *manifest,
							  zdbpg_origin *origin);
extern bool zdbpg_origin_read_table(const zdb_table *table,
									zdbpg_table_origin *origin);

#endif
