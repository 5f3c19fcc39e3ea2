/*
 * fn_info - zdb_info(path [, options]) and zdb_version()
 */
#include <jansson.h>
#include <stdlib.h>

#include "core/base/version.h"
#include "core/archive/format.h"
#include "core/codec/libraries.h"
#include "core/job/outer.h"
#include "core/job/report.h"
#include "sqlite_ext/open.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"
#include "sqlite_ext/verify.h"

static void
result_json(sqlite3_context *ctx, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(6));

	if (text)
		sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_result_error_nomem(ctx);
	free(text);
	json_decref(value);
}

void
zdblite_fn_info(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const zdb_manifest *manifest;
	zdb_reader *reader = NULL;
	zdb_store_options file;
	zdblite_call call;
	bool outer;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_INFO, argv[0],
						  argc > 1 ? argv[1] : NULL))
		goto done;
	file = zdblite_call_reach(&call, call.path);
	if (zdb_outer_look(&file, &call.keys, &outer, call.report, &call.err) ||
		outer ||
		zdblite_open(&call, ZDB_PURPOSE_READ, call.path, call.options.at,
					 &reader) ||
		zdb_report_file(reader, call.report, &call.err))
		goto done;
	manifest = zdb_reader_manifest(reader);
	if (manifest)
		zdb_report_contents(manifest, call.report);

done:
	zdb_reader_free(reader);
	zdblite_call_close(&call);
}

void
zdblite_fn_version(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void) argc;
	(void) argv;
	result_json(ctx,
				json_pack("{s:s, s:i, s:s, s:s, s:o}", "zdbackup", ZDB_VERSION,
						  "format", ZDB_FORMAT_VERSION, "engine", "sqlite",
						  "engine_version", sqlite3_libversion(), "libraries",
						  zdb_libraries_json()));
}
