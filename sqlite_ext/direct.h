/*
 * direct - a snapshot's pages out of SQLite's own files, many at a time
 *
 * Page by page through SQLite takes as long as to hash them. The files lie
 * there as they are until the read transaction ends; unless the connection
 * shares its cache, and by it the transaction, with others of this process.
 */
#ifndef ZDB_SQLITE_EXT_DIRECT_H
#define ZDB_SQLITE_EXT_DIRECT_H

#include "sqlite_ext/snapshot.h"

typedef struct zdblite_direct
{
	sqlite3 *db;
	sqlite3_file *file; /* NULL: read through SQLite */
	zdblite_log log;    /* of which no frame is wanted in rollback mode */
	uint32_t page_size;
} zdblite_direct;

/* Close it in either case. */
zdb_rc zdblite_direct_open(zdblite_direct *direct,
						   const zdblite_snapshot *snapshot, zdb_err *err);

/* Whole pages from at on; the ranges ascend. ZDB_UNSUPPORTED: read through
 * SQLite instead. */
zdb_rc zdblite_direct_read(zdblite_direct *direct, uint64_t at, uint8_t *into,
						   size_t len, zdb_err *err);

void zdblite_direct_close(zdblite_direct *direct);

#endif
