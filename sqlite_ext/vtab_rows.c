/*
 * vtab_rows - tables of an image as virtual tables of the call's connection
 */
#include "sqlite_ext/vtab_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "sqlite_ext/affinity.h"
#include "sqlite_ext/sql.h"

/* colUsed has 64 bits; its last stands for all columns from there on. */
#define COLUMNS_TOLD 63

/* A table, and the module that shows it. */
typedef struct rows_table
{
	struct rows_table *next;
	zdblite_rows *rows;
	char *name;
	char *module;
} rows_table;

typedef struct rows_column
{
	char *sql; /* its name, quoted */
	/* Of the live column, if it is another one than of the image's. */
	zdb_affinity affinity;
} rows_column;

typedef struct rows_vtab
{
	sqlite3_vtab base;
	const rows_table *table;
	rows_column *columns;
	int column_count;
} rows_vtab;

typedef struct rows_cursor
{
	sqlite3_vtab_cursor base;
	sqlite3_stmt *stmt; /* in the image's connection */
	sqlite3_int64 row;
	bool eof;
} rows_cursor;

static sqlite3 *
image_db(const rows_table *table)
{
	return table->rows->image->db;
}

/* The first failure is the call's; SQLite is told that there was one. */
static int
fail(const rows_table *table, sqlite3 *db, int rc)
{
	zdblite_image *image = table->rows->image;

	zdblite_err_db(&image->call->err, db, rc,
				   "could not read table \"%s\" of \"%s\"", table->name,
				   table->rows->name);
	return rc;
}

/* A collation that this connection lacks is left out, as it can only matter
 * where the live table has it too. */
static bool
has_collation(sqlite3 *db, const char *name)
{
	char *sql = sqlite3_mprintf("SELECT '' COLLATE \"%w\" < ''", name);
	sqlite3_stmt *stmt = NULL;
	bool found =
		sql && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK;

	sqlite3_finalize(stmt);
	sqlite3_free(sql);
	return found;
}

static int
rows_disconnect(sqlite3_vtab *vtab)
{
	rows_vtab *self = (rows_vtab *) vtab;

	for (int i = 0; i < self->column_count; i++)
		sqlite3_free(self->columns[i].sql);
	sqlite3_free(self->columns);
	sqlite3_free(self);
	return SQLITE_OK;
}

/* The column's type here, if there is such a column; else as in the image. */
static const char *
choose_type(const rows_vtab *self, const char *name, const char *type,
			rows_column *column)
{
	zdblite_call *call = self->table->rows->image->call;
	const char *live = zdblite_declared(call->db, call->options.schema,
										self->table->name, name);

	if (!live || zdb_affinity_of(live) == zdb_affinity_of(type))
		return type;
	column->affinity = zdb_affinity_of(live);
	return live;
}

/* Put a column into the list and into the declaration. */
static int
add_column(rows_vtab *self, sqlite3 *db, sqlite3_stmt *stmt,
		   sqlite3_str *declaration)
{
	sqlite3 *from = image_db(self->table);
	const char *name = (const char *) sqlite3_column_text(stmt, 0);
	const char *type = (const char *) sqlite3_column_text(stmt, 1);
	const char *collation = NULL;
	rows_column *columns =
		sqlite3_realloc64(self->columns, ((size_t) self->column_count + 1) *
											 sizeof *self->columns);

	if (!columns || !name)
		return SQLITE_NOMEM;
	self->columns = columns;
	columns += self->column_count;
	*columns = (rows_column){.sql = sqlite3_mprintf("\"%w\"", name)};
	if (!columns->sql)
		return SQLITE_NOMEM;
	sqlite3_str_appendf(declaration, "%s%s", self->column_count ? ", " : "",
						columns->sql);
	self->column_count++;
	type = choose_type(self, name, type, columns);
	if (type && *type)
		sqlite3_str_appendf(declaration, " \"%w\"", type);
	sqlite3_table_column_metadata(from, "main", self->table->name, name, NULL,
								  &collation, NULL, NULL, NULL);
	if (collation && has_collation(db, collation))
		sqlite3_str_appendf(declaration, " COLLATE \"%w\"", collation);
	return SQLITE_OK;
}

/* In a STRICT table ANY has no affinity; elsewhere it is a name like others,
 * with that of NUMERIC. */
static int
add_columns(rows_vtab *self, sqlite3 *db, sqlite3_str *declaration)
{
	sqlite3 *from = image_db(self->table);
	char *sql = sqlite3_mprintf(
		"SELECT x.name, iif(t.strict AND x.type = 'ANY', '', x.type) FROM"
		" pragma_table_xinfo(%Q) x JOIN pragma_table_list t"
		" ON t.schema = 'main' AND t.name = %Q"
		" WHERE x.hidden <> 1 ORDER BY x.cid",
		self->table->name, self->table->name);
	sqlite3_stmt *stmt = NULL;
	int rc =
		sql ? sqlite3_prepare_v2(from, sql, -1, &stmt, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = add_column(self, db, stmt, declaration);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
declare(rows_vtab *self, sqlite3 *db)
{
	sqlite3_str *declaration = sqlite3_str_new(db);
	int rc;
	char *sql;

	sqlite3_str_appendall(declaration, "CREATE TABLE x(");
	rc = add_columns(self, db, declaration);
	sqlite3_str_appendchar(declaration, 1, ')');
	sql = sqlite3_str_finish(declaration);
	if (rc != SQLITE_OK)
		fail(self->table, image_db(self->table), rc);
	else if ((rc = sql ? sqlite3_declare_vtab(db, sql) : SQLITE_NOMEM) !=
			 SQLITE_OK)
		fail(self->table, db, rc);
	sqlite3_free(sql);
	return rc;
}

static int
rows_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
			 sqlite3_vtab **vtab, char **message)
{
	rows_vtab *self = sqlite3_malloc(sizeof *self);
	int rc;

	(void) argc;
	(void) argv;
	(void) message;
	if (!self)
		return SQLITE_NOMEM;
	*self = (rows_vtab){.table = aux};
	rc = declare(self, db);
	if (rc == SQLITE_OK)
		rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
	if (rc == SQLITE_OK)
		*vtab = &self->base;
	else
		rows_disconnect(&self->base);
	return rc;
}

/* Always all rows; which columns are used travels in the text. */
static int
rows_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
	(void) vtab;
	info->idxStr = sqlite3_mprintf("%llx", info->colUsed);
	info->needToFreeIdxStr = 1;
	info->estimatedCost = 1e6;
	info->estimatedRows = 1000000;
	return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

static int
rows_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **cursor)
{
	rows_cursor *self = sqlite3_malloc(sizeof *self);

	(void) vtab;
	if (!self)
		return SQLITE_NOMEM;
	*self = (rows_cursor){.eof = true};
	*cursor = &self->base;
	return SQLITE_OK;
}

static int
rows_close(sqlite3_vtab_cursor *cursor)
{
	sqlite3_finalize(((rows_cursor *) cursor)->stmt);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static int
rows_next(sqlite3_vtab_cursor *cursor)
{
	rows_cursor *self = (rows_cursor *) cursor;
	const rows_vtab *vtab = (const rows_vtab *) cursor->pVtab;
	const rows_table *table = vtab->table;
	int rc = sqlite3_step(self->stmt);

	self->row++;
	self->eof = rc != SQLITE_ROW;
	table->rows->given += rc == SQLITE_ROW;
	return rc == SQLITE_ROW || rc == SQLITE_DONE
			   ? SQLITE_OK
			   : fail(table, image_db(table), rc);
}

/* SELECT with NULL in the place of columns that are not used. */
static char *
select_rows(const rows_vtab *vtab, sqlite3_uint64 used)
{
	sqlite3_str *sql = sqlite3_str_new(NULL);

	for (int i = 0; i < vtab->column_count; i++)
	{
		int bit = i < COLUMNS_TOLD ? i : COLUMNS_TOLD;

		sqlite3_str_appendf(sql, "%s%s", i ? ", " : "SELECT ",
							used >> bit & 1 ? vtab->columns[i].sql : "NULL");
	}
	sqlite3_str_appendf(sql, " FROM main.\"%w\"", vtab->table->name);
	return sqlite3_str_finish(sql);
}

static int
rows_filter(sqlite3_vtab_cursor *cursor, int plan, const char *used, int argc,
			sqlite3_value **argv)
{
	rows_cursor *self = (rows_cursor *) cursor;
	const rows_vtab *vtab = (const rows_vtab *) cursor->pVtab;
	char *sql = select_rows(vtab, strtoull(used, NULL, 16));
	int rc;

	(void) plan;
	(void) argc;
	(void) argv;
	sqlite3_finalize(self->stmt);
	self->stmt = NULL;
	self->row = 0;
	rc = sql ? sqlite3_prepare_v2(image_db(vtab->table), sql, -1, &self->stmt,
								  NULL)
			 : SQLITE_NOMEM;
	sqlite3_free(sql);
	return rc == SQLITE_OK ? rows_next(cursor)
						   : fail(vtab->table, image_db(vtab->table), rc);
}

static int
rows_eof(sqlite3_vtab_cursor *cursor)
{
	return ((rows_cursor *) cursor)->eof;
}

/* Texts and blobs are not copied: they stay where they are until the next
 * row, and the statements of a merge keep none longer. (The image's connection
 * has no mutex, so its values may be looked at as they are.) */
static int
rows_value(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int column)
{
	const rows_vtab *vtab = (const rows_vtab *) cursor->pVtab;
	sqlite3_value *value =
		sqlite3_column_value(((rows_cursor *) cursor)->stmt, column);
	int type = sqlite3_value_type(value), bytes;

	if (zdblite_result_as(ctx, value, vtab->columns[column].affinity))
		return SQLITE_OK;
	bytes = type == SQLITE_TEXT || type == SQLITE_BLOB
				? sqlite3_value_bytes(value)
				: 0;
	if (bytes == 0) /* a number; NULL; or nothing, which has no address */
		sqlite3_result_value(ctx, value);
	else if (type == SQLITE_TEXT)
		sqlite3_result_text(ctx, (const char *) sqlite3_value_text(value),
							bytes, SQLITE_STATIC);
	else
		sqlite3_result_blob(ctx, sqlite3_value_blob(value), bytes,
							SQLITE_STATIC);
	return SQLITE_OK;
}

static int
rows_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = ((rows_cursor *) cursor)->row;
	return SQLITE_OK;
}

static const sqlite3_module rows_module = {
	.iVersion = 0,
	.xConnect = rows_connect,
	.xBestIndex = rows_best_index,
	.xDisconnect = rows_disconnect,
	.xOpen = rows_open,
	.xClose = rows_close,
	.xFilter = rows_filter,
	.xNext = rows_next,
	.xEof = rows_eof,
	.xColumn = rows_value,
	.xRowid = rows_rowid,
};

static zdb_rc
add_table(zdblite_rows *rows, const char *name)
{
	zdblite_call *call = rows->image->call;
	rows_table *table = zdb_calloc(1, sizeof *table);
	int rc;

	if (!table)
		return zdb_err_nomem(&call->err);
	table->next = rows->tables;
	rows->tables = table;
	table->rows = rows;
	table->name = zdb_strdup(name, &call->err);
	table->module = zdb_format(&call->err, ZDBLITE_ROWS_PREFIX "%s", name);
	if (call->err.code)
		return call->err.code;
	if (sqlite3_table_column_metadata(call->db, "temp", table->module, NULL,
									  NULL, NULL, NULL, NULL,
									  NULL) == SQLITE_OK)
		return zdb_err_set(&call->err, ZDB_EXISTS,
						   "a temporary table \"%s\" is in the way",
						   table->module);
	rc = sqlite3_create_module_v2(call->db, table->module, &rows_module, table,
								  NULL);
	if (rc != SQLITE_OK)
		zdblite_err_db(&call->err, call->db, rc, "could not show table \"%s\"",
					   name);
	return call->err.code;
}

zdb_rc
zdblite_rows_open(zdblite_rows *rows, zdblite_image *image, const char *name)
{
	zdb_err *err = &image->call->err;
	sqlite3_stmt *stmt;
	bool row;

	*rows = (zdblite_rows){.image = image, .name = name};
	if (zdblite_prepare(image->db, &stmt, err,
						"SELECT name FROM pragma_table_list"
						" WHERE schema = 'main' AND type = 'table'"
						" AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"))
		return err->code;
	while (zdblite_step(image->db, stmt, &row, err) == ZDB_OK && row)
		if (add_table(rows, (const char *) sqlite3_column_text(stmt, 0)))
			break;
	sqlite3_finalize(stmt);
	return err->code;
}

void
zdblite_rows_close(zdblite_rows *rows)
{
	while (rows->tables)
	{
		rows_table *table = rows->tables;

		rows->tables = table->next;
		if (table->module)
			sqlite3_create_module_v2(rows->image->call->db, table->module,
									 NULL, NULL, NULL);
		zdb_free(table->name);
		zdb_free(table->module);
		zdb_free(table);
	}
}
