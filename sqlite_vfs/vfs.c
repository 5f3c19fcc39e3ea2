/*
 * vfs - a SQLite VFS whose main databases are images inside backups
 */
#include "sqlite_vfs/vfs.h"

#include <string.h>

#include "core/store/store.h"

#define SECTOR_BYTES 4096

typedef struct image_file
{
	sqlite3_file base;
	zdbvfs *vfs;
	zdbvfs_database *database;
} image_file;

static int
file_close(sqlite3_file *file)
{
	image_file *self = (image_file *) file;

	self->vfs->close(self->database);
	return SQLITE_OK;
}

static int
code_of(const zdb_err *err)
{
	if (err->code == ZDB_CANCELLED)
		return SQLITE_INTERRUPT;
	if (err->code == ZDB_NOMEM)
		return SQLITE_IOERR_NOMEM;
	return err->code == ZDB_DAMAGED ? SQLITE_CORRUPT : SQLITE_IOERR_READ;
}

static int
file_read(sqlite3_file *file, void *into, int len, sqlite3_int64 offset)
{
	zdbvfs_database *database = ((image_file *) file)->database;
	uint64_t bytes = zdb_image_bytes(database->image);
	uint64_t start = (uint64_t) offset < bytes ? (uint64_t) offset : bytes;
	uint64_t left = bytes - start;
	size_t here = left < (uint64_t) len ? (size_t) left : (size_t) len;
	zdb_err err = {0};

	if (zdb_image_read(database->image, start, into, here, &err))
	{
		if (!database->err.code)
			database->err = err;
		sqlite3_log(code_of(&err), "%s", err.msg);
		return code_of(&err);
	}
	memset((char *) into + here, 0, (size_t) len - here);
	return here == (size_t) len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
file_write(sqlite3_file *file, const void *bytes, int len,
		   sqlite3_int64 offset)
{
	(void) file;
	(void) bytes;
	(void) len;
	(void) offset;
	return SQLITE_READONLY;
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
	(void) file;
	(void) bytes;
	return SQLITE_READONLY;
}

static int
file_sync(sqlite3_file *file, int flags)
{
	(void) file;
	(void) flags;
	return SQLITE_OK;
}

static int
file_size(sqlite3_file *file, sqlite3_int64 *bytes)
{
	*bytes = (sqlite3_int64) zdb_image_bytes(
		((image_file *) file)->database->image);
	return SQLITE_OK;
}

static int
file_lock(sqlite3_file *file, int level)
{
	(void) file;
	(void) level;
	return SQLITE_OK;
}

static int
file_reserved(sqlite3_file *file, int *reserved)
{
	(void) file;
	*reserved = 0;
	return SQLITE_OK;
}

static int
file_control(sqlite3_file *file, int op, void *arg)
{
	(void) file;
	(void) op;
	(void) arg;
	return SQLITE_NOTFOUND;
}

static int
file_sector(sqlite3_file *file)
{
	(void) file;
	return SECTOR_BYTES;
}

static int
file_device(sqlite3_file *file)
{
	(void) file;
	return SQLITE_IOCAP_IMMUTABLE;
}

/* Version 1: without shared memory, so never in WAL mode. */
static const sqlite3_io_methods file_methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_device,
};

static sqlite3_vfs *
real_of(sqlite3_vfs *vfs)
{
	return ((zdbvfs *) vfs)->real;
}

static int
open_real(zdbvfs *self, const char *name, sqlite3_file *file, int flags,
		  int *out_flags)
{
	return self->real->xOpen(self->real, name, file, flags, out_flags);
}

static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		 int *out_flags)
{
	zdbvfs *self = (zdbvfs *) vfs;
	image_file *opened = (image_file *) file;
	zdbvfs_database *database;
	int rc = SQLITE_OK;

	if (!(flags & SQLITE_OPEN_MAIN_DB))
		return open_real(self, name, file, flags, out_flags);
	file->pMethods = NULL;
	database = self->open(self, name, &rc);
	if (!database)
		return rc == SQLITE_OK ? open_real(self, name, file, flags, out_flags)
							   : rc;
	*opened = (image_file){
		.base.pMethods = &file_methods, .vfs = self, .database = database};
	if (out_flags)
		*out_flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
	return real_of(vfs)->xDelete(real_of(vfs), name, sync_directory);
}

static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *found)
{
	return real_of(vfs)->xAccess(real_of(vfs), name, flags, found);
}

/* A URL is what it is, in any directory. */
static int
vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int cap, char *out)
{
	if (zdb_store_scheme(name))
	{
		sqlite3_snprintf(cap, out, "%s", name);
		return strlen(name) < (size_t) cap ? SQLITE_OK : SQLITE_CANTOPEN;
	}
	return real_of(vfs)->xFullPathname(real_of(vfs), name, cap, out);
}

/* SQLite calls these without looking whether there are any. */
static void *
vfs_dl_open(sqlite3_vfs *vfs, const char *name)
{
	return real_of(vfs)->xDlOpen(real_of(vfs), name);
}

static void
vfs_dl_error(sqlite3_vfs *vfs, int cap, char *out)
{
	real_of(vfs)->xDlError(real_of(vfs), cap, out);
}

static void (*vfs_dl_sym(sqlite3_vfs *vfs, void *library,
						 const char *symbol))(void)
{
	return real_of(vfs)->xDlSym(real_of(vfs), library, symbol);
}

static void
vfs_dl_close(sqlite3_vfs *vfs, void *library)
{
	real_of(vfs)->xDlClose(real_of(vfs), library);
}

static int
vfs_randomness(sqlite3_vfs *vfs, int len, char *out)
{
	return real_of(vfs)->xRandomness(real_of(vfs), len, out);
}

static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
	return real_of(vfs)->xSleep(real_of(vfs), us);
}

static int
vfs_current_time(sqlite3_vfs *vfs, double *days)
{
	return real_of(vfs)->xCurrentTime(real_of(vfs), days);
}

static int
vfs_last_error(sqlite3_vfs *vfs, int cap, char *out)
{
	return real_of(vfs)->xGetLastError(real_of(vfs), cap, out);
}

void
zdbvfs_init(zdbvfs *self, sqlite3_vfs *real, const char *name)
{
	int ours = (int) sizeof(image_file);

	self->real = real;
	self->base = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = real->szOsFile > ours ? real->szOsFile : ours,
		.mxPathname = real->mxPathname,
		.zName = name,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_pathname,
		.xDlOpen = vfs_dl_open,
		.xDlError = vfs_dl_error,
		.xDlSym = vfs_dl_sym,
		.xDlClose = vfs_dl_close,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_current_time,
		.xGetLastError = vfs_last_error,
	};
}

int
zdbvfs_register(zdbvfs *self, const char *name)
{
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);

	if (!real)
		return SQLITE_ERROR;
	zdbvfs_init(self, real, name);
	return sqlite3_vfs_register(&self->base, 0);
}

void
zdbvfs_unregister(zdbvfs *self)
{
	if (self->real)
		sqlite3_vfs_unregister(&self->base);
	self->real = NULL;
}

zdbvfs_database *
zdbvfs_database_of(sqlite3 *db)
{
	sqlite3_file *file = NULL;

	if (!db ||
		sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) !=
			SQLITE_OK ||
		!file || file->pMethods != &file_methods)
		return NULL;
	return ((image_file *) file)->database;
}
