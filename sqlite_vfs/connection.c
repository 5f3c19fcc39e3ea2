/*
 * connection - a SQLite connection to the image inside a backup
 */
#include "sqlite_vfs/connection.h"

static zdbvfs_database *
open_own(zdbvfs *vfs, const char *name, int *rc)
{
	(void) name;
	(void) rc;
	return &((zdbvfs_connection *) vfs)->database;
}

static void
close_own(zdbvfs_database *database)
{
	(void) database;
}

int
zdbvfs_connect(zdbvfs_connection *self, zdb_image *image)
{
	int rc;

	*self = (zdbvfs_connection){
		.vfs = {.open = open_own, .close = close_own},
		.database = {.image = image},
	};
	sqlite3_snprintf((int) sizeof self->name, self->name, "zdb-image-%p",
					 (void *) self);
	rc = zdbvfs_register(&self->vfs, self->name);
	if (rc == SQLITE_OK)
		rc = sqlite3_open_v2("image", &self->db,
							 SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
								 SQLITE_OPEN_PRIVATECACHE,
							 self->name);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_db_config(self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return zdbvfs_set_up(self->db);
}

void
zdbvfs_disconnect(zdbvfs_connection *self)
{
	sqlite3_close(self->db);
	self->db = NULL;
	zdbvfs_unregister(&self->vfs);
	zdb_image_free(self->database.image);
	self->database.image = NULL;
}

int
zdbvfs_set_up(sqlite3 *db)
{
	return sqlite3_exec(db,
						"PRAGMA cell_size_check=ON; PRAGMA cache_size=-8000",
						NULL, NULL, NULL);
}
