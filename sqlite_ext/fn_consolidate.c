/*
 * fn_consolidate - zdb_consolidate(path, to [, options])
 */
#include <string.h>

#include "core/base/mem.h"
#include "core/job/consolidated.h"
#include "core/job/report.h"
#include "sqlite_ext/open.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/verify.h"

typedef struct consolidation
{
	zdblite_call *call; /* its path is where to */
	zdb_reader *reader;
	zdb_age_recipients recipients;
	zdb_codec codec;
	char *path;
	zdb_consolidated made;
	uint8_t sha256[ZDB_SHA256_BYTES];
	bool hashed;
} consolidation;

static zdb_rc
name_file(consolidation *self)
{
	zdblite_call *call = self->call;
	zdb_repository repository = zdblite_repository(call);
	bool encrypted = zdb_age_recipients_count(&self->recipients) > 0;

	self->path = zdb_consolidated_path(call->path, &call->options,
									   self->reader, &repository, encrypted,
									   &self->codec, &call->err);
	if (!self->path ||
		zdblite_check_not_live(call->db, self->path, &call->err))
		return call->err.code;
	return zdb_consolidated_warn(self->reader, encrypted, call->warnings,
								 &call->err);
}

static zdb_rc
write_file(consolidation *self)
{
	zdblite_call *call = self->call;
	const zdb_footer *footer = zdb_reader_footer(self->reader);
	zdb_writer_options options = {
		.to = zdblite_call_reach(call, self->path),
		.overwrite = call->options.overwrite,
		.codec = self->codec,
		.recipients = &self->recipients,
		.hash = call->options.level < ZDB_LEVEL_DATA,
	};

	if (zdblite_call_runner(call, footer ? footer->chunks : 1))
		return call->err.code;
	options.runner = call->runner;
	return zdb_consolidate(self->reader, &options, call->options.label,
						   &call->host, &self->made, &call->err);
}

static zdb_rc
verify_file(consolidation *self)
{
	zdblite_call *call = self->call;
	zdb_reader *reader;
	zdb_scan_result scan;

	if (zdb_writer_reader(self->made.writer, &reader, &call->err))
		return call->err.code;
	zdblite_verify(call, reader, call->options.level, false, &scan);
	zdb_reader_free(reader);
	if (!call->err.code && !scan.complete)
		return zdb_writer_sha256(self->made.writer, &call->host, self->sha256,
								 &self->hashed, &call->err);
	memcpy(self->sha256, scan.file_sha256, sizeof self->sha256);
	self->hashed = true;
	return call->err.code;
}

static void
report(const consolidation *self)
{
	zdblite_call *call = self->call;
	zdb_report_facts facts = {
		.path = self->path,
		.codec = self->codec,
		.manifest = &self->made.manifest,
		.totals = zdb_writer_totals_get(self->made.writer),
		.jobs = call->runner->width,
		.verified = call->options.level,
		.sha256 = self->hashed ? self->sha256 : NULL,
		.recipients = zdb_age_recipients_count(&self->recipients),
	};

	zdb_report_backup(&facts, call->report);
	zdblite_report(call, "source",
				   zdb_report_name(zdb_reader_source(self->reader)->name));
	zdblite_report(call, "chunks_copied",
				   json_integer((json_int_t) self->made.copied));
	zdblite_report(call, "chunks_compressed",
				   json_integer((json_int_t) self->made.encoded));
}

void
zdblite_fn_consolidate(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;
	consolidation self = {.call = &call};
	const char *from;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_CONSOLIDATE, argv[1],
						  argc > 2 ? argv[2] : NULL))
		goto done;
	call.phase = "consolidate";
	from = zdblite_call_text(&call, argv[0], "path");
	if (from &&
		zdb_crypt_recipients(&call.settings, call.options.encrypt_to,
							 call.options.passphrase_file, &self.recipients,
							 &call.err) == ZDB_OK &&
		zdblite_open(&call, ZDB_PURPOSE_RESTORE, from, call.options.at,
					 &self.reader) == ZDB_OK &&
		name_file(&self) == ZDB_OK && write_file(&self) == ZDB_OK &&
		verify_file(&self) == ZDB_OK &&
		zdb_writer_finish(self.made.writer, self.hashed ? self.sha256 : NULL,
						  &call.err) == ZDB_OK)
		report(&self);

done:
	zdb_writer_free(self.made.writer);
	zdb_free(self.made.tables);
	zdb_reader_free(self.reader);
	zdb_age_recipients_clear(&self.recipients);
	zdb_free(self.path);
	zdblite_call_close(&call);
}
