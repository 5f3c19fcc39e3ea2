/*
 * fn_health - zdb_health(repository [, options])
 */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/alerts.h"
#include "core/job/health.h"
#include "core/job/path.h"
#include "sqlite_ext/run_due.h"

/* Whoever looks at one database only does not speak for the repository. */
static void
tell(zdblite_call *call, const zdb_repository *repository)
{
	char *database =
		zdb_path_database(sqlite3_db_filename(call->db, "main"), &call->err);
	zdb_notice notice = {.operation = "health",
						 .database = database,
						 .engine = "sqlite",
						 .details = call->report,
						 .now_us = zdb_now_us()};

	if (!call->err.code && !call->options.database)
		zdb_alerts_tell(repository, &notice, &call->settings, call->warnings);
	zdb_free(database);
}

static void
judge(zdblite_call *call)
{
	zdb_repository repository = zdblite_repository(call);
	zdb_health_request request = {.limits = &call->options.limits,
								  .database = call->options.database};
	zdb_arena arena = {0};

	zdblite_report(call, "path", json_string(call->path));
	if (zdblite_jobs_health(call, &arena, &request) == ZDB_OK &&
		zdb_health(&repository, &request, call->report, &call->err) == ZDB_OK)
		tell(call, &repository);
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
