/*
 * vfs - a SQLite VFS whose main databases are images inside backups
 *
 * Read-only and immutable: no locks, no journals, no -wal file, whatever the
 * image's header says. Everything else that a connection opens (what a sort
 * spills, an attached database's journal) is the real VFS's.
 *
 * Both hosts compile this directory: the SQLite module through the host's
 * function table, the PostgreSQL extension against libsqlite3 (SQLITE_CORE).
 */
#ifndef ZDB_SQLITE_VFS_VFS_H
#define ZDB_SQLITE_VFS_VFS_H

#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3

#include "core/archive/image.h"

/* An image that is open as a main database. */
typedef struct zdbvfs_database
{
	zdb_image *image;
	zdb_err err; /* why a read failed, the first time; SQLite has no words */
} zdbvfs_database;

typedef struct zdbvfs zdbvfs;

struct zdbvfs
{
	sqlite3_vfs base; /* first: SQLite's pointer to it is ours */
	sqlite3_vfs *real;
	/* Give the database of that name; NULL with *rc set, or with SQLITE_OK: it
	 * is an ordinary one, the real VFS's. */
	zdbvfs_database *(*open)(zdbvfs *self, const char *name, int *rc);
	void (*close)(zdbvfs_database *database);
};

/* Fill in self, whose open and close are set; real is what all else is left
 * to. The name outlives it. */
void zdbvfs_init(zdbvfs *self, sqlite3_vfs *real, const char *name);

/* Register self, whose open and close are set, under name, which outlives it.
 * Returns a SQLite code. */
int zdbvfs_register(zdbvfs *self, const char *name);

/* Without a registration nothing happens. */
void zdbvfs_unregister(zdbvfs *self);

/* The main database of db; NULL if it is not one of ours. */
zdbvfs_database *zdbvfs_database_of(sqlite3 *db);

#endif
