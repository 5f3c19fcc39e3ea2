/*
 * fn_probe - zdb_probe(url)
 */
#include "core/job/probe.h"
#include "sqlite_ext/call.h"

void
zdblite_fn_probe(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;

	(void) argc;
	if (zdblite_call_open(&call, ctx, ZDB_CALL_LIST, argv[0], NULL) == ZDB_OK)
	{
		zdb_store_options where = zdblite_call_reach(&call, call.path);

		zdb_probe(&where, call.report, &call.err);
	}
	zdblite_call_close(&call);
}
