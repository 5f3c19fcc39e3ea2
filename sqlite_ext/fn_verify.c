/*
 * fn_verify - zdb_verify(path [, options])
 */
#include "core/job/path.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/verify.h"

static void
report_result(zdblite_call *call, const zdb_scan_result *result)
{
	zdblite_report(call, "sha256", zdblite_sha256_json(result));
	if (!json_object_get(call->report, "bytes") && result->complete)
		zdblite_report(call, "bytes",
					   json_integer((json_int_t) result->raw_bytes));
}

/* With "raise": false a bad backup is a result, not an error; a bad call
 * still is one. */
static void
report_failure(zdblite_call *call)
{
	zdb_err err = call->err;

	switch (err.code)
	{
		case ZDB_NOT_FOUND:
		case ZDB_PERMISSION:
		case ZDB_DAMAGED:
		case ZDB_FORMAT:
		case ZDB_MISMATCH:
			break;
		case ZDB_OK:
		case ZDB_NOMEM:
		case ZDB_CANCELLED:
		case ZDB_USAGE:
		case ZDB_EXISTS:
		case ZDB_DISK_FULL:
		case ZDB_IO:
		case ZDB_BUSY:
		case ZDB_UNSUPPORTED:
		case ZDB_INTERNAL:
			return;
	}
	zdb_err_clear(&call->err);
	zdblite_report(call, "ok", json_false());
	zdblite_report(call, "verified", json_false());
	zdblite_report(call, "error", json_string(err.msg));
	zdblite_report(call, "hint",
				   *err.hint ? json_string(err.hint) : json_null());
}

static void
verify_path(zdblite_call *call, const char *path)
{
	zdb_scan_result result;
	zdb_reader *reader = NULL;

	zdblite_report(call, "path", json_string(path));
	zdblite_report(call, "level",
				   json_string(zdb_level_name(call->options.level)));
	if (zdb_path_check_local(path, &call->err) ||
		zdb_reader_open(path, &reader, &call->err))
		return;
	if (zdblite_describe(call, reader, call->report) == ZDB_OK &&
		zdblite_verify(call, reader, call->options.level, &result) == ZDB_OK)
	{
		zdblite_report(call, "ok", json_true());
		zdblite_report(call, "verified",
					   json_string(zdb_level_name(call->options.level)));
		report_result(call, &result);
		if (!zdb_reader_footer(reader))
			zdblite_warn(call, "this file has no index of ours; it was "
							   "checked as far as its own format allows");
	}
	zdb_reader_free(reader);
}

void
zdblite_fn_verify(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;
	const char *path;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_VERIFY,
						  argc > 1 ? argv[1] : NULL) == ZDB_OK)
	{
		path = zdblite_call_text(&call, argv[0], "path");
		if (path)
			verify_path(&call, path);
		if (call.err.code && !call.options.raise)
			report_failure(&call);
	}
	zdblite_call_close(&call);
}
