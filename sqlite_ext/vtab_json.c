/*
 * vtab_json - functions that return rows: SELECT * FROM zdb_list('backups')
 */
#include "sqlite_ext/vtab_json.h"

#include <stdlib.h>

#include "sqlite_ext/sql.h"

/* Bits of the plan: which arguments xFilter is given, in this order. */
enum
{
	HAS_ARGUMENT = 1,
	HAS_OPTIONS = 2,
};

typedef struct rows_table
{
	sqlite3_vtab base;
	sqlite3 *db;
	const zdblite_row_function *about;
	int columns; /* the hidden arguments come behind them */
} rows_table;

typedef struct rows_cursor
{
	sqlite3_vtab_cursor base;
	json_t *rows;
	size_t row;
	zdblite_call call; /* while there is a stream */
	void *stream;
	sqlite3_stmt *now; /* its row; NULL: none is left */
} rows_cursor;

static const rows_table *
table_of(const sqlite3_vtab_cursor *cursor)
{
	return (const rows_table *) cursor->pVtab;
}

static char *
declaration(const zdblite_row_function *about)
{
	sqlite3_str *sql = sqlite3_str_new(NULL);

	sqlite3_str_appendall(sql, "CREATE TABLE x(");
	for (int i = 0; about->columns[i]; i++)
		sqlite3_str_appendf(sql, "\"%w\", ", about->columns[i]);
	sqlite3_str_appendf(sql, "\"%w\" HIDDEN, options HIDDEN)",
						about->argument);
	return sqlite3_str_finish(sql);
}

static int
rows_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
			 sqlite3_vtab **vtab, char **message)
{
	const zdblite_row_function *about = aux;
	char *sql = declaration(about);
	rows_table *table;
	int rc;

	(void) argc;
	(void) argv;
	(void) message;
	rc = sql ? sqlite3_declare_vtab(db, sql) : SQLITE_NOMEM;
	sqlite3_free(sql);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
	table = sqlite3_malloc(sizeof *table);
	if (!table)
		return SQLITE_NOMEM;
	*table = (rows_table){.db = db, .about = about};
	while (about->columns[table->columns])
		table->columns++;
	*vtab = &table->base;
	return SQLITE_OK;
}

static int
rows_disconnect(sqlite3_vtab *vtab)
{
	sqlite3_free(vtab);
	return SQLITE_OK;
}

/* Have both arguments handed to xFilter, the path first. */
static int
rows_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
	int columns = ((rows_table *) vtab)->columns, next = 1;

	for (int argument = 0; argument < 2; argument++)
		for (int i = 0; i < info->nConstraint; i++)
		{
			if (info->aConstraint[i].iColumn != columns + argument ||
				info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
				continue;
			if (!info->aConstraint[i].usable)
				return SQLITE_CONSTRAINT;
			if (info->idxNum & (1 << argument))
				continue;
			info->aConstraintUsage[i].argvIndex = next++;
			info->aConstraintUsage[i].omit = 1;
			info->idxNum |= 1 << argument;
		}
	info->estimatedCost = 1000;
	info->estimatedRows = 100;
	return SQLITE_OK;
}

static int
rows_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **cursor)
{
	rows_cursor *self = sqlite3_malloc(sizeof *self);

	(void) vtab;
	if (!self)
		return SQLITE_NOMEM;
	*self = (rows_cursor){0};
	*cursor = &self->base;
	return SQLITE_OK;
}

static void
empty(rows_cursor *self)
{
	if (self->stream)
	{
		table_of(&self->base)->about->stream->close(self->stream);
		zdblite_call_end(&self->call);
	}
	json_decref(self->rows);
	self->rows = NULL;
	self->stream = NULL;
	self->now = NULL;
	self->row = 0;
}

static int
rows_close(sqlite3_vtab_cursor *cursor)
{
	empty((rows_cursor *) cursor);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static zdb_rc
take_path(zdblite_call *call, const zdblite_row_function *about, int plan,
		  sqlite3_value **argv)
{
	if (plan & HAS_ARGUMENT)
		call->path = (const char *) sqlite3_value_text(argv[0]);
	if (call->path)
		return ZDB_OK;
	zdb_err_set(&call->err, ZDB_USAGE, "%s needs the %s", about->name,
				about->argument);
	zdb_err_hint(&call->err, "Write SELECT * FROM %s.", about->usage);
	return call->err.code;
}

/* Make the rows; what went wrong is in the call. */
static void
load(zdblite_call *call, rows_cursor *self, int plan, sqlite3_value **argv)
{
	const zdblite_row_function *about = table_of(&self->base)->about;

	self->rows = json_array();
	if (!self->rows)
		zdb_err_nomem(&call->err);
	else if (take_path(call, about, plan, argv) == ZDB_OK)
		about->load(call, self->rows);
}

/* How the call went, for SQLite. */
static int
outcome(const rows_cursor *self, const zdblite_call *call)
{
	sqlite3_vtab *vtab = self->base.pVtab;
	int rc = zdblite_code(&call->err);

	if (rc == SQLITE_OK)
		return rc;
	sqlite3_free(vtab->zErrMsg);
	vtab->zErrMsg = zdblite_error_text(&call->err);
	return rc;
}

static int
next_in_stream(rows_cursor *self)
{
	self->now = table_of(&self->base)->about->stream->next(self->stream);
	return outcome(self, &self->call);
}

static int
open_stream(rows_cursor *self, int plan, sqlite3_value *options,
			sqlite3_value **argv)
{
	const rows_table *table = table_of(&self->base);
	zdblite_call *call = &self->call;
	int rc;

	if (zdblite_call_begin(call, table->db, table->about->kind, NULL) ==
			ZDB_OK &&
		take_path(call, table->about, plan, argv) == ZDB_OK)
		table->about->stream->open(call, options, &self->stream);
	if (self->stream && !call->err.code)
		return next_in_stream(self);
	rc = outcome(self, call);
	if (!self->stream)
		zdblite_call_end(call);
	return rc;
}

static int
rows_filter(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc,
			sqlite3_value **argv)
{
	rows_cursor *self = (rows_cursor *) cursor;
	const rows_table *table = table_of(cursor);
	sqlite3_value *options = plan & HAS_OPTIONS ? argv[argc - 1] : NULL;
	zdblite_call call;

	(void) text;
	empty(self);
	if (table->about->stream)
		return open_stream(self, plan, options, argv);
	if (zdblite_call_begin(&call, table->db, table->about->kind, options) ==
		ZDB_OK)
		load(&call, self, plan, argv);
	zdblite_call_end(&call);
	return outcome(self, &call);
}

static int
rows_next(sqlite3_vtab_cursor *cursor)
{
	rows_cursor *self = (rows_cursor *) cursor;

	self->row++;
	return self->stream ? next_in_stream(self) : SQLITE_OK;
}

static int
rows_eof(sqlite3_vtab_cursor *cursor)
{
	rows_cursor *self = (rows_cursor *) cursor;

	return self->stream ? !self->now
						: self->row >= json_array_size(self->rows);
}

/* An object or a list is its JSON text. */
static void
result_nested(sqlite3_context *ctx, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	if (text)
		sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_result_error_nomem(ctx);
	free(text);
}

static int
rows_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int column)
{
	const rows_cursor *self = (rows_cursor *) cursor;
	const rows_table *table = table_of(cursor);
	const json_t *row = json_array_get(self->rows, self->row);
	const json_t *value;

	if (column >= table->columns)
		return SQLITE_OK;
	if (self->now)
	{
		sqlite3_result_value(ctx, sqlite3_column_value(self->now, column));
		return SQLITE_OK;
	}
	value = json_object_get(row, table->about->columns[column]);
	if (!value)
		return SQLITE_OK;
	switch (json_typeof(value))
	{
		case JSON_STRING:
			sqlite3_result_text(ctx, json_string_value(value), -1,
								SQLITE_TRANSIENT);
			break;
		case JSON_INTEGER:
			sqlite3_result_int64(ctx, json_integer_value(value));
			break;
		case JSON_REAL:
			sqlite3_result_double(ctx, json_real_value(value));
			break;
		case JSON_TRUE:
		case JSON_FALSE:
			sqlite3_result_int(ctx, json_is_true(value));
			break;
		case JSON_OBJECT:
		case JSON_ARRAY:
			result_nested(ctx, value);
			break;
		case JSON_NULL:
			break;
	}
	return SQLITE_OK;
}

static int
rows_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = (sqlite3_int64) ((rows_cursor *) cursor)->row + 1;
	return SQLITE_OK;
}

/* Without xCreate it is eponymous only: there to be called, not created. */
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
	.xColumn = rows_column,
	.xRowid = rows_rowid,
};

int
zdblite_row_function_register(sqlite3 *db, const zdblite_row_function *rows)
{
	return sqlite3_create_module_v2(db, rows->name, &rows_module,
									(void *) rows, NULL);
}
