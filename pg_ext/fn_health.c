/*
 * fn_health - zdb_health(repository [, options])
 */
#include "postgres.h"

#include "pg_ext/call.h"

#include "pg_ext/jobs_health.h"
#include "core/base/text.h"
#include "core/job/alerts.h"
#include "core/job/health.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_health);

static void
run_health(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_repository repository = zdbpg_repository(call);
	zdb_health_request request = {.limits = &call->options.limits,
								  .database = call->options.database};
	zdb_notice notice = {.operation = "health",
						 .database = call->database,
						 .engine = "postgresql",
						 .details = call->report,
						 .now_us = zdb_now_us()};
	zdb_err err = {0};

	zdbpg_jobs_health(call, &request);
	zdbpg_report(call, "path", json_string(zdbpg_to_utf8(call->path)));
	zdbpg_check(zdb_health(&repository, &request, call->report, &err), &err);
	/* who looks at one database only does not speak for the repository */
	if (call->may_write && !call->options.database)
		zdb_alerts_tell(&repository, &notice, call->settings, call->warnings);
}

Datum
zdbpg_fn_health(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_HEALTH, 1, run_health);
}
