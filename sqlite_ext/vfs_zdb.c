/*
 * vfs_zdb - the VFS "zdb": a backup as a read-only database
 */
#include "sqlite_ext/vfs_zdb.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/codec/inflate.h"
#include "core/job/crypt.h"
#include "sqlite_ext/image.h"

/* A backup that is open under some name. */
typedef struct opened
{
	zdbvfs_database database; /* first: SQLite's file leads to it */
	zdb_reader *reader;
} opened;

static void
close_backup(zdbvfs_database *database)
{
	opened *self = (opened *) database;

	zdb_image_free(self->database.image);
	zdb_reader_free(self->reader);
	zdb_free(self);
}

/* The first bytes of a file, read as SQLite reads it: to open and close a
 * database oneself would give up all locks that this process has on it. */
static bool
is_packed(sqlite3_vfs *real, const char *name)
{
	int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY;
	sqlite3_file *file = sqlite3_malloc(real->szOsFile);
	uint8_t head[4] = {0};

	if (!file)
		return false;
	file->pMethods = NULL;
	if (real->xOpen(real, name, file, flags, &flags) == SQLITE_OK)
		file->pMethods->xRead(file, head, sizeof head, 0);
	if (file->pMethods)
		file->pMethods->xClose(file);
	sqlite3_free(file);
	return zdb_codec_sniff(head, sizeof head) != ZDB_CODEC_NONE ||
		   memcmp(head, "age-", sizeof head) == 0;
}

static bool
is_backup(sqlite3_vfs *real, const char *name)
{
	char *sidecar = sqlite3_mprintf("%s" ZDB_SIDECAR_SUFFIX, name);
	int found = 0;

	if (sidecar)
		real->xAccess(real, sidecar, SQLITE_ACCESS_EXISTS, &found);
	sqlite3_free(sidecar);
	return found || is_packed(real, name);
}

/* Whoever opens it has no options to say: keys are the environment's. */
static zdb_rc
open_reader(opened *self, const char *name, zdb_err *err)
{
	zdb_store_options file = {.where = name};
	zdb_settings settings = {0};
	zdb_age_keys keys = {0};

	if (zdb_crypt_keys(&settings, NULL, &keys, err) == ZDB_OK)
		zdb_reader_open(&file, &keys, &self->reader, err);
	zdb_age_keys_clear(&keys);
	zdb_settings_clear(&settings);
	return err->code;
}

static zdb_rc
open_image(opened *self, const char *name, zdb_err *err)
{
	char *beside;

	if (open_reader(self, name, err))
		return err->code;
	beside = zdb_format(err, "%s/zdbackup", zdblite_temp_directory());
	if (beside)
		zdblite_image_chunks(self->reader, NULL, beside, &self->database.image,
							 err);
	zdb_free(beside);
	return err->code;
}

static zdbvfs_database *
open_backup(zdbvfs *vfs, const char *name, int *rc)
{
	opened *self;
	zdb_err err = {0};

	if (!name || !is_backup(vfs->real, name))
		return NULL;
	self = zdb_calloc(1, sizeof *self);
	*rc = self ? SQLITE_CANTOPEN : SQLITE_NOMEM;
	if (!self)
		return NULL;
	if (open_image(self, name, &err) == ZDB_OK)
		return &self->database;
	sqlite3_log(*rc, "%s", err.msg);
	close_backup(&self->database);
	return NULL;
}

int
zdblite_vfs_register(void)
{
	static zdbvfs by_name = {.open = open_backup, .close = close_backup};

	return sqlite3_vfs_find("zdb") ? SQLITE_OK
								   : zdbvfs_register(&by_name, "zdb");
}
