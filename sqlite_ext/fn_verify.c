/*
 * fn_verify - zdb_verify(path [, options])
 */
#include "core/job/check_sums.h"
#include "core/job/outer.h"
#include "core/job/report.h"
#include "sqlite_ext/open.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/verify.h"

static void
report_result(zdblite_call *call, const zdb_scan_result *result)
{
	zdblite_report(call, "sha256", zdb_report_sha256(result));
	if (!json_object_get(call->report, "bytes") && result->complete)
		zdblite_report(call, "bytes",
					   json_integer((json_int_t) result->raw_bytes));
}

static void
verify_path(zdblite_call *call, const char *path)
{
	zdb_scan_result result;
	zdb_reader *reader = NULL;
	zdb_store_options file = zdblite_call_reach(call, path);
	bool outer;

	zdblite_report(call, "path", json_string(path));
	zdblite_report(call, "level",
				   json_string(zdb_level_name(call->options.level)));
	if (zdb_outer_look(&file, &call->keys, &outer, call->report, &call->err))
		return;
	if (outer)
	{
		zdb_outer_verify(&file, call->options.level, call->report,
						 call->warnings, &call->err);
		return;
	}
	if (zdblite_open(call, ZDB_PURPOSE_READ, path, call->options.at, &reader))
		return;
	file = zdblite_call_reach(call, zdb_reader_source(reader)->name);
	if (zdb_report_file(reader, call->report, &call->err) == ZDB_OK &&
		zdblite_verify(call, reader, call->options.level, false, &result) ==
			ZDB_OK &&
		zdb_check_sums(&file, &result, call->report, call->warnings,
					   &call->err) == ZDB_OK)
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

	if (zdblite_call_open(&call, ctx, ZDB_CALL_VERIFY, argv[0],
						  argc > 1 ? argv[1] : NULL) == ZDB_OK)
	{
		verify_path(&call, call.path);
		if (call.err.code && !call.options.raise)
			zdb_report_failure(&call.err, call.report);
	}
	zdblite_call_close(&call);
}
