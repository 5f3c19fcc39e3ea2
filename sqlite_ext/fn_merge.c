/*
 * fn_merge - zdb_merge_from(path [, policy])
 */
#include "sqlite_ext/merge.h"

void
zdblite_fn_merge(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *policy = NULL;
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_MERGE, argv[0], NULL) == ZDB_OK)
	{
		if (argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL)
			policy = zdblite_call_text(&call, argv[1], "policy");
		if (!call.err.code)
			zdblite_merge(&call, call.path, policy);
	}
	zdblite_call_close(&call);
}
