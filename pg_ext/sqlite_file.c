/*
 * sqlite_file - the SQLite database that a backup holds, opened to be read
 */
#include "pg_ext/sqlite_file.h"

#include <fcntl.h>

#include "miscadmin.h"
#include "storage/fd.h"

#include "utils/guc.h"

#include "pg_ext/call.h"

#include "core/base/text.h"

#define INTERRUPT_EVERY_STEPS 10000

static void
disconnect(void *file)
{
	zdbvfs_disconnect(&((zdbpg_sqlite *) file)->over);
}

static void
finalize(void *stmt)
{
	sqlite3_finalize(stmt);
}

/* No error may jump over SQLite's and core's frames: they are told to stop,
 * and we look when they have. */
static int
stop_steps(void *arg)
{
	return zdbpg_host.stop(arg);
}

static void
fail(sqlite3 *db)
{
	zdbvfs_database *database = zdbvfs_database_of(db);
	char *text;

	CHECK_FOR_INTERRUPTS();
	if (database && database->err.code)
		zdbpg_raise(&database->err);
	text = pstrdup(sqlite3_errmsg(db));
	zdb_utf8_repair(text); /* names in the file may be anything */
	ereport(ERROR, (errcode(sqlite3_errcode(db) == SQLITE_NOMEM
								? ERRCODE_OUT_OF_MEMORY
								: ERRCODE_DATA_CORRUPTED),
					errmsg("could not read the SQLite database%s%s%s: %s",
						   database ? " \"" : "",
						   database ? zdb_image_name(database->image) : "",
						   database ? "\"" : "", zdbpg_from_utf8(text)),
					errhint("zdb_verify() says more, in SQLite.")));
}

/* Rows that are not in the file yet would be missed. */
static void
refuse_leftover(const char *path, const char *suffix)
{
	char *beside = psprintf("%s%s", path, suffix);
	struct stat st;

	if (stat(beside, &st) == 0 && st.st_size > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("\"%s\" is a database in use: \"%s\" holds changes "
						"that are not in it",
						path, beside),
				 errhint("Take a backup with zdb_backup_to() in SQLite, and "
						 "give its path.")));
}

/* A file for core to keep chunks in. It loses its name at once: nothing is
 * left after a crash, and none of the server's descriptors outlives the query.
 * Core writes past temp_file_limit's counter, so it is told the limit: that of
 * this one file. */
static zdb_scratch
server_scratch(void)
{
	File file = OpenTemporaryFile(false);
	zdb_scratch scratch = {.fd = -1};

	scratch.fd = BasicOpenFile(FilePathName(file), O_RDWR | PG_BINARY);
	if (scratch.fd < 0)
		ereport(ERROR, (errcode_for_file_access(),
						errmsg("could not open a temporary file: %m")));
	FileClose(file);
	if (temp_file_limit >= 0)
		scratch.bytes_max = Max((uint64) temp_file_limit * 1024, 1);
	return scratch;
}

static zdb_image *
open_image(zdbpg_sqlite *file, zdb_reader *reader)
{
	zdb_image_options options = {.host = &file->host, .scratch.fd = -1};
	zdb_image *image;
	zdb_err err = {0};

	if (zdb_image_keeps(reader))
		options.scratch = server_scratch();
	zdbpg_check(zdb_image_open(reader, &options, &image, &err), &err);
	return image;
}

/* Of an object in a cloud the one version is read that was opened. */
static void
look_at_file(zdbpg_sqlite *file, zdb_reader *reader)
{
	file->may_change = !zdb_store_scheme(file->path);
	if (!file->may_change)
		return;
	if (!zdb_reader_footer(reader))
	{
		refuse_leftover(file->path, "-wal");
		refuse_leftover(file->path, "-journal");
	}
	if (stat(file->path, &file->seen) != 0)
		ereport(ERROR, (errcode_for_file_access(),
						errmsg("could not open \"%s\": %m", file->path)));
}

zdbpg_sqlite *
zdbpg_sqlite_open(zdb_reader *reader)
{
	zdbpg_sqlite *file = palloc0(sizeof *file);
	zdbpg_sqlite **owned = palloc(sizeof *owned);

	file->path = zdb_reader_source(reader)->name;
	file->host = zdbpg_host;
	look_at_file(file, reader);
	*owned = file;
	zdbpg_own((void **) owned, disconnect);
	if (zdbvfs_connect(&file->over, open_image(file, reader)) != SQLITE_OK)
		fail(file->over.db);
	file->db = file->over.db;
	sqlite3_progress_handler(file->db, INTERRUPT_EVERY_STEPS, stop_steps,
							 NULL);
	return file;
}

void
zdbpg_sqlite_check_unchanged(const zdbpg_sqlite *file)
{
	struct stat now;

	if (!file->may_change)
		return;
	if (stat(file->path, &now) == 0 && now.st_size == file->seen.st_size &&
		now.st_mtim.tv_sec == file->seen.st_mtim.tv_sec &&
		now.st_mtim.tv_nsec == file->seen.st_mtim.tv_nsec)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_IN_USE),
			 errmsg("\"%s\" was changed while it was read", file->path),
			 errhint("Take a backup with zdb_backup_to() in SQLite, and "
					 "give its path.")));
}

sqlite3_stmt *
zdbpg_sqlite_prepare(sqlite3 *db, const char *fmt, ...)
{
	sqlite3_stmt **stmt = palloc0(sizeof *stmt);
	va_list args;
	char *sql;
	int rc;

	va_start(args, fmt);
	sql = sqlite3_vmprintf(fmt, args);
	va_end(args);
	if (!sql)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	zdbpg_own((void **) stmt, finalize);
	rc = sqlite3_prepare_v2(db, sql, -1, stmt, NULL);
	sqlite3_free(sql);
	if (rc != SQLITE_OK)
		fail(db);
	return *stmt;
}

bool
zdbpg_sqlite_step(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		fail(sqlite3_db_handle(stmt));
	return rc == SQLITE_ROW;
}

char *
zdbpg_sqlite_name(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *) sqlite3_column_text(stmt, column);

	return text ? pstrdup(zdbpg_from_utf8(text)) : NULL;
}
