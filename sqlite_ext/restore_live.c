/*
 * restore_live - replace the live database, or some of its tables
 */
#include "sqlite_ext/restore_live.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/job/listed.h"
#include "core/job/path.h"
#include "core/job/report.h"
#include "sqlite_ext/backup.h"
#include "sqlite_ext/check.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/replace.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/table_copy.h"
#include "sqlite_ext/tables.h"

/* One restore under way. */
typedef struct live
{
	zdblite_call *call;
	zdb_reader *reader;
	const char *file; /* of the live database; NULL without one */
	const char *name; /* of the backup, for messages */
	bool by_table;    /* rows of some tables, not the whole database */
	zdblite_image image;
	zdb_names tables;    /* by_table: which */
	zdb_manifest before; /* the live database's tables */
	zdb_manifest wanted; /* the image's tables */
	zdb_manifest after;
} live;

static zdb_rc
check_call(zdblite_call *call, const char *backup)
{
	const char *schema = call->options.schema;
	sqlite3_int64 query_only;

	if (sqlite3_txn_state(call->db, schema) < 0)
		return zdb_err_set(&call->err, ZDB_USAGE, "no such database: \"%s\"",
						   schema);
	if (zdb_file_same(backup, sqlite3_db_filename(call->db, schema)))
		return zdb_err_set(&call->err, ZDB_USAGE,
						   "\"%s\" is the live database itself", backup);
	if (zdblite_query_int(call->db, &query_only, &call->err,
						  "PRAGMA query_only"))
		return call->err.code;
	if (query_only)
		return zdb_err_set(&call->err, ZDB_PERMISSION,
						   "PRAGMA query_only forbids a restore");
	if (sqlite3_get_autocommit(call->db) &&
		sqlite3_txn_state(call->db, schema) == SQLITE_TXN_NONE)
		return ZDB_OK;
	zdb_err_set(&call->err, ZDB_BUSY,
				"cannot restore into \"%s\" inside a transaction or while a "
				"statement reads it",
				schema);
	zdb_err_hint(&call->err, "Run SELECT zdb_restore_from(...) by itself, "
							 "outside BEGIN.");
	return call->err.code;
}

/* A script of data, or chosen tables, replace rows; the rest replaces all. */
static zdb_rc
decide(live *self)
{
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);
	zdblite_call *call = self->call;
	bool data = manifest && strcmp(manifest->type, "data") == 0;
	bool schema = manifest && strcmp(manifest->type, "schema") == 0;

	self->by_table = data || call->options.tables.count > 0;
	if (schema && call->options.tables.count > 0)
		return zdb_err_set(&call->err, ZDB_USAGE,
						   "\"%s\" holds a schema without rows: option "
						   "\"tables\" does not go with it",
						   self->name);
	if (schema && self->before.table_count > 0)
	{
		zdb_err_set(&call->err, ZDB_EXISTS,
					"\"%s\" holds a schema without rows, and the database is "
					"not empty",
					self->name);
		zdb_err_hint(&call->err, "Restore it into an empty database, or give "
								 "a path as target.");
	}
	return call->err.code;
}

static zdb_rc
open_image(live *self)
{
	zdblite_call *call = self->call;
	bool in_place = zdblite_image_lies_plain(self->reader) && !self->by_table;
	char *scratch = zdblite_scratch_base(call, call->options.schema);

	if (scratch)
		zdblite_image_open(&self->image, call, self->reader,
						   in_place ? NULL : scratch);
	zdb_free(scratch);
	if (call->err.code ||
		zdblite_tables_count(call, self->image.db, "main", &self->wanted))
		return call->err.code;
	if (call->options.level == ZDB_LEVEL_NONE)
		return ZDB_OK;
	if (zdblite_check_database(call, self->image.db, "main", self->name) ==
			ZDB_OK &&
		zdb_reader_manifest(self->reader))
		zdblite_check_rows(call, self->image.db, "main", self->name,
						   zdb_reader_manifest(self->reader));
	return call->err.code;
}

static zdb_rc
add_table(live *self, const char *name)
{
	zdb_err *err = &self->call->err;
	char **list =
		zdb_realloc(self->tables.list, ((size_t) self->tables.count + 1) *
										   sizeof *self->tables.list);

	if (!list)
		return zdb_err_nomem(err);
	self->tables.list = list;
	list[self->tables.count] = zdb_strdup(name, err);
	self->tables.count += list[self->tables.count] != NULL;
	return err->code;
}

/* A virtual table is restored by the tables behind it. */
static zdb_rc
add_virtual(live *self, const char *name)
{
	zdb_err *err = &self->call->err;
	int before = self->tables.count;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(self->image.db, &stmt, err,
						"SELECT s.name FROM pragma_table_list s"
						" JOIN pragma_table_list v ON v.schema = 'main'"
						" AND v.type = 'virtual' AND v.name = %Q"
						" COLLATE NOCASE"
						" WHERE s.schema = 'main' AND s.type = 'shadow'"
						" AND lower(substr(s.name, 1, length(v.name) + 1)) ="
						" lower(v.name || '_')",
						name))
		return err->code;
	while (zdblite_step(self->image.db, stmt, &row, err) == ZDB_OK && row)
		if (add_table(self, (const char *) sqlite3_column_text(stmt, 0)))
			break;
	sqlite3_finalize(stmt);
	if (!err->code && self->tables.count == before)
		zdb_err_set(err, ZDB_NOT_FOUND, "\"%s\" has no table \"%s\"",
					self->name, name);
	return err->code;
}

/* Which tables: those asked for, or those a script of data has. */
static zdb_rc
choose_tables(live *self)
{
	const zdb_names *asked = &self->call->options.tables;
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);
	zdb_err *err = &self->call->err;

	if (asked->count == 0)
		for (uint32_t i = 0; i < manifest->table_count && !err->code; i++)
			add_table(self, manifest->tables[i].name);
	for (int i = 0; i < asked->count && !err->code; i++)
	{
		const zdb_table *table =
			zdblite_tables_find(&self->wanted, asked->list[i]);

		if (table)
			add_table(self, table->name);
		else
			add_virtual(self, asked->list[i]);
	}
	return err->code;
}

/* What is there now goes into a backup of its own, unless there is nothing. */
static zdb_rc
prebackup(live *self)
{
	zdblite_call *call = self->call;
	zdb_err *err = &call->err;
	zdb_age_recipients recipients = {0};
	zdb_path_facts facts = {
		.type = "prebackup", .suffix = ".db", .now_us = zdb_now_us()};
	zdblite_backup_request request = {.recipients = &recipients,
									  .schema = call->options.schema,
									  .type = "full",
									  .compress = "gzip",
									  .label = ZDB_LABEL_PREBACKUP,
									  .verify = ZDB_LEVEL_DATA};
	char *directory = NULL, *database = NULL, *path = NULL;
	json_t *report = NULL;

	zdblite_report(call, "prebackup", json_null());
	if (!call->options.prebackup || call->options.dry_run ||
		self->before.table_count == 0)
		return err->code;
	zdb_crypt_prebackup(&call->settings, &call->keys, &recipients, err);
	facts.encrypted = zdb_age_recipients_count(&recipients) > 0;
	directory = self->file ? zdb_path_directory(self->file, err)
						   : zdb_strdup(zdblite_temp_directory(), err);
	database = zdb_path_database(self->file, err);
	facts.database = database;
	if (call->options.prebackup_to)
		path = zdb_strdup(call->options.prebackup_to, err);
	else if (directory && database)
		path = zdb_path_in(directory, &facts, ZDB_CODEC_GZIP, err);
	request.path = path;
	request.exact = !call->options.prebackup_to;
	if (call->options.prebackup_to)
		request.compress = NULL;
	report = json_object();
	if (!report)
		zdb_err_nomem(err);
	if (!err->code && zdblite_backup(call, &request, report) == ZDB_OK)
		zdblite_report(call, "prebackup",
					   json_incref(json_object_get(report, "path")));
	json_decref(report);
	zdb_age_recipients_clear(&recipients);
	zdb_free(directory);
	zdb_free(database);
	zdb_free(path);
	call->phase = "restore";
	return err->code;
}

/* [{"table", "rows_before", "rows_after"}]: null where it does not exist. */
static json_t *
changes(const zdb_manifest *before, const zdb_manifest *after)
{
	json_t *list = json_array();
	const zdb_manifest *sides[2] = {before, after};

	for (int side = 0; side < 2; side++)
		for (uint32_t i = 0; i < sides[side]->table_count; i++)
		{
			const char *name = sides[side]->tables[i].name;
			const zdb_table *was = zdblite_tables_find(before, name);
			const zdb_table *is = zdblite_tables_find(after, name);

			if (side == 1 && was)
				continue;
			json_array_append_new(
				list,
				json_pack("{s:s, s:o, s:o}", "table", name, "rows_before",
						  was ? json_integer(was->rows) : json_null(),
						  "rows_after",
						  is ? json_integer(is->rows) : json_null()));
		}
	return list;
}

/* The last step: all of the database, or rows of some tables. */
static zdb_rc
replace(live *self)
{
	zdblite_call *call = self->call;
	char *mode;

	if (!self->by_table && call->options.dry_run)
		return zdblite_tables_count(call, self->image.db, "main",
									&self->after);
	mode = zdblite_journal_secure(call);
	if (!call->err.code && self->by_table)
		zdblite_table_copy(call, &self->image, &self->tables, &self->after);
	else if (!call->err.code)
		zdblite_replace(call, &self->image);
	zdblite_journal_keep(call, mode);
	return call->err.code;
}

/* Is what is there now what the backup holds? */
static zdb_rc
check_result(live *self)
{
	zdblite_call *call = self->call;
	const char *schema = call->options.schema;

	if (call->options.dry_run)
		return ZDB_OK;
	if (!self->by_table &&
		(zdblite_tables_count(call, call->db, schema, &self->after) ||
		 zdblite_check_rows(call, call->db, schema, self->name,
							&self->wanted)))
		return call->err.code;
	if (call->options.level != ZDB_LEVEL_NONE)
		zdblite_check_database(call, call->db, schema,
							   self->file ? self->file : "the database");
	return call->err.code;
}

static void
clear(live *self)
{
	for (int i = 0; i < self->tables.count; i++)
		zdb_free(self->tables.list[i]);
	zdb_free(self->tables.list);
	zdblite_image_close(&self->image);
	zdb_manifest_clear(&self->before);
	zdb_manifest_clear(&self->wanted);
	zdb_manifest_clear(&self->after);
}

zdb_rc
zdblite_restore_live(zdblite_call *call, zdb_reader *reader)
{
	const char *file = sqlite3_db_filename(call->db, call->options.schema);
	bool verify = call->options.level != ZDB_LEVEL_NONE;
	live self = {.call = call,
				 .reader = reader,
				 .file = file && *file ? file : NULL,
				 .name = zdb_reader_source(reader)->name};

	if (check_call(call, self.name) ||
		zdblite_tables_count(call, call->db, call->options.schema,
							 &self.before) ||
		decide(&self) || open_image(&self) ||
		(self.by_table && choose_tables(&self)) || prebackup(&self) ||
		replace(&self) || check_result(&self) ||
		(call->options.tables.count > 0 &&
		 zdblite_tables_left(call, call->options.schema,
							 &call->options.tables)))
		goto done;
	zdblite_report(call, "tables", changes(&self.before, &self.after));
	zdblite_report(call, "rows", json_integer(zdb_report_rows(&self.after)));
	zdblite_report(call, "verified",
				   verify ? json_string("restore") : json_string("data"));
	zdblite_report(call, "integrity",
				   verify ? json_string("ok") : json_null());

done:
	clear(&self);
	return call->err.code;
}
