/*
 * sqlite_file - the SQLite database that a backup holds, opened to be read
 */
#include "pg_ext/sqlite_file.h"

#include <sys/stat.h>

#include "miscadmin.h"
#include "storage/fd.h"

#include "pg_ext/spool.h"
#include "pg_ext/zdbpg.h"

#include "core/archive/stream.h"

#define INTERRUPT_EVERY_STEPS 10000

static void
close_database(void *db)
{
	sqlite3_close_v2(db);
}

static void
finalize(void *stmt)
{
	sqlite3_finalize(stmt);
}

static void
free_stream(void *stream)
{
	zdb_stream_free(stream);
}

/* No error may jump over SQLite's frames: it is told to stop, and we look
 * when it has. */
static int
is_interrupted(void *arg)
{
	return InterruptPending;
}

static void
fail(sqlite3 *db)
{
	CHECK_FOR_INTERRUPTS();
	ereport(ERROR, (errcode(sqlite3_errcode(db) == SQLITE_NOMEM
								? ERRCODE_OUT_OF_MEMORY
								: ERRCODE_DATA_CORRUPTED),
					errmsg("could not read the SQLite database: %s",
						   zdbpg_from_utf8(sqlite3_errmsg(db))),
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

static zdbpg_spool *
unpack(zdb_reader *reader)
{
	zdbpg_spool *spool = zdbpg_spool_new();
	zdb_stream **stream = palloc0(sizeof *stream);
	const uint8_t *bytes;
	size_t len;
	zdb_err err = {0};

	zdbpg_own((void **) stream, free_stream);
	zdbpg_check(zdb_stream_open(reader, stream, &err), &err);
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		zdbpg_check(zdb_stream_next(*stream, &bytes, &len, &err), &err);
		if (len == 0)
			return spool;
		zdbpg_spool_append(spool, bytes, len);
	}
}

sqlite3 *
zdbpg_sqlite_open(zdb_reader *reader, uint64 *bytes)
{
	const char *path = zdb_reader_source(reader)->name;
	zdbpg_spool *spool;
	sqlite3 **db = palloc0(sizeof *db);
	char *uri;

	if (!zdb_reader_footer(reader))
	{
		refuse_leftover(path, "-wal");
		refuse_leftover(path, "-journal");
	}
	spool = unpack(reader);
	*bytes = spool->bytes;
	/* a path of the server's own, relative, without special characters */
	uri = psprintf("file:%s?immutable=1", FilePathName(spool->file));
	zdbpg_own((void **) db, close_database);
	if (sqlite3_open_v2(uri, db,
						SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
							SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
						NULL) != SQLITE_OK)
		fail(*db);
	sqlite3_progress_handler(*db, INTERRUPT_EVERY_STEPS, is_interrupted, NULL);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (sqlite3_exec(*db, "PRAGMA cell_size_check=ON; PRAGMA cache_size=-8000",
					 NULL, NULL, NULL) != SQLITE_OK)
		fail(*db);
	return *db;
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
