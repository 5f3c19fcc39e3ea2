/*
 * fn_health - zdb_health(repository [, options])
 */
#include "core/job/health.h"
#include "sqlite_ext/run_due.h"

static void
judge(zdblite_call *call)
{
	zdb_repository repository = zdblite_repository(call);
	zdb_health_request request = {.limits = &call->options.limits,
								  .database = call->options.database};
	zdb_arena arena = {0};

	zdblite_report(call, "path", json_string(call->path));
	if (zdblite_jobs_health(call, &arena, &request) == ZDB_OK)
		zdb_health(&repository, &request, call->report, &call->err);
	zdb_arena_clear(&arena);
}

void
zdblite_fn_health(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_HEALTH, argv[0],
						  argc > 1 ? argv[1] : NULL) == ZDB_OK)
		judge(&call);
	zdblite_call_close(&call);
}
