/*
 * fn_info - zdb_info(path), zdb_entries(path), zdb_version()
 */
#include "postgres.h"

#include "utils/guc.h"

#include "pg_ext/open.h"

#include "core/base/version.h"
#include "core/codec/libraries.h"
#include "core/job/entries.h"
#include "core/job/outer.h"
#include "core/job/report.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_info);
PG_FUNCTION_INFO_V1(zdbpg_fn_entries);
PG_FUNCTION_INFO_V1(zdbpg_fn_version);

static void
run_info(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_store_options file = zdbpg_call_reach(call, call->path);
	zdb_reader *reader;
	zdb_err err = {0};
	bool outer;

	zdbpg_check(zdb_outer_look(&file, call->keys, &outer, call->report, &err),
				&err);
	if (outer)
		return;
	reader = zdbpg_open(call, ZDB_PURPOSE_READ, call->path, call->options.at);
	zdbpg_check(zdb_report_file(reader, call->report, &err), &err);
	if (zdb_reader_manifest(reader))
		zdb_report_contents(zdb_reader_manifest(reader), call->report);
}

Datum
zdbpg_fn_info(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_INFO, 1, run_info);
}

static void
run_entries(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_reader *reader =
		zdbpg_open(call, ZDB_PURPOSE_READ, call->path, call->options.at);
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	zdb_err err = {0};

	if (!manifest)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" has no index of ours",
						zdb_reader_source(reader)->name),
				 errhint("Only a backup that zdbackup wrote can list its "
						 "tables.")));
	zdbpg_check(
		zdb_entries_rows(reader, manifest, &call->host, call->rows, &err),
		&err);
}

Datum
zdbpg_fn_entries(PG_FUNCTION_ARGS)
{
	return zdbpg_call_rows(fcinfo, ZDB_CALL_INFO, 1, run_entries);
}

Datum
zdbpg_fn_version(PG_FUNCTION_ARGS)
{
	return zdbpg_jsonb(json_pack(
		"{s:s, s:i, s:s, s:s, s:o}", "zdbackup", ZDB_VERSION, "format",
		ZDB_FORMAT_VERSION, "engine", "postgresql", "engine_version",
		GetConfigOption("server_version", false, false), "libraries",
		zdb_libraries_json()));
}
