/*
 * fn_report - zdb_report(repository, period [, format])
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "pg_ext/call.h"

#include "core/html/page.h"
#include "core/job/summary.h"
#include "pg_ext/jobs_health.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_report);
PG_FUNCTION_INFO_V1(zdbpg_fn_report_page);

static void
run_report(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_repository repository = zdbpg_repository(call);
	zdb_health_request request = {.limits = &call->options.limits};
	zdb_err err = {0};

	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the period is null")));
	zdbpg_jobs_health(call, &request);
	zdbpg_report(call, "path", json_string(zdbpg_to_utf8(call->path)));
	zdbpg_check(zdb_summary(&repository, &request,
							text_to_cstring(PG_GETARG_TEXT_PP(1)),
							call->report, &err),
				&err);
}

Datum
zdbpg_fn_report(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_REPORT, -1, run_report);
}

static void
run_page(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	const char *format =
		PG_ARGISNULL(2) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(2));
	zdb_err err = {0};

	if (strcmp(format, "html") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("format must be html, not \"%s\"", format),
						errhint("Leave it out to get JSON.")));
	run_report(call, fcinfo);
	zdbpg_check(zdb_page(call->report, &call->page, &err), &err);
}

Datum
zdbpg_fn_report_page(PG_FUNCTION_ARGS)
{
	return zdbpg_call_text(fcinfo, ZDB_CALL_REPORT, run_page);
}
