/*
 * snapshot - a database held still, described, and copied out as pages
 */
#include "sqlite_ext/snapshot.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/io/source.h"
#include "sqlite_ext/direct.h"
#include "sqlite_ext/pages.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/vfs_sink.h"

/* Pages to spool between two looks at the interrupt flag. */
#define SPOOL_PAGES 1024

/* Pages that are new before it matters how many of all they are. */
#define MUCH_PAGES 4096

static zdb_rc
read_facts(zdblite_snapshot *snapshot, zdb_err *err)
{
	sqlite3 *db = snapshot->db;
	const char *schema = snapshot->schema;
	sqlite3_int64 page_size, pages, cookie;

	zdblite_query_int(db, &page_size, err, "PRAGMA \"%w\".page_size", schema);
	zdblite_query_int(db, &pages, err, "PRAGMA \"%w\".page_count", schema);
	zdblite_query_int(db, &cookie, err, "PRAGMA \"%w\".schema_version",
					  schema);
	snapshot->encoding =
		zdblite_query_text(db, err, "PRAGMA \"%w\".encoding", schema);
	if (err->code)
		return err->code;
	snapshot->page_size = (uint32_t) page_size;
	snapshot->pages = pages ? (uint32_t) pages : 1;
	snapshot->cookie = (uint32_t) cookie;
	return ZDB_OK;
}

/* How connections share the database. */
static zdb_rc
read_modes(zdblite_snapshot *snapshot, zdb_err *err)
{
	char *journal = zdblite_query_text(
		snapshot->db, err, "PRAGMA \"%w\".journal_mode", snapshot->schema);
	char *locking = zdblite_query_text(
		snapshot->db, err, "PRAGMA \"%w\".locking_mode", snapshot->schema);

	snapshot->wal = journal && strcmp(journal, "wal") == 0;
	snapshot->alone = locking && strcmp(locking, "exclusive") == 0;
	zdb_free(journal);
	zdb_free(locking);
	return err->code;
}

zdb_rc
zdblite_snapshot_open(zdblite_snapshot *snapshot, sqlite3 *db,
					  const char *schema, zdb_err *err)
{
	bool row;

	*snapshot = (zdblite_snapshot){.db = db, .schema = schema};
	snapshot->file = sqlite3_db_filename(db, schema);
	if (sqlite3_txn_state(db, schema) < 0)
		return zdb_err_set(err, ZDB_USAGE, "no such database: \"%s\"", schema);
	if (sqlite3_txn_state(db, schema) == SQLITE_TXN_WRITE)
	{
		zdb_err_set(err, ZDB_BUSY,
					"cannot back up \"%s\" inside a "
					"transaction that has written to it",
					schema);
		zdb_err_hint(err, "Commit first.");
		return err->code;
	}
	if (zdblite_prepare(db, &snapshot->pin, err,
						"SELECT (SELECT count(*) FROM \"%w\".sqlite_schema)",
						schema) ||
		zdblite_step(db, snapshot->pin, &row, err) ||
		read_modes(snapshot, err))
		return err->code;
	if (snapshot->wal && !snapshot->alone &&
		zdblite_log_settle(&snapshot->log, db, schema, snapshot->pin, err))
		return err->code;
	return read_facts(snapshot, err);
}

void
zdblite_snapshot_unpin(zdblite_snapshot *snapshot)
{
	sqlite3_finalize(snapshot->pin);
	snapshot->pin = NULL;
}

void
zdblite_snapshot_close(zdblite_snapshot *snapshot)
{
	zdblite_snapshot_unpin(snapshot);
	zdb_free(snapshot->encoding);
	snapshot->encoding = NULL;
}

/* One copy under way. */
typedef struct copy
{
	zdblite_snapshot *snapshot;
	zdblite_call *call;
	zdblite_pages pages;
	uint64_t done_bytes;
} copy;

static zdb_rc
take_page(void *arg, sqlite3_uint64 offset, const void *bytes, int len,
		  zdb_err *err)
{
	copy *self = arg;
	uint64_t total =
		(uint64_t) self->snapshot->pages * self->snapshot->page_size;

	self->done_bytes += (uint64_t) len;
	if (self->done_bytes % self->pages.chunk_bytes < (uint64_t) len &&
		zdb_host_check(&self->call->host, self->done_bytes, total, err))
		return err->code;
	return zdblite_pages_take(&self->pages, offset, bytes, (uint32_t) len,
							  err);
}

/* Copy all pages from the snapshot into the main database of to, at_once
 * pages between two looks at the host (-1: the receiver of the pages looks).
 */
static zdb_rc
run_backup(copy *self, sqlite3 *to, int at_once, zdb_err *err)
{
	zdblite_snapshot *snapshot = self->snapshot;
	sqlite3_backup *backup;
	int rc;

	backup = sqlite3_backup_init(to, "main", snapshot->db, snapshot->schema);
	if (!backup)
		return zdblite_err_db(err, to, sqlite3_errcode(to),
							  "could not read database \"%s\"",
							  snapshot->schema);
	do
		rc = sqlite3_backup_step(backup, at_once);
	while (rc == SQLITE_OK &&
		   zdb_host_check(&self->call->host, 0, 0, err) == ZDB_OK);
	sqlite3_backup_finish(backup);
	if (rc != SQLITE_DONE) /* a cause of our own wins */
		return zdblite_err_db(err, NULL, rc, "could not read database \"%s\"",
							  snapshot->schema);
	return ZDB_OK;
}

static zdb_rc
copy_stream(copy *self, zdb_err *err)
{
	zdblite_sink sink = {.take = take_page, .arg = self, .err = err};

	if (zdblite_sink_open(&sink, err) == ZDB_OK &&
		run_backup(self, sink.db, -1, err) == ZDB_OK)
		zdblite_pages_finish(&self->pages, sink.bytes, self->snapshot->cookie,
							 err);
	zdblite_sink_close(&sink);
	return err->code;
}

/* Back up into the plain file at path. */
static zdb_rc
spool(copy *self, const char *path, zdb_err *err)
{
	sqlite3 *to = NULL;
	int rc;

	rc = sqlite3_open_v2(
		path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (rc != SQLITE_OK)
		zdblite_err_db(err, to, rc, "could not write \"%s\"", path);
	else if (zdblite_exec(to, err,
						  "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
						  "PRAGMA locking_mode=EXCLUSIVE") == ZDB_OK)
		run_backup(self, to, SPOOL_PAGES, err);
	sqlite3_close(to);
	return err->code;
}

static zdb_rc
read_pages(copy *self, const char *path, zdb_err *err)
{
	uint32_t page_size = self->snapshot->page_size;
	zdb_source *source = NULL;
	uint8_t *page = NULL;

	if (zdb_source_file_open(path, &source, err))
		return err->code;
	page = zdb_malloc(page_size);
	if (!page)
		zdb_err_nomem(err);
	for (uint64_t at = 0; !err->code && at < source->bytes; at += page_size)
		if (zdb_source_read(source, at, page, page_size, err) == ZDB_OK)
			take_page(self, at, page, (int) page_size, err);
	if (!err->code)
		zdblite_pages_finish(&self->pages, source->bytes,
							 self->snapshot->cookie, err);
	zdb_free(page);
	zdb_source_free(source);
	return err->code;
}

/* By way of a temporary file. */
static zdb_rc
copy_spooled(copy *self, const char *beside, zdb_err *err)
{
	char *temp = zdb_file_temp(beside, NULL, err);

	if (!temp)
		return err->code;
	if (spool(self, temp, err) == ZDB_OK)
	{
		zdblite_snapshot_unpin(self->snapshot);
		read_pages(self, temp, err);
	}
	zdb_file_remove(temp);
	zdb_free(temp);
	return err->code;
}

/* Do writers wait, and much is new? Then a temporary file lets them go on
 * earlier. */
static bool
is_long(const copy *self)
{
	const zdblite_pages *pages = &self->pages;
	uint64_t changed = zdb_writer_totals_get(pages->writer).changed_pages;

	return !self->snapshot->wal && changed > MUCH_PAGES &&
		   changed > pages->next / pages->page_size / 3;
}

/* Some pages, as they lie in SQLite's files. */
static zdb_rc
take_range(copy *self, zdblite_direct *direct, uint8_t *range, uint64_t at,
		   uint64_t end, zdb_err *err)
{
	uint32_t page_size = self->snapshot->page_size;

	if (is_long(self))
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "by way of a temporary file instead");
	if (zdblite_direct_read(direct, at, range, (size_t) (end - at), err))
		return err->code;
	for (; at < end && !err->code; at += page_size, range += page_size)
		if (at != ZDBLITE_LOCK_PAGE_OFFSET)
			take_page(self, at, range, (int) page_size, err);
	return err->code;
}

static zdb_rc
copy_direct(copy *self, zdblite_direct *direct, zdb_err *err)
{
	const zdblite_snapshot *snapshot = self->snapshot;
	uint64_t bytes = (uint64_t) snapshot->pages * snapshot->page_size;
	uint32_t step = self->pages.chunk_bytes;
	uint8_t *range = zdb_malloc(step);

	if (!range)
		return zdb_err_nomem(err);
	for (uint64_t at = 0; at < bytes && !err->code; at += step)
		take_range(self, direct, range, at,
				   at + step < bytes ? at + step : bytes, err);
	if (!err->code)
		zdblite_pages_finish(&self->pages, bytes, snapshot->cookie, err);
	zdb_free(range);
	return err->code;
}

/* How pages get out of the database. */
typedef enum way
{
	DIRECT,
	STREAM,
	SPOOLED,
} way;

/* Do writers wait for us, and should not for a slow destination? */
static bool
must_spool(const zdblite_snapshot *snapshot, const zdb_writer_options *options)
{
	return !snapshot->wal && snapshot->file && *snapshot->file &&
		   (options->codec.kind != ZDB_CODEC_NONE ||
			zdb_store_scheme(options->to.where));
}

/* Of what has changed little is compressed, so that they do not wait long. */
static zdb_rc
first_way(const zdblite_snapshot *snapshot, const zdb_writer_options *options,
		  zdblite_direct *direct, way *out, zdb_err *err)
{
	*out = must_spool(snapshot, options) ? SPOOLED : STREAM;
	if (!options->base ||
		(!snapshot->wal && zdb_store_scheme(options->to.where)))
		return ZDB_OK;
	if (zdblite_direct_open(direct, snapshot, err) == ZDB_OK && direct->file)
		*out = DIRECT;
	return err->code;
}

static zdb_rc
copy_out(copy *self, way how, zdblite_direct *direct, const char *beside,
		 zdb_err *err)
{
	switch (how)
	{
		case DIRECT:
			return copy_direct(self, direct, err);
		case STREAM:
			return copy_stream(self, err);
		default:
			return copy_spooled(self, beside, err);
	}
}

zdb_rc
zdblite_snapshot_write(zdblite_snapshot *snapshot, zdblite_call *call,
					   const zdb_writer_options *options, const char *beside,
					   zdb_writer **writer)
{
	zdb_writer_options with_head = *options;
	zdblite_direct direct = {0};
	zdb_err *err = &call->err;
	copy *self = zdb_calloc(1, sizeof *self);
	way how;

	if (!self)
		return zdb_err_nomem(err);
	first_way(snapshot, options, &direct, &how, err);
	with_head.head_bytes = snapshot->page_size;
	with_head.page_sums = true;
	while (!err->code)
	{
		*self = (copy){.snapshot = snapshot, .call = call};
		if (zdb_writer_open(&with_head, writer, err))
			break;
		zdblite_pages_init(&self->pages, *writer, snapshot->page_size,
						   zdb_codec_chunk_bytes(options->codec));
		if (copy_out(self, how, &direct, beside, err) != ZDB_UNSUPPORTED ||
			how == SPOOLED)
			break;
		zdb_err_clear(err); /* the order was not as expected, or much is new */
		zdb_writer_free(*writer);
		*writer = NULL;
		how =
			how == DIRECT && !must_spool(snapshot, options) ? STREAM : SPOOLED;
	}
	snapshot->pages = (uint32_t) (self->pages.next / snapshot->page_size);
	zdblite_direct_close(&direct);
	zdblite_snapshot_unpin(snapshot);
	zdb_free(self);
	return err->code;
}
