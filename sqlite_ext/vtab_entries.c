/*
 * vtab_entries - SELECT * FROM zdb_entries(path): what is in a backup
 *
 * One row a table, from the backup's own manifest and index, so that a large
 * file costs a few small reads. A file without an index is opened as a
 * database and its tables are counted. bytes, chunks and sha256 are known
 * where a table has chunks of its own (a backup of type data); sha256 is then
 * that of the chunks' SHA-256 in order.
 */
#include <string.h>

#include "core/archive/reader.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/job/path.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"

enum
{
	COLUMN_SCHEMA,
	COLUMN_TABLE,
	COLUMN_ROWS,
	COLUMN_BYTES,
	COLUMN_CHUNKS,
	COLUMN_SHA256,
	COLUMN_PATH, /* hidden: the argument */
};

/* What the index says of one table. */
typedef struct table_chunks
{
	uint64_t chunks;
	uint64_t bytes;
	zdb_sha256_stream *hash;
	char sha256[2 * ZDB_SHA256_BYTES + 1];
} table_chunks;

typedef struct entries_cursor
{
	sqlite3_vtab_cursor base;
	sqlite3 *db;
	zdb_manifest found; /* of a file without a manifest */
	zdb_reader *reader;
	const zdb_manifest *manifest;
	table_chunks *chunks; /* one a table */
	uint32_t row;
} entries_cursor;

typedef struct entries_table
{
	sqlite3_vtab base;
	sqlite3 *db;
} entries_table;

static int
entries_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
				sqlite3_vtab **vtab, char **message)
{
	entries_table *table;
	int rc;

	(void) aux;
	(void) argc;
	(void) argv;
	(void) message;
	rc = sqlite3_declare_vtab(db, "CREATE TABLE x(schema TEXT, \"table\" TEXT,"
								  " rows INTEGER, bytes INTEGER,"
								  " chunks INTEGER, sha256 TEXT,"
								  " path HIDDEN)");
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
	table = sqlite3_malloc(sizeof *table);
	if (!table)
		return SQLITE_NOMEM;
	*table = (entries_table){.db = db};
	*vtab = &table->base;
	return SQLITE_OK;
}

static int
entries_disconnect(sqlite3_vtab *vtab)
{
	sqlite3_free(vtab);
	return SQLITE_OK;
}

static int
entries_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
	(void) vtab;
	for (int i = 0; i < info->nConstraint; i++)
		if (info->aConstraint[i].iColumn == COLUMN_PATH &&
			info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ)
		{
			if (!info->aConstraint[i].usable)
				return SQLITE_CONSTRAINT;
			info->aConstraintUsage[i].argvIndex = 1;
			info->aConstraintUsage[i].omit = 1;
			info->idxNum = 1;
		}
	info->estimatedCost = 1000;
	info->estimatedRows = 100;
	return SQLITE_OK;
}

static int
entries_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **cursor)
{
	entries_cursor *self = sqlite3_malloc(sizeof *self);

	if (!self)
		return SQLITE_NOMEM;
	*self = (entries_cursor){.db = ((entries_table *) vtab)->db};
	*cursor = &self->base;
	return SQLITE_OK;
}

static void
cursor_clear(entries_cursor *self)
{
	for (uint32_t i = 0; self->chunks && i < self->manifest->table_count; i++)
		zdb_sha256_free(self->chunks[i].hash);
	zdb_free(self->chunks);
	zdb_reader_free(self->reader);
	zdb_manifest_clear(&self->found);
	self->chunks = NULL;
	self->reader = NULL;
	self->manifest = NULL;
	self->row = 0;
}

static int
entries_close(sqlite3_vtab_cursor *cursor)
{
	cursor_clear((entries_cursor *) cursor);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static zdb_rc
add_chunk(table_chunks *to, const zdb_entry *entry, zdb_err *err)
{
	if (!to->hash && zdb_sha256_new(&to->hash, err))
		return err->code;
	to->chunks++;
	to->bytes += entry->raw_bytes;
	return zdb_sha256_update(to->hash, entry->sha256, ZDB_SHA256_BYTES, err);
}

/* Sum up the chunks that belong to a table. */
static zdb_rc
sum_chunks(entries_cursor *self, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(self->reader);
	uint32_t tables = self->manifest->table_count;
	uint8_t digest[ZDB_SHA256_BYTES];

	self->chunks = zdb_calloc((size_t) tables + 1, sizeof *self->chunks);
	if (!self->chunks)
		return zdb_err_nomem(err);
	if (!footer || self->manifest->content == ZDB_CONTENT_IMAGE)
		return ZDB_OK;
	for (uint64_t i = 0; i < footer->chunks; i++)
	{
		zdb_entry entry;

		if (zdb_reader_entry(self->reader, i, &entry, err) ||
			(entry.table > 0 && entry.table <= tables &&
			 add_chunk(&self->chunks[entry.table - 1], &entry, err)))
			return err->code;
	}
	for (uint32_t i = 0; i < tables; i++)
		if (self->chunks[i].hash)
		{
			if (zdb_sha256_final(self->chunks[i].hash, digest, err))
				return err->code;
			zdb_hex(digest, ZDB_SHA256_BYTES, self->chunks[i].sha256);
		}
	return ZDB_OK;
}

/* No manifest: look into the database itself. */
static zdb_rc
count_foreign(entries_cursor *self, zdb_err *err)
{
	zdblite_call call = {.db = self->db};
	zdblite_image image = {0};

	call.warnings = json_array();
	call.options.schema = (char *) "main";
	if (zdblite_image_open(&image, &call, self->reader, NULL) == ZDB_OK)
		zdblite_tables_count(&call, image.db, "main", &self->found);
	zdblite_image_close(&image);
	zdb_pool_free(call.pool);
	json_decref(call.warnings);
	*err = call.err;
	self->manifest = &self->found;
	return err->code;
}

static zdb_rc
load(entries_cursor *self, const char *path, zdb_err *err)
{
	if (zdb_path_check_local(path, err) ||
		zdb_reader_open(path, &self->reader, err))
		return err->code;
	self->manifest = zdb_reader_manifest(self->reader);
	if (!self->manifest && count_foreign(self, err))
		return err->code;
	return sum_chunks(self, err);
}

static int
entries_filter(sqlite3_vtab_cursor *cursor, int plan, const char *text,
			   int argc, sqlite3_value **argv)
{
	entries_cursor *self = (entries_cursor *) cursor;
	zdb_err err = {0};
	const char *path;

	(void) text;
	(void) argc;
	cursor_clear(self);
	path = plan == 1 ? (const char *) sqlite3_value_text(argv[0]) : NULL;
	if (!path)
	{
		zdb_err_set(&err, ZDB_USAGE, "zdb_entries needs the path of a backup");
		zdb_err_hint(&err, "Write SELECT * FROM zdb_entries('app.db.gz').");
	}
	else
		load(self, path, &err);
	if (!err.code)
		return SQLITE_OK;
	if (!self->manifest)
		self->manifest = &self->found;
	sqlite3_free(cursor->pVtab->zErrMsg);
	cursor->pVtab->zErrMsg =
		sqlite3_mprintf("%s%s%s", err.msg, *err.hint ? "\n" : "", err.hint);
	return zdblite_code(&err);
}

static int
entries_next(sqlite3_vtab_cursor *cursor)
{
	((entries_cursor *) cursor)->row++;
	return SQLITE_OK;
}

static int
entries_eof(sqlite3_vtab_cursor *cursor)
{
	entries_cursor *self = (entries_cursor *) cursor;

	return !self->manifest || self->row >= self->manifest->table_count;
}

static void
result_count(sqlite3_context *ctx, int64_t count)
{
	if (count != ZDB_UNKNOWN)
		sqlite3_result_int64(ctx, count);
}

static int
entries_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int column)
{
	entries_cursor *self = (entries_cursor *) cursor;
	const zdb_table *table = &self->manifest->tables[self->row];
	const table_chunks *chunks = &self->chunks[self->row];

	switch (column)
	{
		case COLUMN_SCHEMA:
			sqlite3_result_text(ctx, table->schema, -1, SQLITE_TRANSIENT);
			break;
		case COLUMN_TABLE:
			sqlite3_result_text(ctx, table->name, -1, SQLITE_TRANSIENT);
			break;
		case COLUMN_ROWS:
			result_count(ctx, table->rows);
			break;
		case COLUMN_BYTES:
			result_count(ctx, chunks->chunks ? (int64_t) chunks->bytes
											 : table->bytes);
			break;
		case COLUMN_CHUNKS:
			if (chunks->chunks)
				sqlite3_result_int64(ctx, (sqlite3_int64) chunks->chunks);
			break;
		case COLUMN_SHA256:
			if (*chunks->sha256)
				sqlite3_result_text(ctx, chunks->sha256, -1, SQLITE_TRANSIENT);
			break;
		default:
			break;
	}
	return SQLITE_OK;
}

static int
entries_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = ((entries_cursor *) cursor)->row + 1;
	return SQLITE_OK;
}

/* Without xCreate it is eponymous only: there to be called, not created. */
const sqlite3_module zdblite_entries_module = {
	.iVersion = 0,
	.xConnect = entries_connect,
	.xBestIndex = entries_best_index,
	.xDisconnect = entries_disconnect,
	.xOpen = entries_open,
	.xClose = entries_close,
	.xFilter = entries_filter,
	.xNext = entries_next,
	.xEof = entries_eof,
	.xColumn = entries_column,
	.xRowid = entries_rowid,
};
