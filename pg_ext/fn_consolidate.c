/*
 * fn_consolidate - zdb_consolidate(path, to [, options])
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "pg_ext/open.h"
#include "pg_ext/verify.h"

#include "core/base/mem.h"
#include "core/job/consolidated.h"
#include "core/job/report.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_consolidate);

typedef struct consolidation
{
	zdbpg_call *call; /* its path is where to */
	zdb_reader *reader;
	const zdb_age_recipients *recipients;
	zdb_codec codec;
	char *path;
	zdb_runner runner;
	zdb_consolidated made;
	zdb_reader *written;
	uint8_t sha256[ZDB_SHA256_BYTES];
	bool hashed;
} consolidation;

static void
free_writer(void *writer)
{
	zdb_writer_free(writer);
}

static void
write_file(consolidation *self)
{
	zdbpg_call *call = self->call;
	zdb_writer_options options = {
		.to = zdbpg_call_reach(call, self->path),
		.overwrite = call->options.overwrite,
		.codec = self->codec,
		.recipients = self->recipients,
		.runner = &self->runner,
		.hash = call->options.level < ZDB_LEVEL_DATA,
	};
	zdb_err err = {0};

	zdbpg_check(zdb_consolidate(self->reader, &options, call->options.label,
								&call->host, &self->made, &err),
				&err);
}

static void
verify_file(consolidation *self)
{
	zdbpg_call *call = self->call;
	zdb_writer *writer = self->made.writer;
	zdb_scan_result scan;
	zdb_err err = {0};

	zdbpg_check(zdb_writer_reader(writer, &self->written, &err), &err);
	zdbpg_check(zdbpg_verify(call, self->written, call->options.level, false,
							 call->options.jobs, &scan, &err),
				&err);
	zdb_reader_free(self->written);
	self->written = NULL;
	self->hashed = scan.complete;
	if (scan.complete)
		memcpy(self->sha256, scan.file_sha256, sizeof self->sha256);
	else
		zdbpg_check(zdb_writer_sha256(writer, &call->host, self->sha256,
									  &self->hashed, &err),
					&err);
}

static void
report(const consolidation *self)
{
	zdbpg_call *call = self->call;
	const char *source = zdb_reader_source(self->reader)->name;
	zdb_report_facts facts = {
		.path = zdbpg_to_utf8(self->path),
		.codec = self->codec,
		.manifest = &self->made.manifest,
		.totals = zdb_writer_totals_get(self->made.writer),
		.jobs = 1,
		.verified = call->options.level,
		.sha256 = self->hashed ? self->sha256 : NULL,
		.recipients = zdb_age_recipients_count(self->recipients),
	};

	zdb_report_backup(&facts, call->report);
	zdbpg_report(call, "source", json_string(zdbpg_to_utf8(source)));
	zdbpg_report(call, "chunks_copied",
				 json_integer((json_int_t) self->made.copied));
	zdbpg_report(call, "chunks_compressed",
				 json_integer((json_int_t) self->made.encoded));
}

static void
run_consolidate(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	consolidation *self = palloc0(sizeof *self);
	zdb_repository repository = zdbpg_repository(call);
	char *from;
	zdb_err err = {0};

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the path is null")));
	from = zdbpg_path(text_to_cstring(PG_GETARG_TEXT_PP(0)), false);
	self->call = call;
	self->runner = zdb_runner_inline();
	zdbpg_own_text(&self->path);
	zdbpg_own((void **) &self->made.writer, free_writer);
	zdbpg_own((void **) &self->made.tables, zdb_free);
	zdbpg_own_reader(&self->written);
	self->recipients = zdbpg_call_recipients(call);
	self->reader =
		zdbpg_open(call, ZDB_PURPOSE_RESTORE, from, call->options.at);
	self->path = zdb_consolidated_path(
		call->path, &call->options, self->reader, &repository,
		zdb_age_recipients_count(self->recipients) > 0, &self->codec, &err);
	zdbpg_check(err.code, &err);
	zdbpg_check(
		zdb_consolidated_warn(self->reader,
							  zdb_age_recipients_count(self->recipients) > 0,
							  call->warnings, &err),
		&err);
	write_file(self);
	verify_file(self);
	zdbpg_check(zdb_writer_finish(self->made.writer,
								  self->hashed ? self->sha256 : NULL, &err),
				&err);
	report(self);
}

Datum
zdbpg_fn_consolidate(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_CONSOLIDATE, 2, run_consolidate);
}
