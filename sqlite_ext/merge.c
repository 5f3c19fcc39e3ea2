/*
 * merge - bring a backup's rows into a database that went on living
 */
#include "sqlite_ext/merge.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/job/report.h"
#include "core/policy/merge.h"
#include "sqlite_ext/create.h"
#include "sqlite_ext/merge_facts.h"
#include "sqlite_ext/merge_image.h"
#include "sqlite_ext/open.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"
#include "sqlite_ext/transaction.h"
#include "sqlite_ext/vtab_rows.h"

typedef struct merging
{
	zdblite_call *call;
	zdb_reader *reader;
	zdb_merge *merge;
	zdblite_image image;
	zdblite_rows rows; /* of the image, as statements see them */
	zdblite_transaction transaction;
	const char *schema;
	json_t *created;
	int64_t temp_bytes;
} merging;

static zdb_rc
create_table(merging *self, const char *name)
{
	zdblite_call *call = self->call;

	if (!zdb_merge_wants(self->merge, self->schema, name))
		return ZDB_OK;
	json_array_append_new(self->created, json_string(name));
	if (zdblite_create_objects(call, self->image.db, "main", name,
							   "'table'") == ZDB_OK)
		zdblite_create_objects(call, self->image.db, "main", name,
							   "'index', 'trigger'");
	return call->err.code;
}

static bool
is_here(merging *self, const char *name)
{
	sqlite3_int64 found = 0;

	zdblite_query_int(self->call->db, &found, &self->call->err,
					  "SELECT count(*) FROM pragma_table_list WHERE schema ="
					  " %Q AND name = %Q COLLATE NOCASE",
					  self->schema, name);
	return found > 0;
}

static zdb_rc
create_missing(merging *self)
{
	sqlite3 *from = self->image.db;
	zdb_err *err = &self->call->err;
	sqlite3_stmt *stmt;
	bool row;

	if (!zdb_merge_create_missing(self->merge))
		return ZDB_OK;
	if (zdblite_prepare(from, &stmt, err,
						"SELECT name FROM pragma_table_list WHERE schema = "
						"'main' AND type = 'table' AND name NOT LIKE "
						"'sqlite\\_%%' ESCAPE '\\'"))
		return err->code;
	while (zdblite_step(from, stmt, &row, err) == ZDB_OK && row)
	{
		const char *name = (const char *) sqlite3_column_text(stmt, 0);

		if (!is_here(self, name) && !err->code && create_table(self, name))
			break;
	}
	sqlite3_finalize(stmt);
	return err->code;
}

static zdb_rc
plan(merging *self)
{
	json_t *live = zdblite_merge_live(self->call, self->schema);
	json_t *backup =
		self->call->err.code
			? NULL
			: zdblite_merge_backup(self->call, self->image.db, self->schema);

	if (!self->call->err.code)
		zdb_merge_plan(self->merge, live, backup, &self->call->err);
	json_decref(live);
	json_decref(backup);
	return self->call->err.code;
}

static const char *
text_at(sqlite3_stmt *stmt, int column)
{
	return (const char *) sqlite3_column_text(stmt, column);
}

static void
take_row(merging *self, const zdb_merge_step *step, sqlite3_stmt *stmt)
{
	switch (step->kind)
	{
		case ZDB_MERGE_COUNT:
			zdb_merge_count(self->merge, step, sqlite3_column_int(stmt, 0),
							sqlite3_column_int64(stmt, 1),
							sqlite3_column_int64(stmt, 2),
							sqlite3_column_int64(stmt, 3));
			break;
		case ZDB_MERGE_CONFLICT:
			zdb_merge_conflict(self->merge, step, sqlite3_column_int(stmt, 0),
							   text_at(stmt, 1), text_at(stmt, 2));
			break;
		case ZDB_MERGE_NEAR:
			zdb_merge_near(self->merge, step, text_at(stmt, 0),
						   text_at(stmt, 1));
			break;
		case ZDB_MERGE_REFUSE:
			zdb_err_set(&self->call->err, ZDB_MISMATCH, "%s",
						text_at(stmt, 0));
			zdb_err_hint(&self->call->err, "Nothing was changed.");
			break;
		default:
			break;
	}
}

/* A row to be staged: counted, or copied into the stage table. */
static zdb_rc
stage_row(merging *self, const zdb_merge_step *step, sqlite3_stmt *from,
		  sqlite3_stmt *to)
{
	int columns = sqlite3_column_count(from);

	if (!zdb_merge_tally(self->merge, step,
						 sqlite3_column_int64(from, columns - 2),
						 sqlite3_column_int(from, columns - 1)))
		return ZDB_OK;
	for (int i = 0; i < columns; i++)
		sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
	sqlite3_step(to);
	if (sqlite3_reset(to) == SQLITE_OK)
		return ZDB_OK;
	return zdblite_err_db(&self->call->err, self->call->db,
						  sqlite3_errcode(self->call->db), "%s", step->what);
}

static zdb_rc
stage_rows(merging *self, const zdb_merge_step *step, sqlite3_stmt *from)
{
	sqlite3_str *marks = sqlite3_str_new(NULL);
	sqlite3_stmt *to = NULL;
	char *text;
	bool row;

	sqlite3_str_appendchar(marks, 1, '?');
	for (int i = 1; i < sqlite3_column_count(from); i++)
		sqlite3_str_appendall(marks, ",?");
	text = sqlite3_str_finish(marks);
	if (!text)
		return zdb_err_nomem(&self->call->err);
	if (zdblite_prepare(self->call->db, &to, &self->call->err,
						"INSERT INTO temp.\"%w\" VALUES (%s)", step->into,
						text) == ZDB_OK)
		while (zdblite_step(self->call->db, from, &row, &self->call->err) ==
				   ZDB_OK &&
			   row && stage_row(self, step, from, to) == ZDB_OK)
			;
	sqlite3_finalize(to);
	sqlite3_free(text);
	return self->call->err.code;
}

/* SQLite copies rows by itself, where all are wanted. */
static zdb_rc
stage(merging *self, const zdb_merge_step *step)
{
	zdblite_call *call = self->call;
	sqlite3_stmt *from;

	if (zdblite_exec(call->db, &call->err, "CREATE TABLE temp.\"%w\" AS %s%s",
					 step->into, step->sql, step->tallied ? " LIMIT 0" : ""))
		return call->err.code;
	if (!step->tallied)
		return ZDB_OK;
	if (zdblite_prepare(call->db, &from, &call->err, "%s", step->sql) ==
		ZDB_OK)
		stage_rows(self, step, from);
	sqlite3_finalize(from);
	return call->err.code;
}

#define TALLY_POINTER "zdbackup merge step"

typedef struct tally
{
	zdb_merge *merge;
	const zdb_merge_step *step;
} tally;

/* What a DIRECT statement says of a row; without its pointer, nothing. */
void
zdblite_fn_merge_tally(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const tally *to = sqlite3_value_pointer(argv[0], TALLY_POINTER);

	(void) argc;
	if (!to)
	{
		sqlite3_result_error(
			ctx, "zdb_merge_tally() belongs to zdb_merge_from()", -1);
		return;
	}
	zdb_merge_met(to->merge, to->step, sqlite3_value_int64(argv[1]),
				  sqlite3_value_int(argv[2]));
	sqlite3_result_value(ctx, argv[3]);
}

/* Must the rows that it changes be as many as were counted? */
static bool
is_counted(const merging *self, const zdb_merge_step *step)
{
	return (step->kind == ZDB_MERGE_INSERT ||
			step->kind == ZDB_MERGE_UPDATE) &&
		   !zdb_merge_triggers(self->merge);
}

static zdb_rc
run_step(merging *self, const zdb_merge_step *step, int64_t *changed)
{
	zdblite_call *call = self->call;
	zdb_err *err = &call->err;
	int64_t before = sqlite3_total_changes(call->db);
	tally to = {self->merge, step};
	sqlite3_stmt *stmt;
	bool row;

	*changed = 0;
	if (step->kind == ZDB_MERGE_STAGE)
		return stage(self, step);
	if (sqlite3_strnicmp(step->sql, "DROP ", 5) == 0)
		return zdblite_transaction_drop(&self->transaction, call, step->sql);
	sqlite3_db_config(call->db, SQLITE_DBCONFIG_ENABLE_FKEY, !step->proven,
					  NULL);
	if (sqlite3_prepare_v2(call->db, step->sql, -1, &stmt, NULL) != SQLITE_OK)
		return zdblite_err_db(err, call->db, sqlite3_errcode(call->db), "%s",
							  step->what);
	if (step->kind == ZDB_MERGE_DIRECT)
		sqlite3_bind_pointer(stmt, 1, &to, TALLY_POINTER, NULL);
	while (zdblite_step(call->db, stmt, &row, err) == ZDB_OK && row)
		take_row(self, step, stmt);
	*changed = sqlite3_total_changes(call->db) - before;
	sqlite3_finalize(stmt);
	if (!err->code && is_counted(self, step))
		zdb_merge_changed(self->merge, step, *changed, err);
	return err->code;
}

/* Statements that read the backup read each row of one table once. */
static zdb_rc
run_and_count(merging *self, const zdb_merge_step *step, int64_t *changed)
{
	self->rows.given = 0;
	run_step(self, step, changed);
	if (step->kind == ZDB_MERGE_STAGE)
		zdb_merge_read(self->merge, step, self->rows.given);
	if (step->kind == ZDB_MERGE_DIRECT)
		zdb_merge_inserted(self->merge, step, self->rows.given, *changed);
	return self->call->err.code;
}

/* Steps that are repeated stand together; go round until nothing changes. */
static zdb_rc
run_steps(merging *self)
{
	const zdb_merge_step *step = zdb_merge_steps(self->merge), *again = NULL;
	int64_t changed = 0, round = 0;

	for (; step->sql; step++)
	{
		if (!zdb_merge_needs(self->merge, step))
			continue;
		if (run_and_count(self, step, &changed))
			break;
		if (step->kind != ZDB_MERGE_REPEAT)
			continue;
		again = again ? again : step;
		round += changed;
		if (step[1].kind == ZDB_MERGE_REPEAT)
			continue;
		if (round > 0)
			step = again - 1;
		else
			again = NULL;
		round = 0;
	}
	return self->call->err.code;
}

static void
measure(merging *self)
{
	zdb_err ignored = {0};
	sqlite3_int64 pages = 0, size = 0;

	zdblite_query_int(self->call->db, &pages, &ignored,
					  "PRAGMA temp.page_count");
	zdblite_query_int(self->call->db, &size, &ignored,
					  "PRAGMA temp.page_size");
	self->temp_bytes =
		pages * size + (int64_t) zdblite_image_scratch_bytes(&self->image);
}

/* Foreign keys are checked at the end: tables may refer to one another in
 * circles. */
static zdb_rc
run_transaction(merging *self)
{
	zdblite_call *call = self->call;
	zdb_err *err = &call->err;

	if (zdblite_transaction_begin(&self->transaction, call,
								  zdb_merge_triggers(self->merge),
								  true) == ZDB_OK &&
		zdblite_exec(call->db, err, "PRAGMA defer_foreign_keys=ON") ==
			ZDB_OK &&
		create_missing(self) == ZDB_OK && plan(self) == ZDB_OK &&
		run_steps(self) == ZDB_OK &&
		zdb_merge_balance(self->merge, err) == ZDB_OK)
		measure(self);
	return zdblite_transaction_end(&self->transaction, call,
								   !zdb_merge_dry_run(self->merge));
}

static zdb_rc
check_call(merging *self, const char *backup)
{
	zdblite_call *call = self->call;
	sqlite3_int64 query_only;

	if (sqlite3_txn_state(call->db, self->schema) < 0)
		return zdb_err_set(&call->err, ZDB_USAGE, "no such database: \"%s\"",
						   self->schema);
	if (zdb_file_same(backup, sqlite3_db_filename(call->db, self->schema)))
		return zdb_err_set(&call->err, ZDB_USAGE,
						   "\"%s\" is the live database itself", backup);
	if (zdblite_query_int(call->db, &query_only, &call->err,
						  "PRAGMA query_only"))
		return call->err.code;
	if (query_only)
		return zdb_err_set(&call->err, ZDB_PERMISSION,
						   "PRAGMA query_only forbids a merge");
	if (sqlite3_get_autocommit(call->db) &&
		sqlite3_txn_state(call->db, self->schema) == SQLITE_TXN_NONE)
		return ZDB_OK;
	zdb_err_set(&call->err, ZDB_BUSY,
				"cannot merge into \"%s\" inside a transaction or while a "
				"statement reads it",
				self->schema);
	zdb_err_hint(&call->err, "Run SELECT zdb_merge_from(...) by itself, "
							 "outside BEGIN.");
	return call->err.code;
}

static zdb_rc
merge_rows(merging *self)
{
	if (zdblite_rows_open(&self->rows, &self->image,
						  zdb_reader_source(self->reader)->name) == ZDB_OK)
		run_transaction(self);
	zdblite_rows_close(&self->rows);
	zdblite_image_explain(&self->image);
	return self->call->err.code;
}

static void
report(merging *self)
{
	const zdb_footer *footer = zdb_reader_footer(self->reader);
	zdblite_call *call = self->call;
	uint64_t read = zdblite_image_chunks_read(&self->image);

	zdb_merge_report(self->merge, call->report);
	if (!zdb_merge_triggers(self->merge))
		zdblite_tables_left(call, self->schema, &(zdb_names){0});
	zdblite_report(call, "created_tables", json_incref(self->created));
	zdblite_report(call, "chunks",
				   footer ? json_integer((json_int_t) footer->chunks)
						  : json_null());
	zdblite_report(call, "chunks_read",
				   footer ? json_integer((json_int_t) read) : json_null());
	zdblite_report(call, "temp_bytes", json_integer(self->temp_bytes));
	zdblite_report(call, "decrypted_bytes",
				   zdb_report_decrypted(self->reader));
}

/* What the policy says beside the rules. */
static zdb_rc
take_policy(merging *self, const char *policy)
{
	zdblite_call *call = self->call;
	zdb_err *err = &call->err;

	if (zdb_merge_new(ZDB_DIALECT_SQLITE, policy, &self->merge, err))
		return err->code;
	if (call->options.dry_run)
		zdb_merge_ask_dry_run(self->merge);
	self->schema = zdb_merge_schema(self->merge);
	zdb_free(call->options.schema);
	call->options.schema = zdb_strdup(self->schema, err);
	if (!call->options.job && zdb_merge_job(self->merge))
		call->options.job = zdb_strdup(zdb_merge_job(self->merge), err);
	return err->code;
}

static zdb_rc
open_backup(merging *self, const char *path)
{
	zdblite_call *call = self->call;
	const char *at = zdb_merge_at(self->merge);

	if (zdblite_open(call, ZDB_PURPOSE_MERGE, path, at ? at : call->options.at,
					 &self->reader))
		return call->err.code;
	return zdb_report_file(self->reader, call->report, &call->err);
}

zdb_rc
zdblite_merge(zdblite_call *call, const char *path, const char *policy)
{
	merging self = {.call = call, .created = json_array()};
	zdb_err *err = &call->err;

	call->phase = "merge";
	if (!self.created)
		zdb_err_nomem(err);
	if (!err->code && take_policy(&self, policy) == ZDB_OK &&
		open_backup(&self, path) == ZDB_OK &&
		check_call(&self, zdb_reader_source(self.reader)->name) == ZDB_OK &&
		zdblite_merge_image(&self.image, call, self.reader, self.merge) ==
			ZDB_OK &&
		merge_rows(&self) == ZDB_OK)
		report(&self);
	zdblite_image_close(&self.image);
	zdb_reader_free(self.reader);
	zdb_merge_free(self.merge);
	json_decref(self.created);
	return err->code;
}
