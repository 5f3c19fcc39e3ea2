/*
 * vfs_sink - a database file that is never stored: its pages go to a callback
 */
#include "sqlite_ext/vfs_sink.h"

#include <stdio.h>
#include <string.h>

#include "sqlite_ext/sql.h"

#define SECTOR_BYTES 4096

typedef struct sink_file
{
	sqlite3_file base;
	zdblite_sink *sink;
} sink_file;

static int
sink_close(sqlite3_file *file)
{
	(void) file;
	return SQLITE_OK;
}

/* Nothing is kept. SQLite looks at an empty file before it writes; a page it
 * has written it must not need again. */
static int
sink_read(sqlite3_file *file, void *into, int len, sqlite3_int64 offset)
{
	zdblite_sink *sink = ((sink_file *) file)->sink;

	memset(into, 0, (size_t) len);
	if ((sqlite3_uint64) offset < sink->bytes && offset >= SECTOR_BYTES)
		return SQLITE_IOERR_READ;
	return SQLITE_IOERR_SHORT_READ;
}

static int
sink_write(sqlite3_file *file, const void *bytes, int len,
		   sqlite3_int64 offset)
{
	zdblite_sink *sink = ((sink_file *) file)->sink;
	sqlite3_uint64 end = (sqlite3_uint64) offset + (sqlite3_uint64) len;

	if (sink->take(sink->arg, (sqlite3_uint64) offset, bytes, len, sink->err))
		return sink->err->code == ZDB_CANCELLED ? SQLITE_INTERRUPT
												: SQLITE_IOERR_WRITE;
	if (end > sink->bytes)
		sink->bytes = end;
	return SQLITE_OK;
}

static int
sink_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
	((sink_file *) file)->sink->bytes = (sqlite3_uint64) bytes;
	return SQLITE_OK;
}

static int
sink_sync(sqlite3_file *file, int flags)
{
	(void) file;
	(void) flags;
	return SQLITE_OK;
}

static int
sink_size(sqlite3_file *file, sqlite3_int64 *bytes)
{
	*bytes = (sqlite3_int64) ((sink_file *) file)->sink->bytes;
	return SQLITE_OK;
}

static int
sink_lock(sqlite3_file *file, int level)
{
	(void) file;
	(void) level;
	return SQLITE_OK;
}

static int
sink_reserved(sqlite3_file *file, int *reserved)
{
	(void) file;
	*reserved = 0;
	return SQLITE_OK;
}

static int
sink_control(sqlite3_file *file, int op, void *arg)
{
	(void) file;
	(void) op;
	(void) arg;
	return SQLITE_NOTFOUND;
}

static int
sink_sector(sqlite3_file *file)
{
	(void) file;
	return SECTOR_BYTES;
}

static int
sink_device(sqlite3_file *file)
{
	(void) file;
	return 0;
}

static const sqlite3_io_methods sink_methods = {
	.iVersion = 1,
	.xClose = sink_close,
	.xRead = sink_read,
	.xWrite = sink_write,
	.xTruncate = sink_truncate,
	.xSync = sink_sync,
	.xFileSize = sink_size,
	.xLock = sink_lock,
	.xUnlock = sink_lock,
	.xCheckReservedLock = sink_reserved,
	.xFileControl = sink_control,
	.xSectorSize = sink_sector,
	.xDeviceCharacteristics = sink_device,
};

/* Only the main database: with the journal off nothing else is opened. */
static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		 int *out_flags)
{
	sink_file *opened = (sink_file *) file;

	(void) name;
	opened->base.pMethods = NULL;
	if (!(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	opened->sink = vfs->pAppData;
	opened->base.pMethods = &sink_methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
	(void) vfs;
	(void) name;
	(void) sync_directory;
	return SQLITE_OK;
}

static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *found)
{
	(void) vfs;
	(void) name;
	(void) flags;
	*found = 0;
	return SQLITE_OK;
}

static int
vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int cap, char *out)
{
	(void) vfs;
	sqlite3_snprintf(cap, out, "%s", name);
	return SQLITE_OK;
}

static void
fill_vfs(zdblite_sink *sink)
{
	const sqlite3_vfs *real = sqlite3_vfs_find(NULL);

	sqlite3_snprintf((int) sizeof sink->name, sink->name, "zdb-sink-%p",
					 (void *) sink);
	sink->vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = sizeof(sink_file),
		.mxPathname = 64,
		.zName = sink->name,
		.pAppData = sink,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_pathname,
		.xRandomness = real->xRandomness,
		.xSleep = real->xSleep,
		.xCurrentTime = real->xCurrentTime,
		.xGetLastError = real->xGetLastError,
	};
}

zdb_rc
zdblite_sink_open(zdblite_sink *sink, zdb_err *err)
{
	int rc;

	sink->db = NULL;
	sink->bytes = 0;
	fill_vfs(sink);
	rc = sqlite3_vfs_register(&sink->vfs, 0);
	if (rc == SQLITE_OK)
		rc = sqlite3_open_v2("sink", &sink->db,
							 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
								 SQLITE_OPEN_PRIVATECACHE,
							 sink->name);
	if (rc != SQLITE_OK)
		return zdblite_err_db(err, sink->db, rc, "could not open the sink");
	return zdblite_exec(sink->db, err,
						"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
						"PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=16;"
						"PRAGMA cache_spill=1; PRAGMA temp_store=MEMORY");
}

void
zdblite_sink_close(zdblite_sink *sink)
{
	sqlite3_close(sink->db);
	sink->db = NULL;
	sqlite3_vfs_unregister(&sink->vfs);
}
