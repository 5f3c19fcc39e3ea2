/*
 * vfs_sink - a database file that is never stored: its pages go to a callback
 *
 * SQLite's backup API writes into a connection opened on this VFS. With the
 * journal off, a small cache and no other use of the connection, pages arrive
 * in ascending order and page 1 at the commit; the receiver checks that.
 *
 * The VFS is registered under a name of its own for as long as the sink
 * lives: no pointer travels in a URI, and no other code can open it.
 */
#ifndef ZDB_SQLITE_EXT_VFS_SINK_H
#define ZDB_SQLITE_EXT_VFS_SINK_H

#include "sqlite_ext/zdblite.h"

typedef struct zdblite_sink
{
	/* Set by the caller; the error is left in *err and SQLite is told to
	 * stop. */
	zdb_rc (*take)(void *arg, sqlite3_uint64 offset, const void *bytes,
				   int len, zdb_err *err);
	void *arg;
	zdb_err *err;

	sqlite3_vfs vfs;
	char name[40];
	sqlite3 *db;          /* the connection to back up into */
	sqlite3_uint64 bytes; /* the length of the database so far */
} zdblite_sink;

/* Open sink->db. Close it in either case. */
zdb_rc zdblite_sink_open(zdblite_sink *sink, zdb_err *err);
void zdblite_sink_close(zdblite_sink *sink);

#endif
