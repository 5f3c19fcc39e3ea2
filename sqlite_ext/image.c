/*
 * image - a backup opened as a database
 */
#include "sqlite_ext/image.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/codec/inflate.h"
#include "core/io/file.h"
#include "sqlite_ext/script_load.h"
#include "sqlite_ext/sql.h"

#define STOP_EVERY_STEPS 10000

const char *
zdblite_temp_directory(void)
{
	const char *candidates[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"),
								"/var/tmp", "/tmp"};

	for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
		if (candidates[i] && *candidates[i] &&
			access(candidates[i], W_OK | X_OK) == 0)
			return candidates[i];
	return ".";
}

char *
zdblite_scratch_base(zdblite_call *call, const char *schema)
{
	const char *live = sqlite3_db_filename(call->db, schema);

	if (live && *live)
		return zdb_strdup(live, &call->err);
	return zdb_format(&call->err, "%s/zdbackup", zdblite_temp_directory());
}

bool
zdblite_image_lies_plain(const zdb_reader *reader)
{
	return zdb_reader_codec(reader) == ZDB_CODEC_NONE &&
		   !zdb_reader_source(reader)->under &&
		   !zdb_store_scheme(zdb_reader_source(reader)->name);
}

static zdb_rc
make_scratch(zdblite_image *image, const char *beside, int *fd)
{
	zdb_err *err = &image->call->err;
	char *base =
		beside ? zdb_strdup(beside, err)
			   : zdb_format(err, "%s/zdbackup", zdblite_temp_directory());

	if (!base)
		return err->code;
	image->path = zdb_file_temp(base, fd, err);
	image->scratch = image->path != NULL;
	zdb_free(base);
	return err->code;
}

static int
stop_steps(void *arg)
{
	zdblite_call *call = arg;

	return call->host.stop && call->host.stop(call->host.arg);
}

static void
watch(zdblite_image *image)
{
	if (sqlite3_progress_handler) /* some hosts are built without it */
		sqlite3_progress_handler(image->db, STOP_EVERY_STEPS, stop_steps,
								 image->call);
}

/* "file:<path, with %, ? and # escaped>?immutable=1" */
static char *
immutable_uri(const char *path)
{
	sqlite3_str *uri = sqlite3_str_new(NULL);

	sqlite3_str_appendall(uri, "file:");
	for (; *path; path++)
		if (strchr("%?#", *path))
			sqlite3_str_appendf(uri, "%%%02X", (unsigned char) *path);
		else
			sqlite3_str_appendchar(uri, 1, *path);
	sqlite3_str_appendall(uri, "?immutable=1");
	return sqlite3_str_finish(uri);
}

/* Immutable means: nobody writes, take no locks, leave no -wal file behind. */
static zdb_rc
open_database(zdblite_image *image, bool immutable, bool writable)
{
	zdb_err *err = &image->call->err;
	int flags = SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOMUTEX |
				SQLITE_OPEN_URI |
				(writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	char *uri = immutable ? immutable_uri(image->path) : NULL;
	int rc;

	if (immutable && !uri)
		return zdb_err_nomem(err);
	rc = sqlite3_open_v2(uri ? uri : image->path, &image->db, flags, NULL);
	sqlite3_free(uri);
	if (rc != SQLITE_OK)
		return zdblite_err_db(err, image->db, rc, "could not open \"%s\"",
							  image->path);
	watch(image);
	rc = zdbvfs_set_up(image->db);
	if (rc != SQLITE_OK)
		zdblite_err_db(err, image->db, rc, "could not read \"%s\"",
					   image->path);
	return err->code;
}

/* Read and check all of the file. */
static zdb_rc
scan(zdblite_image *image, zdb_reader *reader,
	 zdb_rc (*take)(void *arg, const zdb_entry *entry, const void *raw,
					size_t len, zdb_err *err),
	 void *arg)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdblite_call *call = image->call;
	zdb_scan_options options = {.host = &call->host, .take = take, .arg = arg};

	if (zdblite_call_runner(call, footer ? footer->chunks : 1))
		return call->err.code;
	options.runner = call->runner;
	return zdb_scan(reader, &options, &image->scan, &call->err);
}

/* Where unpacked bytes go. */
typedef struct unpack
{
	int fd;
	const char *path;
} unpack;

static zdb_rc
take_bytes(void *arg, const zdb_entry *entry, const void *raw, size_t len,
		   zdb_err *err)
{
	unpack *to = arg;

	(void) entry;
	return zdb_file_write(to->fd, to->path, raw, len, err);
}

/* A file that this connection alone reads needs no name: what an encrypted
 * backup held shall not lie about when the process is killed. */
static void
drop_name(zdblite_image *image)
{
	zdb_file_remove(image->path);
	image->scratch = false;
}

static zdb_rc
unpack_image(zdblite_image *image, zdb_reader *reader, const char *beside)
{
	zdblite_call *call = image->call;
	unpack to;

	if (make_scratch(image, beside, &to.fd))
		return call->err.code;
	to.path = image->path;
	scan(image, reader, take_bytes, &to);
	close(to.fd);
	if (!call->err.code && open_database(image, true, false) == ZDB_OK &&
		!beside)
		drop_name(image);
	return call->err.code;
}

/* A plain file is opened where it lies. A foreign one may be somebody's live
 * database, which wants its locks and its -wal file. */
static zdb_rc
open_in_place(zdblite_image *image, zdb_reader *reader)
{
	zdblite_call *call = image->call;
	zdb_source *source = zdb_reader_source(reader);
	bool immutable = zdb_reader_footer(reader) != NULL;
	uint8_t write_version;
	char *wal;

	image->path = zdb_strdup(source->name, &call->err);
	if (!image->path ||
		zdb_source_read(source, 18, &write_version, 1, &call->err))
		return call->err.code;
	wal = zdb_format(&call->err, "%s-wal", image->path);
	if (!wal)
		return call->err.code;
	if (write_version == 2 && access(wal, F_OK) != 0)
		immutable = true;
	zdb_free(wal);
	return open_database(image, immutable, false);
}

static zdb_rc
open_plain(zdblite_image *image, zdb_reader *reader)
{
	if (scan(image, reader, NULL, NULL))
		return image->call->err.code;
	return open_in_place(image, reader);
}

/* Copy the definitions of the call's own tables, for a script of data. */
static zdb_rc
copy_tables(zdblite_image *image)
{
	zdblite_call *call = image->call;
	zdb_err *err = &call->err;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(
			call->db, &stmt, err,
			"SELECT s.sql FROM \"%w\".sqlite_schema s"
			" JOIN pragma_table_list t ON t.name = s.name"
			" WHERE s.type = 'table' AND t.schema = %Q AND s.sql IS NOT NULL"
			" AND t.type IN ('table', 'virtual')"
			" AND s.name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"
			" ORDER BY t.type = 'virtual', s.rowid",
			call->options.schema, call->options.schema))
		return err->code;
	while (zdblite_step(call->db, stmt, &row, err) == ZDB_OK && row)
		if (zdblite_exec(image->db, err, "%s", sqlite3_column_text(stmt, 0)))
			break;
	sqlite3_finalize(stmt);
	return err->code;
}

static zdb_rc
run_script(zdblite_image *image, zdb_reader *reader)
{
	zdblite_call *call = image->call;
	zdb_source *source = zdb_reader_source(reader);
	zdb_inflate *stream;

	if (zdb_inflate_open(source, zdb_reader_codec(reader), &stream,
						 &call->err))
		return call->err.code;
	zdblite_script_load(image->db, source->name, stream, &call->host,
						&call->err);
	zdb_inflate_free(stream);
	if (call->err.code)
		return call->err.code;
	/* a new connection sees what was written into sqlite_schema directly */
	sqlite3_close(image->db);
	image->db = NULL;
	return open_database(image, true, false);
}

zdb_rc
zdblite_image_make(zdblite_image *image, zdblite_call *call,
				   const char *beside)
{
	image->call = call;
	if (make_scratch(image, beside, NULL) || open_database(image, false, true))
		return call->err.code;
	return zdblite_exec(image->db, &call->err,
						"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
}

static zdb_rc
load_script(zdblite_image *image, zdb_reader *reader, const char *beside)
{
	zdblite_call *call = image->call;
	zdb_err *err = &call->err;
	const zdb_manifest *manifest = zdb_reader_manifest(reader);

	if (scan(image, reader, NULL, NULL) ||
		zdblite_image_make(image, call, beside))
		return err->code;
	if (manifest && strcmp(manifest->type, "data") == 0 && copy_tables(image))
		return err->code;
	return run_script(image, reader);
}

zdb_rc
zdblite_image_open(zdblite_image *image, zdblite_call *call,
				   zdb_reader *reader, const char *beside)
{
	*image = (zdblite_image){.call = call};
	if (zdb_reader_content(reader, &image->content, &call->err))
		return call->err.code;
	switch (image->content)
	{
		case ZDB_CONTENT_SCRIPT:
			return load_script(image, reader, beside);
		case ZDB_CONTENT_IMAGE:
			if (zdblite_image_lies_plain(reader) && !beside)
				return open_plain(image, reader);
			return unpack_image(image, reader, beside);
	}
	return ZDB_OK;
}

zdb_rc
zdblite_image_chunks(zdb_reader *reader, const zdb_host *host,
					 zdb_runner *runner, const char *beside, zdb_image **out,
					 zdb_err *err)
{
	zdb_image_options options = {
		.host = host, .runner = runner, .scratch.fd = -1};

	*out = NULL;
	if (zdb_image_keeps(reader) &&
		zdb_scratch_open(&options.scratch, beside, err))
		return err->code;
	return zdb_image_open(reader, &options, out, err);
}

static zdb_rc
open_over(zdblite_image *image, zdb_reader *reader, const char *beside)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdblite_call *call = image->call;
	zdb_image *chunks;
	int rc;

	if (zdblite_call_runner(call, footer ? footer->chunks : 1) ||
		zdblite_image_chunks(reader, &call->host, call->runner, beside,
							 &chunks, &call->err))
		return call->err.code;
	rc = zdbvfs_connect(&image->over, chunks);
	image->db = image->over.db;
	if (rc != SQLITE_OK)
		zdblite_err_db(&call->err, image->db, rc, "could not open \"%s\"",
					   zdb_reader_source(reader)->name);
	else
		watch(image);
	return call->err.code;
}

static zdb_rc
open_to_browse(zdblite_image *image, zdb_reader *reader, const char *beside)
{
	switch (image->content)
	{
		case ZDB_CONTENT_SCRIPT:
			return load_script(image, reader, beside);
		case ZDB_CONTENT_IMAGE:
			if (zdblite_image_lies_plain(reader) && !zdb_image_keeps(reader))
				return open_in_place(image, reader);
			return open_over(image, reader, beside);
	}
	return ZDB_OK;
}

zdb_rc
zdblite_image_browse(zdblite_image *image, zdblite_call *call,
					 zdb_reader *reader, const char *beside)
{
	*image = (zdblite_image){.call = call};
	if (zdb_reader_content(reader, &image->content, &call->err) ||
		open_to_browse(image, reader, beside))
		return call->err.code;
	return zdblite_exec(image->db, &call->err, "BEGIN");
}

void
zdblite_image_explain(zdblite_image *image)
{
	if (image->call && image->call->err.code && image->over.database.err.code)
		image->call->err = image->over.database.err;
}

uint64_t
zdblite_image_chunks_read(const zdblite_image *image)
{
	return image->over.db ? zdb_image_chunks_read(image->over.database.image)
						  : image->scan.chunks;
}

uint64_t
zdblite_image_scratch_bytes(const zdblite_image *image)
{
	struct stat st;

	if (image->over.db)
		return zdb_image_kept_bytes(image->over.database.image);
	if (!image->scratch || stat(image->path, &st) != 0)
		return 0;
	return (uint64_t) st.st_size;
}

zdb_rc
zdblite_image_settle(zdblite_image *image)
{
	sqlite3_close(image->db);
	image->db = NULL;
	return image->scratch ? zdb_file_sync(image->path, &image->call->err)
						  : ZDB_OK;
}

zdb_rc
zdblite_image_change(zdblite_image *image)
{
	return open_database(image, false, true);
}

zdb_rc
zdblite_image_rewrite(zdblite_image *image)
{
	zdb_err *err = &image->call->err;
	char *old = image->path;

	if (make_scratch(image, old, NULL))
	{
		image->path = old;
		return err->code;
	}
	zdblite_exec(image->db, err, "VACUUM INTO %Q", image->path);
	sqlite3_close(image->db);
	image->db = NULL;
	zdb_file_remove(old);
	zdb_free(old);
	return err->code ? err->code : zdblite_image_change(image);
}

void
zdblite_image_close(zdblite_image *image)
{
	if (image->over.db != image->db)
		sqlite3_close(image->db);
	zdbvfs_disconnect(&image->over);
	if (image->scratch)
		zdb_file_remove(image->path);
	zdb_free(image->path);
	*image = (zdblite_image){0};
}
