/*
 * snapshot - a database held still, described, and copied out as pages
 *
 * One statement kept on its first row holds the read transaction, so that the
 * facts, the row counts and the pages are of one moment. The copy is a single
 * sqlite3_backup_step(-1): it never restarts, however busy the writers are.
 * Pages that are only compared with those of a base are read many at a time.
 *
 * In WAL mode writers go on. In rollback mode they would wait for all of the
 * compression; there the pages go by way of a temporary file first, unless
 * they are only compared with those of a base and few are new.
 */
#ifndef ZDB_SQLITE_EXT_SNAPSHOT_H
#define ZDB_SQLITE_EXT_SNAPSHOT_H

#include "core/archive/manifest.h"
#include "core/archive/writer.h"
#include "sqlite_ext/call.h"
#include "sqlite_ext/log.h"

typedef struct zdblite_snapshot
{
	sqlite3 *db;
	const char *schema; /* the attached database's name */
	sqlite3_stmt *pin;
	const char *file; /* SQLite's; "" for a memory database */
	char *encoding;
	uint32_t page_size;
	uint32_t pages; /* at least 1: an empty database becomes one page */
	uint32_t cookie;
	bool wal;
	bool alone; /* this connection keeps all others out */
	zdblite_log log;
} zdblite_snapshot;

/* Take it. Refused while this connection has written in its own transaction.
 * Close it in either case. */
zdb_rc zdblite_snapshot_open(zdblite_snapshot *snapshot, sqlite3 *db,
							 const char *schema, zdb_err *err);

/* Let writers go on; the facts stay. */
void zdblite_snapshot_unpin(zdblite_snapshot *snapshot);

void zdblite_snapshot_close(zdblite_snapshot *snapshot);

/* Write the image into *writer, which is opened with options and belongs to
 * the caller, also when this fails. A temporary copy, if one is needed, is
 * made beside the path "beside". Unpins. */
zdb_rc zdblite_snapshot_write(zdblite_snapshot *snapshot, zdblite_call *call,
							  const zdb_writer_options *options,
							  const char *beside, zdb_writer **writer);

#endif
