/*
 * fn_backup - zdb_backup_to(path [, compress [, options]])
 */
#include "core/job/copies.h"
#include "core/job/prune.h"
#include "sqlite_ext/backup.h"
#include "sqlite_ext/sql.h"

/* The compress argument: a boolean is an integer in SQLite. */
static zdb_rc
take_compress(zdblite_call *call, sqlite3_value *value, const char **compress)
{
	sqlite3_int64 number;

	if (sqlite3_value_type(value) == SQLITE_NULL)
		return ZDB_OK;
	if (sqlite3_value_type(value) == SQLITE_INTEGER)
	{
		number = sqlite3_value_int64(value);
		if (number != 0 && number != 1)
			return zdb_err_set(&call->err, ZDB_USAGE,
							   "compress must be true, false or a text");
		*compress = number ? "true" : "false";
		return ZDB_OK;
	}
	*compress = zdblite_call_text(call, value, "compress");
	return call->err.code;
}

static zdb_rc
check_options(zdblite_call *call, const char *compress)
{
	if (compress && call->options.compress)
	{
		zdb_err_set(&call->err, ZDB_USAGE, "compress is given twice");
		zdb_err_hint(&call->err, "Give it as the second argument or as an "
								 "option.");
	}
	return call->err.code;
}

/* Clean up, and copy what is there then. */
static void
follow_up(zdblite_call *call)
{
	zdb_repository repository = zdblite_repository(call);

	if (!call->options.has_keep ||
		zdb_prune_after(&repository, &call->options.keep, call->report,
						call->warnings, &call->err) == ZDB_OK)
		zdb_copies_after(&repository, call->report, call->warnings,
						 &call->err);
}

void
zdblite_fn_backup(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *compress = NULL;
	zdb_age_recipients recipients = {0};
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_BACKUP, argv[0],
						  argc > 2 ? argv[2] : NULL) ||
		(argc > 1 && take_compress(&call, argv[1], &compress)) ||
		check_options(&call, compress) ||
		zdb_crypt_recipients(&call.settings, call.options.encrypt_to,
							 call.options.passphrase_file, &recipients,
							 &call.err))
		goto done;
	if (zdblite_backup(
			&call,
			&(zdblite_backup_request){
				.path = call.path,
				.schema = call.options.schema,
				.type = call.options.type,
				.base = call.options.base,
				.compress = compress ? compress : call.options.compress,
				.label = call.options.label,
				.recipients = &recipients,
				.tables = call.options.tables,
				.exclude = call.options.exclude,
				.verify = call.options.level,
				.overwrite = call.options.overwrite,
			},
			call.report) == ZDB_OK)
		follow_up(&call);

done:
	zdb_age_recipients_clear(&recipients);
	zdblite_call_close(&call);
}
