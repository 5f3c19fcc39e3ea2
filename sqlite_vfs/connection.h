/*
 * connection - a SQLite connection to the image inside a backup
 *
 * It is opened on a VFS of its own, which knows this one image and is gone
 * with it: no pointer travels in a URI, and no other code can open it.
 */
#ifndef ZDB_SQLITE_VFS_CONNECTION_H
#define ZDB_SQLITE_VFS_CONNECTION_H

#include "sqlite_vfs/vfs.h"

typedef struct zdbvfs_connection
{
	zdbvfs vfs; /* first: the VFS is the connection */
	zdbvfs_database database;
	char name[40];
	sqlite3 *db;
} zdbvfs_connection;

/* Connect to image, which is taken over, also when this fails: then the
 * cause stands in self->database.err, or SQLite's own in self->db. Returns a
 * SQLite code. self must stay where it is until it is disconnected, in
 * either case. One thread at a time. */
int zdbvfs_connect(zdbvfs_connection *self, zdb_image *image);

/* Statements must have been finalized. Zeros are fine. */
void zdbvfs_disconnect(zdbvfs_connection *self);

/* For bytes from outside: expect any nonsense in a page. The schema may call
 * what SQLite lets schemas call: generated columns do. */
int zdbvfs_set_up(sqlite3 *db);

#endif
