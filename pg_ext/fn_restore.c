/*
 * fn_restore - zdb_restore_from(path [, options])
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "pg_ext/attempt.h"
#include "pg_ext/backup.h"
#include "pg_ext/merge.h"
#include "pg_ext/open.h"
#include "pg_ext/query.h"
#include "pg_ext/restore.h"
#include "pg_ext/verify.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/path.h"
#include "core/job/report.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_restore);

static zdbpg_restore *
open_restore(zdbpg_call *call, const char *path)
{
	zdbpg_restore *self = palloc0(sizeof *self);
	const zdb_manifest *manifest;
	zdb_content content;
	zdb_err err = {0};

	self->call = call;
	self->reader =
		zdbpg_open(call, ZDB_PURPOSE_RESTORE, path, call->options.at);
	zdbpg_check(zdb_report_file(self->reader, call->report, &err), &err);
	zdbpg_check(zdb_reader_content(self->reader, &content, &err), &err);
	manifest = zdb_reader_manifest(self->reader);
	if (content != ZDB_CONTENT_SCRIPT ||
		(manifest && strcmp(manifest->engine, "postgresql") != 0))
		ereport(
			ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("\"%s\" is a SQLite database, which cannot replace this "
					"one",
					path),
			 errhint("Write zdb_restore_from('%s', '{\"create_missing\": "
					 "true}') to make its tables here and fill them.",
					 path)));
	self->data_only = manifest && strcmp(manifest->type, "data") == 0;
	return self;
}

/* Every chunk is compared with its hash before anything is touched. */
static void
verify_backup(zdbpg_restore *self)
{
	const zdb_options *options = &self->call->options;
	zdb_scan_result scan;
	zdb_err err = {0};

	zdbpg_check(zdbpg_verify(self->call, self->reader, options->level, false,
							 options->jobs, &scan, &err),
				&err);
	zdbpg_report(self->call, "sha256", zdb_report_sha256(&scan));
	zdbpg_report(self->call, "verified",
				 options->level ? json_string(zdb_level_name(options->level))
								: json_false());
}

/* Where the present database goes before it is replaced: a path of the
 * caller's, or beside the backup. */
static char *
prebackup_path(zdbpg_restore *self, bool encrypted)
{
	const zdb_options *options = &self->call->options;
	zdb_path_facts facts = {
		.database = zdbpg_database_file_name(),
		.type = "prebackup",
		.suffix = ".sql",
		.now_us = zdb_now_us(),
		.encrypted = encrypted,
		.reach = zdbpg_call_reach(self->call, NULL),
	};
	char **directory = palloc0(sizeof *directory);
	char **path = palloc0(sizeof *path);
	zdb_err err = {0};

	if (options->prebackup_to)
		return zdbpg_path(zdbpg_from_utf8(options->prebackup_to), true);
	zdbpg_own_text(directory);
	zdbpg_own_text(path);
	*directory =
		zdb_path_directory(zdb_reader_source(self->reader)->name, &err);
	zdbpg_check(err.code, &err);
	*path = zdb_path_in(*directory, &facts, ZDB_CODEC_GZIP, &err);
	zdbpg_check(err.code, &err);
	return zdbpg_path(*path, true);
}

static zdb_age_recipients *
prebackup_recipients(const zdbpg_call *call)
{
	zdb_age_recipients *recipients = zdbpg_recipients();
	zdb_err err = {0};

	zdbpg_check(
		zdb_crypt_prebackup(call->settings, call->keys, recipients, &err),
		&err);
	return recipients;
}

static void
take_prebackup(zdbpg_restore *self)
{
	const zdb_options *options = &self->call->options;
	zdbpg_backup_request request = {
		.type = "full",
		.label = ZDB_LABEL_PREBACKUP,
		.verify = ZDB_LEVEL_DATA,
		.jobs = options->jobs,
		.exact = options->prebackup_to == NULL,
	};
	json_t *report;

	if (!options->prebackup || options->dry_run)
	{
		zdbpg_report(self->call, "prebackup", json_null());
		return;
	}
	request.recipients = prebackup_recipients(self->call);
	request.path =
		prebackup_path(self, zdb_age_recipients_count(request.recipients) > 0);
	report = json_pack("{}");
	zdbpg_report(self->call, "prebackup_report", report); /* owned */
	zdbpg_backup(self->call, &request, report);
	zdbpg_report(self->call, "prebackup",
				 json_incref(json_object_get(report, "path")));
	json_object_del(self->call->report, "prebackup_report");
}

static int64
count_rows(const char *schema, const char *name)
{
	Oid schema_oid = get_namespace_oid(schema, true);

	if (!OidIsValid(schema_oid) ||
		!OidIsValid(get_relname_relid(name, schema_oid)))
		return -1;
	return zdbpg_query_int64(
		psprintf("SELECT pg_catalog.count(*) FROM ONLY %s",
				 quote_qualified_identifier(schema, name)));
}

static void
count_before(zdbpg_survey *survey)
{
	ListCell *cell;

	foreach(cell, survey->tables)
	{
		zdbpg_loaded *table = lfirst(cell);

		table->rows_before = count_rows(table->schema, table->name);
	}
}

static void
replace(void *arg)
{
	zdbpg_restore *self = arg;
	const zdb_options *options = &self->call->options;

	if (options->tables.count > 0 && !zdb_reader_footer(self->reader))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a script without an index cannot be restored by "
						"tables"),
				 errhint("Restore all of it, or with \"target\": "
						 "\"test\".")));
	if (options->tables.count > 0 || self->data_only)
	{
		zdbpg_restore_rows(self, &options->tables);
		return;
	}
	count_before(self->survey);
	zdbpg_restore_replace(self);
}

static void
report_tables(zdbpg_restore *self)
{
	json_t *list = json_array();
	int64 rows = 0;
	ListCell *cell;

	zdbpg_report(self->call, "tables", list);
	foreach(cell, self->survey->tables)
	{
		const zdbpg_loaded *table = lfirst(cell);

		rows += table->rows_after;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:o, s:o}", "schema",
							zdbpg_to_utf8(table->schema), "table",
							zdbpg_to_utf8(table->name), "rows_before",
							zdb_report_count(table->rows_before), "rows_after",
							json_integer(table->rows_after)));
	}
	zdbpg_report(self->call, "rows", json_integer(rows));
}

static void
restore_here(zdbpg_restore *self)
{
	if (self->call->options.tables.count > 0 || self->data_only)
		self->survey = zdbpg_survey_new();
	else
		self->survey = zdbpg_survey_script(self->reader);
	take_prebackup(self);
	if (self->call->options.dry_run)
		zdbpg_rehearse(replace, self);
	else
		replace(self);
	report_tables(self);
}

static void
merge(zdbpg_call *call, const char *path, bool here)
{
	const zdb_options *options = &call->options;

	if (!here || options->tables.count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"target\" and \"tables\" do not go with "
						"the strategy \"merge\" and \"create_missing\""),
				 errhint("The policy chooses tables: {\"policy\": {\"tables\":"
						 " {\"logs\": false}}}.")));
	zdbpg_merge(call, path,
				options->policy ? zdbpg_from_utf8(options->policy) : NULL);
}

static void
run_restore(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	const zdb_options *options = &call->options;
	const char *target = zdbpg_from_utf8(options->target);
	bool here = strcmp(target, "db") == 0;
	zdbpg_restore *self;

	if (strcmp(options->strategy, "merge") == 0 || options->create_missing)
	{
		merge(call, call->path, here);
		return;
	}
	self = open_restore(call, call->path);
	if (strcmp(target, "test") == 0)
		target = psprintf("%s_test", get_database_name(MyDatabaseId));
	if (here)
		PreventCommandIfReadOnly("zdb_restore_from()");
	verify_backup(self);
	zdbpg_report(call, "target",
				 json_string(zdbpg_to_utf8(
					 here ? get_database_name(MyDatabaseId) : target)));
	zdbpg_report(call, "strategy", json_string(options->strategy));
	zdbpg_report(call, "dry_run", json_boolean(options->dry_run));
	if (here)
		restore_here(self);
	else
		zdbpg_restore_new(self, target);
}

Datum
zdbpg_fn_restore(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_RESTORE, 1, run_restore);
}
