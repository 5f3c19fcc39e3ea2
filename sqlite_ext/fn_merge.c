/*
 * fn_merge - zdb_merge_from(path [, policy])
 */
#include "core/job/path.h"
#include "core/job/report.h"
#include "sqlite_ext/merge.h"

void
zdblite_fn_merge(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdb_reader *reader = NULL;
	const char *path, *policy = NULL;
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_MERGE, NULL) == ZDB_OK)
	{
		path = zdblite_call_text(&call, argv[0], "path");
		if (path && argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL)
			policy = zdblite_call_text(&call, argv[1], "policy");
		if (!call.err.code &&
			zdb_path_check_local(path, &call.err) == ZDB_OK &&
			zdb_reader_open(path, &reader, &call.err) == ZDB_OK &&
			zdb_report_file(reader, call.report, &call.err) == ZDB_OK)
			zdblite_merge(&call, reader, policy);
		zdb_reader_free(reader);
	}
	zdblite_call_close(&call);
}
