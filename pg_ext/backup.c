/*
 * backup - one backup from snapshot to visible, verified file
 */
#include "pg_ext/backup.h"

#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "core/archive/reader.h"
#include "core/archive/writer.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/io/file.h"
#include "core/job/base.h"
#include "core/job/path.h"
#include "core/job/replaced.h"
#include "pg_ext/base.h"
#include "pg_ext/dump.h"
#include "pg_ext/parallel.h"
#include "pg_ext/verify.h"

#include "core/job/report.h"

/* What one backup opens; lives in the call's context. */
typedef struct backup
{
	zdbpg_call *call;
	const zdbpg_backup_request *request;
	zdb_codec codec;
	const char *type; /* as it was asked for, or "full" for want of a base */
	char *path;
	zdb_runner runner;
	zdb_writer *writer;
	zdb_reader *reader;
	zdb_reader *base;     /* or NULL: */
	zdb_err full_because; /* of that, if it was to be incremental */
	zdb_manifest manifest;
	zdb_manifest *manifest_slot;
	uint8_t sha256[ZDB_SHA256_BYTES];
	bool hashed; /* sha256 is known */
	int processes;
	double started_s;
} backup;

static void
free_writer(void *writer)
{
	zdb_writer_free(writer);
}

static void
clear_manifest(void *manifest)
{
	zdb_manifest_clear(manifest);
}

static backup *
open_backup(zdbpg_call *call, const zdbpg_backup_request *request)
{
	backup *self = palloc0(sizeof *self);

	self->call = call;
	self->request = request;
	self->runner = zdb_runner_inline();
	self->started_s = zdb_monotonic_s();
	self->manifest.created_us = zdb_now_us();
	self->manifest.partial =
		self->request->tables.count > 0 || self->request->exclude.count > 0;
	self->manifest_slot = &self->manifest;
	zdbpg_own((void **) &self->manifest_slot, clear_manifest);
	zdbpg_own_text(&self->path);
	zdbpg_own((void **) &self->writer, free_writer);
	zdbpg_own_reader(&self->reader);
	zdbpg_own_reader(&self->base);
	return self;
}

char *
zdbpg_database_file_name(void)
{
	char *name = get_database_name(MyDatabaseId);

	for (char *at = name; *at; at++)
		if (*at == '/' || (unsigned char) *at < 0x20)
			*at = '_';
	if (*name == '.')
		*name = '_';
	return name;
}

static void
choose_codec(backup *self)
{
	const zdbpg_backup_request *request = self->request;
	const char *compress = request->compress;
	zdb_err err = {0};

	if (!compress && *zdbpg_setting_compress &&
		zdb_path_is_directory(request->path))
		compress = zdbpg_setting_compress;
	zdbpg_check(zdb_path_codec(request->path, compress, &self->codec, &err),
				&err);
}

static void
check_request(const backup *self)
{
	const zdbpg_backup_request *request = self->request;
	bool incremental = strcmp(request->type, "incremental") == 0;

	if (!incremental && request->base)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"base\" is for type \"incremental\"")));
	if (incremental && self->codec.kind == ZDB_CODEC_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an incremental backup is always compressed"),
				 errhint("Give it a name that ends in .gz or .zst, or the "
						 "option \"compress\".")));
}

/* Without a base an incremental backup becomes a full one. */
static void
find_base(backup *self)
{
	const zdbpg_backup_request *request = self->request;
	zdbpg_base_wanted facts = {
		.unit_blocks = zdbpg_plan_unit_blocks(self->codec),
		.path = request->path,
		.host = &self->call->host,
	};
	zdb_base_wanted wanted = {
		.base = request->base ? zdbpg_path(request->base, false) : NULL,
		.repository = zdbpg_repository(self->call),
		.engine = "postgresql",
		.database = self->call->database,
		.partial = self->manifest.partial,
		.fits = zdbpg_base_fits,
		.arg = &facts,
	};
	zdb_err err = {0};

	self->type = request->type;
	if (strcmp(request->type, "incremental") != 0)
		return;
	zdbpg_origin_now(GetTransactionSnapshot(), &facts.now);
	zdbpg_check(zdb_base_open(&wanted, &self->base, &self->full_because, &err),
				&err);
	if (!self->base)
		self->type = "full";
}

static void
name_file(backup *self)
{
	const zdbpg_backup_request *request = self->request;
	zdb_repository repository = zdbpg_repository(self->call);
	char warning[160];
	zdb_err err = {0};
	zdb_path_facts facts = {
		.database = zdbpg_database_file_name(),
		.type = self->type,
		.partial = self->manifest.partial,
		.suffix = ".sql",
		.now_us = self->manifest.created_us,
		.reach = zdbpg_call_reach(self->call, NULL),
		.encrypted = zdb_age_recipients_count(request->recipients) > 0,
	};

	self->path = request->exact ? zdb_strdup(request->path, &err)
								: zdb_path_resolve(request->path, &facts,
												   self->codec.kind, &err);
	zdbpg_check(err.code, &err);
	if (!zdb_store_scheme(self->path))
		zdbpg_check(zdb_file_check_free(self->path, request->overwrite, &err),
					&err);
	if (request->overwrite)
		zdbpg_check(zdb_replaced_check(&repository, self->path, &err), &err);
	if (zdb_path_suffix_lies(self->path, self->codec.kind, warning,
							 sizeof warning))
		zdbpg_warn(self->call, "%s", warning);
}

static void
set_text(char **slot, const char *text)
{
	zdb_err err = {0};

	*slot = zdb_strdup(zdbpg_to_utf8(text), &err);
	zdbpg_check(err.code, &err);
}

static void
fill_manifest(backup *self)
{
	zdb_manifest *manifest = &self->manifest;

	manifest->format = ZDB_FORMAT_VERSION;
	manifest->content = ZDB_CONTENT_SCRIPT;
	set_text(&manifest->tool, "zdbackup " ZDB_VERSION);
	set_text(&manifest->engine, "postgresql");
	set_text(&manifest->engine_version,
			 GetConfigOption("server_version", false, false));
	set_text(&manifest->database, get_database_name(MyDatabaseId));
	set_text(&manifest->type, self->type);
	set_text(&manifest->encoding, GetDatabaseEncodingName());
	if (self->request->label)
		set_text(&manifest->label, self->request->label);
}

static void
write_file(backup *self)
{
	const zdbpg_backup_request *request = self->request;
	zdb_writer_options options = {
		.to = zdbpg_call_reach(self->call, self->path),
		.overwrite = request->overwrite,
		.codec = self->codec,
		.recipients = request->recipients,
		.runner = &self->runner,
		.base = self->base,
		.hash = request->verify < ZDB_LEVEL_DATA,
	};
	zdbpg_dump_request dump = {
		.type = self->type,
		.tables = request->tables,
		.exclude = request->exclude,
		.include_foreign_data = request->include_foreign_data,
		.codec = self->codec,
		.jobs = zdbpg_parallel_jobs(request->jobs),
		.manifest = &self->manifest,
		.base = self->base,
	};
	zdb_err err = {0};

	zdbpg_check(zdb_writer_open(&options, &self->writer, &err), &err);
	dump.writer = self->writer;
	self->processes = zdbpg_dump(self->call, &dump);
	self->manifest.duration_s = zdb_monotonic_s() - self->started_s;
	zdbpg_check(zdb_writer_seal(self->writer, &self->manifest, &err), &err);
}

/* Read back what was written, before anybody can see it. */
static void
verify_file(backup *self)
{
	zdb_scan_result scan;
	zdb_err err = {0};

	zdbpg_check(zdb_writer_reader(self->writer, &self->reader, &err), &err);
	zdbpg_check(zdbpg_verify(self->call, self->reader, self->request->verify,
							 true, self->request->jobs, &scan, &err),
				&err);
	zdb_reader_free(self->reader);
	self->reader = NULL;
	self->hashed = scan.complete;
	if (scan.complete)
		memcpy(self->sha256, scan.file_sha256, sizeof self->sha256);
	else
		zdbpg_check(zdb_writer_sha256(self->writer, &self->call->host,
									  self->sha256, &self->hashed, &err),
					&err);
}

void
zdbpg_backup(zdbpg_call *call, const zdbpg_backup_request *request,
			 json_t *report)
{
	backup *self = open_backup(call, request);
	const zdb_chain *chain;
	zdb_report_facts facts;
	zdb_err err = {0};

	choose_codec(self);
	check_request(self);
	find_base(self);
	name_file(self);
	fill_manifest(self);
	write_file(self);
	chain = zdb_writer_chain(self->writer);
	verify_file(self);
	zdbpg_check(zdb_writer_finish(self->writer,
								  self->hashed ? self->sha256 : NULL, &err),
				&err);
	facts = (zdb_report_facts){
		.path = zdbpg_to_utf8(self->path),
		.codec = self->codec,
		.manifest = &self->manifest,
		.totals = zdb_writer_totals_get(self->writer),
		.jobs = self->processes,
		.verified = request->verify,
		.sha256 = self->hashed ? self->sha256 : NULL,
		.recipients = zdb_age_recipients_count(request->recipients),
		.base = self->base ? zdb_reader_source(self->base)->name : NULL,
		.base_id = self->base ? chain->list[chain->count - 1].id : NULL,
		.full_because =
			self->full_because.code ? self->full_because.msg : NULL,
	};
	zdb_report_backup(&facts, report);
}
