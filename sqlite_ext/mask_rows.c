/*
 * mask_rows - a table's rows, written anew with other values
 */
#include <stdlib.h>
#include <string.h>

#include "core/lite/token.h"
#include "sqlite_ext/mask.h"
#include "sqlite_ext/sql.h"

/* Somewhere to keep the rows while the table is empty: so values that change
 * places never meet in a unique index. */
#define KEPT "temp.zdb_masked"

/* What zdb_mask() works with: the columns of one table. */
typedef struct masking
{
	const zdb_mask *mask;
	const zdb_mask_table *table;
	zdb_buf made;
} masking;

/* A text may have zero bytes inside. */
static zdb_rc
fake(masking *self, const zdb_mask_column *column, sqlite3_value *value,
	 zdb_err *err)
{
	const char *text = (const char *) sqlite3_value_text(value);
	size_t len = (size_t) sqlite3_value_bytes(value);

	if (!text)
		return zdb_err_nomem(err);
	self->made.len = 0;
	if (zdb_mask_fake(self->mask, column, text, len, &self->made, err))
		return err->code;
	return zdb_buf_append(&self->made, "", 1, err);
}

/* A telephone number may be stored as an integer. */
static void
give_text(sqlite3_context *ctx, const masking *self, bool integer)
{
	const char *text = (const char *) self->made.data;

	if (integer && strspn(text, "0123456789") == strlen(text))
		sqlite3_result_int64(ctx, strtoll(text, NULL, 10));
	else
		sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
}

static void
give_integer(sqlite3_context *ctx, const masking *self, int64_t value,
			 zdb_err *err)
{
	int64_t out = 0;

	if (zdb_mask_integer(self->mask, value, &out, err) == ZDB_OK)
		sqlite3_result_int64(ctx, out);
}

static void
hash(sqlite3_context *ctx, masking *self, const zdb_mask_column *column,
	 sqlite3_value *value, zdb_err *err)
{
	uint8_t bytes[32];
	int len;

	switch (sqlite3_value_type(value))
	{
		case SQLITE_INTEGER:
			give_integer(ctx, self, sqlite3_value_int64(value), err);
			break;
		case SQLITE_FLOAT:
			zdb_err_set(err, ZDB_USAGE,
						"hash is not for numbers with a fraction");
			break;
		case SQLITE_BLOB:
			len = sqlite3_value_bytes(value);
			if (zdb_mask_bytes(self->mask, sqlite3_value_blob(value),
							   (size_t) len, bytes, err) == ZDB_OK)
				sqlite3_result_blob(ctx, bytes, len == 16 ? 16 : 32,
									SQLITE_TRANSIENT);
			break;
		default:
			if (fake(self, column, value, err) == ZDB_OK)
				give_text(ctx, self, false);
			break;
	}
}

/* zdb_mask(n, value): by the rule of the table's n-th column. */
static void
run_mask(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	masking *self = sqlite3_user_data(ctx);
	const zdb_mask_column *column = self->table->columns;
	int type = sqlite3_value_type(argv[1]);
	zdb_err err = {0};

	(void) argc;
	if (type == SQLITE_NULL)
		return;
	for (int n = sqlite3_value_int(argv[0]); n > 0; n--)
		column = column->next;
	if (column->kind == ZDB_MASK_HASH)
		hash(ctx, self, column, argv[1], &err);
	else if (fake(self, column, argv[1], &err) == ZDB_OK)
		give_text(ctx, self, type == SQLITE_INTEGER);
	if (err.code)
	{
		sqlite3_result_error(ctx, err.msg, -1);
		sqlite3_result_error_code(ctx, zdblite_code(&err));
	}
}

/* One expression, whatever stands around it: its parentheses are its own. */
static bool
is_single(const char *sql)
{
	zdb_lite_token token;
	int depth = 0;
	bool any = false;

	while ((token = zdb_lite_next(&sql)).kind != ZDB_LITE_END)
	{
		any = true;
		depth += zdb_lite_is(&token, "(") - zdb_lite_is(&token, ")");
		if (depth < 0 || zdb_lite_is(&token, ";") ||
			(depth == 0 && zdb_lite_is(&token, ",")))
			return false;
	}
	return any && depth == 0;
}

zdb_rc
zdblite_mask_check(sqlite3 *db, const zdb_mask_column *column, zdb_err *err)
{
	char *sql;
	sqlite3_stmt *stmt = NULL;

	if (column->kind != ZDB_MASK_SQL)
		return ZDB_OK;
	if (!is_single(column->text))
		return zdb_err_set(err, ZDB_USAGE,
						   "mask of \"%s.%s\": must be a single expression",
						   column->table->name, column->name);
	/* Where rows are chosen nothing is asked of several rows together. */
	sql = sqlite3_mprintf("SELECT 1 FROM main.\"%w\" WHERE (\n%s\n)",
						  column->table->name, column->text);
	if (!sql)
		return zdb_err_nomem(err);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		zdb_err_set(err, ZDB_USAGE, "mask of \"%s.%s\": %s",
					column->table->name, column->name, sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
	return err->code;
}

/* "+" takes a column's affinity away: a value is kept as it is. */
static void
append_value(sqlite3_str *sql, const zdb_mask_column *column, int n)
{
	switch (column->kind)
	{
		case ZDB_MASK_NONE:
			sqlite3_str_appendf(sql, "+\"%w\"", column->name);
			break;
		case ZDB_MASK_NULL:
			sqlite3_str_appendall(sql, "NULL");
			break;
		case ZDB_MASK_VALUE:
			sqlite3_str_appendf(sql, "%Q", column->text);
			break;
		case ZDB_MASK_SQL:
			sqlite3_str_appendf(sql, "(\n%s\n)", column->text);
			break;
		case ZDB_MASK_HASH:
		case ZDB_MASK_EMAIL:
		case ZDB_MASK_NAME:
		case ZDB_MASK_PHONE:
			sqlite3_str_appendf(sql, "zdb_mask(%d, \"%w\")", n, column->name);
			break;
	}
	sqlite3_str_appendf(sql, " AS c%d", n);
}

/* Another name of the row's number that no column has; "" for none, and when
 * a column is that number. */
static const char *
rowid_name(const zdb_mask *mask, sqlite3 *db, const zdb_mask_table *table,
		   zdb_err *err)
{
	static const char *const names[] = {"_rowid_", "rowid", "oid"};
	sqlite3_int64 has = 0;

	if (zdblite_query_int(
			db, &has, err,
			"SELECT wr = 0 AND (type = 'virtual' OR NOT EXISTS (SELECT 1 FROM "
			"pragma_table_xinfo(%Q, 'main') WHERE pk > 0) OR EXISTS (SELECT 1 "
			"FROM pragma_index_list(%Q, 'main') WHERE origin = 'pk')) FROM "
			"pragma_table_list WHERE schema = 'main' AND name = %Q",
			table->name, table->name, table->name) ||
		!has)
		return "";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!zdb_mask_column_of(mask, table, names[i]))
			return names[i];
	return "";
}

static zdb_rc
keep_rows(const zdb_mask_table *table, sqlite3 *db, const char *rowid,
		  zdb_err *err)
{
	sqlite3_str *sql = sqlite3_str_new(NULL);
	const char *between = "";
	char *text;
	int n = 0;

	if (*rowid)
		sqlite3_str_appendf(sql, "%s AS r", rowid);
	for (const zdb_mask_column *column = table->columns; column;
		 column = column->next, n++)
		if (!column->generated)
		{
			between = n > 0 || *rowid ? ", " : "";
			sqlite3_str_appendall(sql, between);
			append_value(sql, column, n);
		}
	text = sqlite3_str_finish(sql);
	if (!text)
		return zdb_err_nomem(err);
	zdblite_exec(db, err,
				 "CREATE TABLE " KEPT " AS SELECT %s FROM main.\"%w\"", text,
				 table->name);
	sqlite3_free(text);
	return err->code;
}

static zdb_rc
give_back(const zdb_mask_table *table, sqlite3 *db, const char *rowid,
		  zdb_err *err)
{
	sqlite3_str *to = sqlite3_str_new(NULL), *from = sqlite3_str_new(NULL);
	char *columns, *values;
	int n = 0, given = 0;

	if (*rowid)
	{
		sqlite3_str_appendall(to, rowid);
		sqlite3_str_appendall(from, "r");
		given++;
	}
	for (const zdb_mask_column *column = table->columns; column;
		 column = column->next, n++)
		if (!column->generated)
		{
			sqlite3_str_appendf(to, "%s\"%w\"", given ? ", " : "",
								column->name);
			sqlite3_str_appendf(from, "%sc%d", given++ ? ", " : "", n);
		}
	columns = sqlite3_str_finish(to);
	values = sqlite3_str_finish(from);
	if (!columns || !values)
		zdb_err_nomem(err);
	else
		zdblite_exec(db, err,
					 "INSERT INTO main.\"%w\"(%s) SELECT %s FROM " KEPT
					 " ORDER BY rowid",
					 table->name, columns, values);
	sqlite3_free(columns);
	sqlite3_free(values);
	return err->code;
}

static zdb_rc
rewrite(masking *self, sqlite3 *db, zdb_mask_table *table, zdb_err *err)
{
	const char *rowid = rowid_name(self->mask, db, table, err);
	sqlite3_int64 rows = 0;

	if (err->code || keep_rows(table, db, rowid, err) ||
		zdblite_query_int(db, &rows, err, "SELECT count(*) FROM " KEPT) ||
		zdblite_exec(db, err, "DELETE FROM main.\"%w\"", table->name) ||
		give_back(table, db, rowid, err) ||
		zdblite_exec(db, err, "DROP TABLE " KEPT) ||
		zdblite_query_int(db, (sqlite3_int64 *) &table->rows, err,
						  "SELECT count(*) FROM main.\"%w\"", table->name))
		return err->code;
	if (table->rows != rows)
		return zdb_err_set(err, ZDB_MISMATCH,
						   "of %lld rows only %lld are different enough to "
						   "be kept",
						   (long long) rows, (long long) table->rows);
	return ZDB_OK;
}

/* "could not mask table "users" (email: email, bio: sql): ..." */
static void
name_rules(const zdb_mask_table *table, zdb_err *err)
{
	char list[200] = "";
	zdb_err why = *err;
	size_t used = 0;

	for (const zdb_mask_column *column = table->columns; column;
		 column = column->next)
		if (column->kind && used < sizeof list)
			used += (size_t) snprintf(
				list + used, sizeof list - used, "%s%s: %s", used ? ", " : "",
				column->name, zdb_mask_name(column->kind));
	zdb_err_clear(err);
	zdb_err_set(err, why.code, "could not mask table \"%s\" (%s): %s",
				table->name, list, why.msg);
	if (*why.hint)
		zdb_err_hint(err, "%s", why.hint);
}

zdb_rc
zdblite_mask_rows(zdblite_call *call, sqlite3 *db, zdb_mask *mask,
				  zdb_mask_table *table)
{
	masking self = {.mask = mask, .table = table};
	zdb_err *err = &call->err;
	int rc = sqlite3_create_function_v2(db, "zdb_mask", 2,
										SQLITE_UTF8 | SQLITE_DIRECTONLY, &self,
										run_mask, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		zdblite_err_db(err, db, rc, "could not make a function");
	else if (rewrite(&self, db, table, err))
		name_rules(table, err);
	sqlite3_create_function_v2(db, "zdb_mask", 2, SQLITE_UTF8, NULL, NULL,
							   NULL, NULL, NULL);
	zdb_buf_clear(&self.made);
	return err->code;
}
