/*
 * backup - one backup from snapshot to visible, verified file
 */
#include "core/base/version.h"
#include "sqlite_ext/backup.h"

#include <string.h>

#include "core/archive/reader.h"
#include "core/archive/writer.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/job/path.h"
#include "core/job/replaced.h"
#include "core/job/report.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/incremental.h"
#include "sqlite_ext/script_dump.h"
#include "sqlite_ext/snapshot.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/subset.h"
#include "sqlite_ext/tables.h"
#include "sqlite_ext/verify.h"

/* What one backup opens. */
typedef struct backup
{
	zdblite_call *call;
	const zdblite_backup_request *request;
	zdb_codec codec;
	const char *type; /* "full" when an incremental one cannot be made */
	zdb_reader *base; /* or NULL */
	zdb_err no_base;  /* why, if one was wanted */
	bool unchanged;   /* since the base was made */
	char *database;
	char *path;
	char *scratch; /* what temporary copies stand beside */
	zdblite_snapshot snapshot;
	zdblite_subset subset;
	zdb_writer *writer;
	zdb_manifest manifest;
	zdb_level verified;
	uint8_t sha256[ZDB_SHA256_BYTES];
	bool hashed; /* sha256 is known */
	double started_s;
} backup;

static bool
is_type(const backup *self, const char *type)
{
	return strcmp(self->type, type) == 0;
}

/* Of the database file itself. */
static bool
is_image(const backup *self)
{
	return is_type(self, "full") || is_type(self, "incremental");
}

static bool
is_subset(const backup *self)
{
	return self->request->tables.count > 0 || self->request->exclude.count > 0;
}

static zdb_rc
check_request(const backup *self, zdb_err *err)
{
	bool incremental = strcmp(self->request->type, "incremental") == 0;

	if (!incremental && self->request->base)
		return zdb_err_set(err, ZDB_USAGE,
						   "option \"base\" is for type \"incremental\"");
	if (incremental && is_subset(self))
		return zdb_err_set(err, ZDB_USAGE,
						   "an incremental backup is one of all tables");
	if (incremental && self->codec.kind == ZDB_CODEC_NONE)
	{
		zdb_err_set(err, ZDB_USAGE,
					"an incremental backup is always compressed");
		zdb_err_hint(err, "Give it a name that ends in .gz or .zst, or the "
						  "option \"compress\".");
	}
	return err->code;
}

/* What it will stand on; without a base it becomes a full one. */
static zdb_rc
find_base(backup *self)
{
	self->type = self->request->type;
	if (strcmp(self->type, "incremental") != 0)
		return ZDB_OK;
	if (zdblite_base_open(self->call, self->request, self->codec,
						  self->database, &self->base, &self->no_base))
		return self->call->err.code;
	if (!self->base)
		self->type = "full";
	return ZDB_OK;
}

static zdb_rc
name_file(backup *self)
{
	const zdblite_backup_request *request = self->request;
	const char *live = sqlite3_db_filename(self->call->db, request->schema);
	zdb_repository repository = zdblite_repository(self->call);
	zdb_err *err = &self->call->err;
	char warning[160];
	zdb_path_facts facts = {
		.suffix = ".db",
		.now_us = self->manifest.created_us,
		.reach = zdblite_call_reach(self->call, NULL),
		.encrypted = zdb_age_recipients_count(request->recipients) > 0,
	};

	if (zdb_path_codec(request->path, request->compress, &self->codec, err) ||
		check_request(self, err))
		return err->code;
	self->database = zdb_path_database(live, err);
	if (!self->database || find_base(self))
		return err->code;
	facts.type = self->type;
	facts.partial = is_subset(self);
	if (!is_image(self))
		facts.suffix = ".sql";
	facts.database = self->database;
	self->path = request->exact ? zdb_strdup(request->path, err)
								: zdb_path_resolve(request->path, &facts,
												   self->codec.kind, err);
	if (!self->path)
		return err->code;
	if (zdb_path_suffix_lies(self->path, self->codec.kind, warning,
							 sizeof warning))
		zdblite_warn(self->call, "%s", warning);
	if (zdblite_check_not_live(self->call->db, self->path, err))
		return err->code;
	if (!zdb_store_scheme(self->path) &&
		zdb_file_check_free(self->path, request->overwrite, err))
		return err->code;
	return request->overwrite
			   ? zdb_replaced_check(&repository, self->path, err)
			   : ZDB_OK;
}

static zdb_rc
set_text(char **slot, const char *text, zdb_err *err)
{
	zdb_free(*slot);
	*slot = zdb_strdup(text, err);
	return err->code;
}

static zdb_rc
fill_manifest(backup *self)
{
	zdb_manifest *manifest = &self->manifest;
	zdb_err *err = &self->call->err;
	bool image = is_image(self);

	manifest->format = ZDB_FORMAT_VERSION;
	manifest->content = image ? ZDB_CONTENT_IMAGE : ZDB_CONTENT_SCRIPT;
	manifest->partial = is_subset(self);
	manifest->page_size = image ? self->snapshot.page_size : 0;
	set_text(&manifest->tool, "zdbackup " ZDB_VERSION, err);
	set_text(&manifest->engine, "sqlite", err);
	set_text(&manifest->engine_version, sqlite3_libversion(), err);
	set_text(&manifest->database, self->database, err);
	set_text(&manifest->type, self->type, err);
	set_text(&manifest->encoding, self->snapshot.encoding, err);
	if (self->request->label)
		set_text(&manifest->label, self->request->label, err);
	return err->code;
}

static zdb_rc
write_script(backup *self, const zdb_writer_options *writer_options)
{
	const zdblite_backup_request *request = self->request;
	zdblite_script_options options = {
		.db = self->snapshot.db,
		.schema = self->snapshot.schema,
		.encoding = self->snapshot.encoding,
		.want_data = is_type(self, "data"),
		.tables = &request->tables,
		.exclude = &request->exclude,
		.chunk_bytes = zdb_codec_chunk_bytes(self->codec),
		.manifest = &self->manifest,
		.host = &self->call->host,
	};

	if (zdb_writer_open(writer_options, &self->writer, &self->call->err))
		return self->call->err.code;
	options.writer = self->writer;
	return zdblite_script_dump(&options, &self->call->err);
}

static zdb_rc
write_image(backup *self, const zdb_writer_options *writer_options)
{
	sqlite3 *db = self->snapshot.db;
	const char *schema = self->snapshot.schema;

	/* to measure tables is to read them once more, in another order: half of
	 * what an incremental backup takes */
	if (zdblite_tables_count(self->call, db, schema, &self->manifest) ||
		(!self->base &&
		 zdblite_tables_measure(self->call, db, schema, &self->manifest)))
		return self->call->err.code;
	return zdblite_snapshot_write(&self->snapshot, self->call, writer_options,
								  self->scratch, &self->writer);
}

/* The database is as it was: it need not be read. */
static zdb_rc
write_references(backup *self, const zdb_writer_options *writer_options)
{
	zdb_writer_options options = *writer_options;
	zdb_err *err = &self->call->err;

	options.page_sums = true;
	if (zdb_writer_open(&options, &self->writer, err))
		return err->code;
	return zdblite_refer_all(self->writer, self->base, &self->manifest,
							 &self->call->host, err);
}

/* Was it changed since the base was made, as far as that can be told? */
static zdb_rc
compare_state(backup *self)
{
	const zdblite_snapshot *snapshot = &self->snapshot;
	zdb_err *err = &self->call->err;

	if (!is_image(self) || is_subset(self) ||
		zdblite_state_note(snapshot, &self->manifest, err))
		return err->code;
	if (!self->base)
		return ZDB_OK;
	if (zdb_reader_manifest(self->base)->page_size != snapshot->page_size)
		return zdb_err_set(err, ZDB_BUSY,
						   "the page size was changed meanwhile");
	self->unchanged = zdblite_state_same(&self->manifest, self->base);
	return ZDB_OK;
}

static zdb_rc
write_file(backup *self)
{
	zdblite_call *call = self->call;
	uint64_t bytes =
		(uint64_t) self->snapshot.pages * self->snapshot.page_size;
	zdb_writer_options options = {
		.to = zdblite_call_reach(call, self->path),
		.overwrite = self->request->overwrite,
		.codec = self->codec,
		.recipients = self->request->recipients,
		.base = self->base,
		.hash = self->request->verify < ZDB_LEVEL_DATA,
	};

	if (zdblite_call_runner(call, bytes / zdb_codec_chunk_bytes(self->codec)))
		return call->err.code;
	options.runner = call->runner;
	if (self->unchanged)
		write_references(self, &options);
	else if (is_image(self))
		write_image(self, &options);
	else
		write_script(self, &options);
	zdblite_snapshot_unpin(&self->snapshot);
	if (call->err.code)
		return call->err.code;
	if (is_image(self))
		self->manifest.pages = self->snapshot.pages;
	self->manifest.duration_s = zdb_monotonic_s() - self->started_s;
	return zdb_writer_seal(self->writer, &self->manifest, &call->err);
}

/* Read back what was written, before anybody can see it. */
static zdb_rc
verify_file(backup *self)
{
	zdblite_call *call = self->call;
	zdb_reader *reader = NULL;
	zdb_scan_result scan;

	if (zdb_writer_reader(self->writer, &reader, &call->err))
		return call->err.code;
	zdblite_verify(call, reader, self->request->verify, self->base != NULL,
				   &scan);
	zdb_reader_free(reader);
	self->verified = self->request->verify;
	if (!call->err.code && !scan.complete)
		return zdb_writer_sha256(self->writer, &call->host, self->sha256,
								 &self->hashed, &call->err);
	memcpy(self->sha256, scan.file_sha256, sizeof self->sha256);
	self->hashed = true;
	return call->err.code;
}

static void
fill_report(const backup *self, json_t *report)
{
	zdb_report_facts facts = {
		.path = self->path,
		.codec = self->codec,
		.manifest = &self->manifest,
		.totals = zdb_writer_totals_get(self->writer),
		.jobs = self->call->runner->width,
		.verified = self->verified,
		.sha256 = self->hashed ? self->sha256 : NULL,
		.recipients = zdb_age_recipients_count(self->request->recipients),
		.full_because = self->no_base.code ? self->no_base.msg : NULL,
	};

	if (self->base)
	{
		const zdb_chain *chain = zdb_writer_chain(self->writer);

		facts.base = zdb_reader_source(self->base)->name;
		facts.base_id = chain->list[chain->count - 1].id;
	}
	zdb_report_backup(&facts, report);
	if (self->base)
		json_object_set_new(report, "unchanged",
							json_boolean(self->unchanged));
}

static void
clear(backup *self)
{
	zdb_writer_free(self->writer);
	zdb_reader_free(self->base);
	zdblite_snapshot_close(&self->snapshot);
	zdblite_subset_close(&self->subset);
	zdb_manifest_clear(&self->manifest);
	zdb_free(self->database);
	zdb_free(self->path);
	zdb_free(self->scratch);
}

/* The database to copy: the call's own, or a scratch copy of some tables. */
static zdb_rc
take_snapshot(backup *self)
{
	const zdblite_backup_request *request = self->request;
	sqlite3 *db = self->call->db;
	const char *schema = request->schema;
	zdb_err *err = &self->call->err;

	/* what is not encrypted stays where the database is */
	self->scratch = zdb_store_scheme(self->path) ||
							zdb_age_recipients_count(request->recipients)
						? zdblite_scratch_base(self->call, schema)
						: zdb_strdup(self->path, err);
	if (!self->scratch ||
		zdblite_snapshot_open(&self->snapshot, db, schema, err))
		return err->code;
	if (!is_type(self, "full") || !is_subset(self))
		return ZDB_OK;
	if (zdblite_subset_open(&self->subset, self->call, &self->snapshot,
							request, self->scratch))
		return err->code;
	zdblite_snapshot_close(&self->snapshot);
	return zdblite_snapshot_open(&self->snapshot, self->subset.db, "main",
								 err);
}

zdb_rc
zdblite_backup(zdblite_call *call, const zdblite_backup_request *request,
			   json_t *report)
{
	backup self = {
		.call = call, .request = request, .started_s = zdb_monotonic_s()};
	zdb_err *err = &call->err;

	call->phase = "backup";
	self.manifest.created_us = zdb_now_us();
	if (name_file(&self) == ZDB_OK && take_snapshot(&self) == ZDB_OK &&
		fill_manifest(&self) == ZDB_OK && compare_state(&self) == ZDB_OK &&
		write_file(&self) == ZDB_OK && verify_file(&self) == ZDB_OK &&
		zdb_writer_finish(self.writer, self.hashed ? self.sha256 : NULL,
						  err) == ZDB_OK)
		fill_report(&self, report);
	clear(&self);
	return err->code;
}
