/*
 * fn_health - zdb_health(repository [, options])
 */
#include "core/job/health.h"
#include "sqlite_ext/call.h"

void
zdblite_fn_health(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdb_repository repository;
	zdb_health_request request;
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_HEALTH, argv[0],
						  argc > 1 ? argv[1] : NULL) == ZDB_OK)
	{
		repository = zdblite_repository(&call);
		request = (zdb_health_request){.limits = &call.options.limits,
									   .database = call.options.database};
		zdblite_report(&call, "path", json_string(call.path));
		zdb_health(&repository, &request, call.report, &call.err);
	}
	zdblite_call_close(&call);
}
