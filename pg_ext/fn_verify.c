/*
 * fn_verify - zdb_verify(path [, options])
 */
#include "pg_ext/open.h"
#include "pg_ext/verify.h"

#include "core/job/check_sums.h"
#include "core/job/outer.h"
#include "core/job/report.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_verify);

static void
verify_reader(zdbpg_call *call, zdb_reader *reader, zdb_err *err)
{
	zdb_level level = call->options.level;
	zdb_store_options file =
		zdbpg_call_reach(call, zdb_reader_source(reader)->name);
	zdb_scan_result result;

	if (zdb_report_file(reader, call->report, err) ||
		zdbpg_verify(call, reader, level, false, call->options.jobs, &result,
					 err) ||
		zdb_check_sums(&file, &result, call->report, call->warnings, err))
		return;
	zdbpg_report(call, "ok", json_true());
	zdbpg_report(call, "verified", json_string(zdb_level_name(level)));
	zdbpg_report(call, "sha256", zdb_report_sha256(&result));
	if (zdb_reader_footer(reader))
		return;
	if (result.complete)
		zdbpg_report(call, "bytes",
					 json_integer((json_int_t) result.raw_bytes));
	zdbpg_warn(call, "this file has no index of ours; it was checked as far "
					 "as its own format allows");
}

static void
verify_path(zdbpg_call *call, zdb_err *err)
{
	zdb_store_options file = zdbpg_call_reach(call, call->path);
	zdb_reader **reader = palloc0(sizeof *reader);
	bool outer;

	zdbpg_own_reader(reader);
	if (zdb_outer_look(&file, call->keys, &outer, call->report, err))
		return;
	if (outer)
		zdb_outer_verify(&file, call->options.level, call->report,
						 call->warnings, err);
	else if (zdbpg_open_into(call, ZDB_PURPOSE_READ, call->path,
							 call->options.at, reader, err) == ZDB_OK)
		verify_reader(call, *reader, err);
}

static void
run_verify(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_err err = {0};

	zdbpg_report(call, "path", json_string(zdbpg_to_utf8(call->path)));
	zdbpg_report(call, "level",
				 json_string(zdb_level_name(call->options.level)));
	verify_path(call, &err);
	if (err.code &&
		(call->options.raise || !zdb_report_failure(&err, call->report)))
		zdbpg_raise(&err);
}

Datum
zdbpg_fn_verify(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_VERIFY, 1, run_verify);
}
