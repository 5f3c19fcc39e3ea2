/*
 * direct - a snapshot's pages out of SQLite's own files, many at a time
 */
#include "sqlite_ext/direct.h"

#include <string.h>

#include "sqlite_ext/sql.h"

/* Is it of SQLite's own VFS, not of one that makes something else of the
 * bytes? */
static bool
is_of_unix(const zdblite_snapshot *snapshot)
{
	char *vfs = NULL;
	bool is;

	sqlite3_file_control(snapshot->db, snapshot->schema, SQLITE_FCNTL_VFSNAME,
						 &vfs);
	is = vfs && strncmp(vfs, "unix", 4) == 0 && !strchr(vfs, '/');
	sqlite3_free(vfs);
	return is;
}

/* Is it as SQLite makes it, and as long as it must be without a log? */
static bool
is_plain(const zdblite_snapshot *snapshot, sqlite3_file *file)
{
	static const char magic[16] = "SQLite format 3";
	char head[sizeof magic];
	sqlite3_int64 bytes;

	return file->pMethods->xFileSize(file, &bytes) == SQLITE_OK &&
		   (snapshot->log.frames > 0 ||
			bytes >= (sqlite3_int64) snapshot->pages * snapshot->page_size) &&
		   file->pMethods->xRead(file, head, sizeof head, 0) == SQLITE_OK &&
		   memcmp(head, magic, sizeof magic) == 0;
}

zdb_rc
zdblite_direct_open(zdblite_direct *direct, const zdblite_snapshot *snapshot,
					zdb_err *err)
{
	sqlite3_file *file = zdblite_open_file(snapshot->db, snapshot->schema,
										   SQLITE_FCNTL_FILE_POINTER);
	sqlite3_file *log = zdblite_open_file(snapshot->db, snapshot->schema,
										  SQLITE_FCNTL_JOURNAL_POINTER);

	*direct = (zdblite_direct){.db = snapshot->db,
							   .log = snapshot->log,
							   .page_size = snapshot->page_size};
	/* without a name it is a temporary one, and may be in memory still */
	if (!file || !snapshot->file || !*snapshot->file ||
		!is_of_unix(snapshot) || !is_plain(snapshot, file) ||
		(snapshot->wal && (!snapshot->log.known || !log)))
		return ZDB_OK;
	if (snapshot->log.frames > 0 &&
		zdblite_log_open(&direct->log, log, snapshot->page_size, err))
	{
		if (err->code == ZDB_UNSUPPORTED)
			zdb_err_clear(err);
		return err->code;
	}
	direct->file = file;
	return ZDB_OK;
}

zdb_rc
zdblite_direct_read(zdblite_direct *direct, uint64_t at, uint8_t *into,
					size_t len, zdb_err *err)
{
	uint32_t first = (uint32_t) (at / direct->page_size) + 1;
	uint32_t end = first + (uint32_t) (len / direct->page_size);
	int rc = direct->file->pMethods->xRead(direct->file, into, (int) len,
										   (sqlite3_int64) at);

	/* what is in the log only may lie past the file's end */
	if (rc != SQLITE_OK &&
		!(rc == SQLITE_IOERR_SHORT_READ && direct->log.frames > 0))
		return zdb_err_set(err, ZDB_UNSUPPORTED, "the file cannot be read");
	if (zdblite_cache_shared(direct->db))
		return zdb_err_set(err, ZDB_UNSUPPORTED, "the cache is shared");
	return zdblite_log_lay_over(&direct->log, first, end, into, err);
}

void
zdblite_direct_close(zdblite_direct *direct)
{
	zdblite_log_close(&direct->log);
}
