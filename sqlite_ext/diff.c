/*
 * diff - what differs between a backup and the database
 */
#include "sqlite_ext/diff.h"

#include "core/base/mem.h"
#include "sqlite_ext/affinity.h"
#include "sqlite_ext/collation.h"
#include "sqlite_ext/merge_facts.h"
#include "sqlite_ext/merge_image.h"
#include "sqlite_ext/open.h"
#include "sqlite_ext/sql.h"

#define LIVE_PREFIX "zdb:live:"
#define BACKUP_PREFIX "zdb:backup:"

static zdb_rc
take_options(zdblite_diff *self, const char *options)
{
	zdblite_call *call = self->call;
	const char *schema;

	if (zdb_diff_new(ZDB_DIALECT_SQLITE, options, &self->merge, &call->err))
		return call->err.code;
	schema = zdb_merge_schema(self->merge);
	zdb_free(call->options.schema);
	call->options.schema = zdb_strdup(schema, &call->err);
	if (!call->err.code && sqlite3_txn_state(call->db, schema) < 0)
		zdb_err_set(&call->err, ZDB_USAGE, "no such database: \"%s\"", schema);
	return call->err.code;
}

/* A fact of merge_facts.c, with another name of the rows. */
static void
rename_rows(zdblite_diff *self, json_t *fact, const char *schema,
			const char *prefix)
{
	char *sql =
		sqlite3_mprintf("%s.\"%w%w\"", schema, prefix,
						json_string_value(json_object_get(fact, "name")));

	if (!sql || json_object_set_new(fact, "sql", json_string(sql)) != 0)
		zdb_err_nomem(&self->call->err);
	sqlite3_free(sql);
}

/* Does a column store values otherwise than the live one? */
static bool
has_other_types(zdblite_diff *self, json_t *fact)
{
	const char *table = json_string_value(json_object_get(fact, "name"));
	json_t *column;
	size_t i;

	json_array_foreach (json_object_get(fact, "columns"), i, column)
	{
		const char *name = json_string_value(column);
		const char *live = zdblite_declared(
			self->call->db, self->call->options.schema, table, name);

		if (live && zdb_affinity_of(live) !=
						zdb_affinity_of(zdblite_declared(self->image.db,
														 "main", table, name)))
			return true;
	}
	return false;
}

static zdb_rc
copy(zdblite_diff *self, sqlite3 *db, const char *schema, const char *name,
	 const char *prefix)
{
	zdblite_diff_table table = {db, schema, name};
	char *into = zdb_format(&self->call->err, "%s%s", prefix, name);

	if (into)
		zdblite_diff_copy(self, &table, into);
	zdb_free(into);
	return self->call->err.code;
}

/* Rows of other types become what they would be here. */
static zdb_rc
place_backup(zdblite_diff *self, json_t *facts)
{
	const char *schema = self->call->options.schema;
	json_t *fact;
	size_t i;

	json_array_foreach (facts, i, fact)
	{
		const char *name = json_string_value(json_object_get(fact, "name"));
		bool other = zdb_merge_wants(self->merge, schema, name) &&
					 has_other_types(self, fact);

		if (other &&
			copy(self, self->image.db, "main", name, BACKUP_PREFIX) != ZDB_OK)
			break;
		rename_rows(self, fact, other ? "temp" : "main",
					other ? BACKUP_PREFIX : "");
	}
	return self->call->err.code;
}

static zdb_rc
place_live(zdblite_diff *self, json_t *facts)
{
	json_t *fact;
	size_t i;

	json_array_foreach (facts, i, fact)
		rename_rows(self, fact, "temp", LIVE_PREFIX);
	return self->call->err.code;
}

static zdb_rc
plan(zdblite_diff *self)
{
	zdblite_call *call = self->call;
	const char *schema = call->options.schema;
	json_t *live = zdblite_merge_live(call, schema);
	json_t *backup = call->err.code
						 ? NULL
						 : zdblite_merge_backup(call, self->image.db, schema);

	if (!call->err.code && place_live(self, live) == ZDB_OK &&
		place_backup(self, backup) == ZDB_OK)
		zdb_merge_plan(self->merge, live, backup, &call->err);
	json_decref(live);
	json_decref(backup);
	return call->err.code;
}

static zdb_rc
copy_live(zdblite_diff *self)
{
	const zdb_merge_member *member = zdb_merge_members(self->merge);

	while (member->name && copy(self, self->call->db, member->schema,
								member->name, LIVE_PREFIX) == ZDB_OK)
		member++;
	return self->call->err.code;
}

/* Returns the statement; a row that refuses is the error. */
static sqlite3_stmt *
start(zdblite_diff *self, const zdb_merge_step *step)
{
	sqlite3 *db = self->image.db;
	zdb_err *err = &self->call->err;
	sqlite3_stmt *stmt = NULL;
	char *sql = step->kind == ZDB_MERGE_STAGE
					? sqlite3_mprintf("CREATE TABLE temp.\"%w\" AS %s",
									  step->into, step->sql)
					: sqlite3_mprintf("%s", step->sql);

	if (!sql)
		zdb_err_nomem(err);
	else if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		zdblite_err_db(err, db, sqlite3_errcode(db), "%s", step->what);
	sqlite3_free(sql);
	return stmt;
}

static zdb_rc
run(zdblite_diff *self, const zdb_merge_step *step)
{
	zdb_err *err = &self->call->err;
	sqlite3_stmt *stmt = start(self, step);
	bool row = false;

	while (stmt && zdblite_step(self->image.db, stmt, &row, err) == ZDB_OK &&
		   row)
		if (step->kind == ZDB_MERGE_REFUSE)
			zdb_err_set(err, ZDB_MISMATCH, "%s", sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return err->code;
}

static zdb_rc
run_until_rows(zdblite_diff *self)
{
	self->step = zdb_merge_steps(self->merge);
	while (self->step && self->step->sql &&
		   self->step->kind != ZDB_MERGE_ROWS && run(self, self->step) == 0)
		self->step++;
	return self->call->err.code;
}

/* Temporary tables are files, and nobody will roll them back. */
static zdb_rc
prepare(zdblite_diff *self)
{
	sqlite3 *db = self->image.db;
	zdb_err *err = &self->call->err;

	if (zdblite_exec(db, err,
					 "PRAGMA temp_store=FILE; "
					 "PRAGMA temp.cache_size=-8000"))
		return err->code;
	if (sqlite3_get_autocommit(db) && zdblite_exec(db, err, "BEGIN"))
		return err->code;
	return zdblite_collations_of(self->call, db);
}

zdb_rc
zdblite_diff_open(zdblite_diff *self, zdblite_call *call, const char *options)
{
	*self = (zdblite_diff){.call = call};
	call->phase = "compare";
	if (take_options(self, options) == ZDB_OK &&
		zdblite_open(call, ZDB_PURPOSE_MERGE, call->path,
					 zdb_merge_at(self->merge), &self->reader) == ZDB_OK &&
		zdblite_merge_image(&self->image, call, self->reader, self->merge) ==
			ZDB_OK &&
		prepare(self) == ZDB_OK && plan(self) == ZDB_OK &&
		copy_live(self) == ZDB_OK)
		run_until_rows(self);
	zdblite_image_explain(&self->image);
	return call->err.code;
}

sqlite3_stmt *
zdblite_diff_next(zdblite_diff *self)
{
	zdb_err *err = &self->call->err;
	bool row = false;

	while (!err->code)
	{
		if (!self->stmt && (!self->step || !self->step->sql))
			return NULL;
		if (!self->stmt)
			self->stmt = start(self, self->step++);
		if (self->stmt &&
			zdblite_step(self->image.db, self->stmt, &row, err) == ZDB_OK &&
			row)
			return self->stmt;
		sqlite3_finalize(self->stmt);
		self->stmt = NULL;
	}
	zdblite_image_explain(&self->image);
	return NULL;
}

void
zdblite_diff_close(zdblite_diff *self)
{
	sqlite3_finalize(self->stmt);
	zdblite_image_close(&self->image);
	zdb_reader_free(self->reader);
	zdb_merge_free(self->merge);
}
