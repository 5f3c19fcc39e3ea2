/*
 * vfs_zdb - the VFS "zdb": a backup as a read-only database
 */
#include "sqlite_ext/vfs_zdb.h"

#include <string.h>

#include "core/archive/links.h"
#include "core/base/mem.h"
#include "core/codec/inflate.h"
#include "core/job/crypt.h"
#include "core/pool/pool.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/sql.h"

/* A backup that is open under some name. */
typedef struct opened
{
	zdbvfs_database database; /* first: SQLite's file leads to it */
	zdb_settings settings;    /* of a URL */
	zdb_reader *reader;
	zdb_pool *pool;
} opened;

/* Who reads in order has another thread decompress what follows. */
#define JOBS 2

/* A VFS that has the name of another, for a moment: see zdblite_vfs_attach().
 */
typedef struct namesake
{
	zdbvfs vfs;
	struct namesake *next;
} namesake;

static void
close_backup(zdbvfs_database *database)
{
	opened *self = (opened *) database;

	zdb_image_free(self->database.image);
	zdb_pool_free(self->pool);
	zdb_reader_free(self->reader);
	zdb_settings_clear(&self->settings);
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
	int found = zdb_store_scheme(name) > 0;

	if (sidecar && !found)
		real->xAccess(real, sidecar, SQLITE_ACCESS_EXISTS, &found);
	sqlite3_free(sidecar);
	return found || is_packed(real, name);
}

/* Whoever opens it has no options to say: keys are the environment's. A chain
 * that is broken is told now: later it would be a "disk I/O error". */
static zdb_rc
open_reader(opened *self, const char *name, zdb_err *err)
{
	zdb_store_options file = {.where = name, .settings = &self->settings};
	zdb_age_keys keys = {0};
	const zdb_err *trouble = NULL;

	if (zdb_crypt_keys(&self->settings, NULL, &keys, err) == ZDB_OK &&
		zdb_reader_open(&file, &keys, &self->reader, err) == ZDB_OK)
		trouble = zdb_reader_trouble(self->reader);
	if (trouble)
		*err = *trouble;
	zdb_age_keys_clear(&keys);
	return err->code;
}

static zdb_rc
open_image(opened *self, const char *name, zdb_err *err)
{
	char *beside;

	if (open_reader(self, name, err))
		return err->code;
	self->pool = zdb_pool_new(JOBS, err);
	if (!self->pool)
		return err->code;
	beside = zdb_format(err, "%s/zdbackup", zdblite_temp_directory());
	if (beside)
		zdblite_image_chunks(self->reader, NULL, zdb_pool_runner(self->pool),
							 beside, &self->database.image, err);
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

/* ATTACH takes the VFS of its connection, by its name. So there has to be one
 * of this name; it outlives all that is attached. */
static zdbvfs *
namesake_of(sqlite3_vfs *real)
{
	static namesake *all;
	namesake *one = all;

	while (one && one->vfs.real != real)
		one = one->next;
	if (one)
		return &one->vfs;
	one = zdb_calloc(1, sizeof *one);
	if (!one)
		return NULL;
	one->vfs.open = open_backup;
	one->vfs.close = close_backup;
	zdbvfs_init(&one->vfs, real, real->zName);
	one->next = all;
	all = one;
	return &one->vfs;
}

zdb_rc
zdblite_vfs_attach(sqlite3 *db, const char *path, const char *name,
				   zdb_err *err)
{
	sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
	sqlite3_vfs *real = NULL;
	zdbvfs *ours;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &real);
	if (!real)
		return zdb_err_set(err, ZDB_INTERNAL, "the connection has no VFS");
	sqlite3_mutex_enter(mutex);
	ours = namesake_of(real);
	if (!ours)
		zdb_err_nomem(err);
	else
	{
		sqlite3_vfs_register(&ours->base, 1); /* in front: found first */
		zdblite_exec(db, err, "ATTACH %Q AS %Q", path, name);
		sqlite3_vfs_unregister(&ours->base);
	}
	sqlite3_mutex_leave(mutex);
	return err->code;
}

int
zdblite_vfs_register(void)
{
	static zdbvfs by_name = {.open = open_backup, .close = close_backup};

	return sqlite3_vfs_find("zdb") ? SQLITE_OK
								   : zdbvfs_register(&by_name, "zdb");
}
