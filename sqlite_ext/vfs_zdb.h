/*
 * vfs_zdb - the VFS "zdb": a backup as a read-only database
 *
 *   ATTACH 'file:app.db.gz?vfs=zdb' AS old;             -- with URIs
 *   sqlite3_open_v2("app.db.gz", &db, SQLITE_OPEN_READONLY, "zdb");
 *
 * What is neither compressed nor encrypted nor beside an index of ours is an
 * ordinary database, and opened as ever: a connection may have both.
 *
 * It is the process's, for all connections, and so outlives the one that
 * loaded the module. SQLite has no words for what a VFS finds wrong: a backup
 * that cannot be opened, or whose chain is broken, is SQLITE_CANTOPEN; the
 * words go to its log (sqlite3_log()), and zdb_attach() and zdb_verify() say
 * them.
 */
#ifndef ZDB_SQLITE_EXT_VFS_ZDB_H
#define ZDB_SQLITE_EXT_VFS_ZDB_H

#include "core/base/err.h"
#include "sqlite_ext/zdblite.h"

/* Returns a SQLite code. Once is enough. */
int zdblite_vfs_register(void);

/* ATTACH a backup, also where URIs are off. For that time our VFS goes by the
 * name of the connection's; whatever else is opened then is left to that. */
zdb_rc zdblite_vfs_attach(sqlite3 *db, const char *path, const char *name,
						  zdb_err *err);

#endif
