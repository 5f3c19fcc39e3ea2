/*
 * fn_notify - zdb_notify(event [, details])
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "pg_ext/call.h"

#include "core/base/text.h"
#include "core/notify/notify.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_notify);

static void
run_notify(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_notice notice = {
		.database = call->database,
		.engine = "postgresql",
		.now_us = zdb_now_us(),
	};
	const char *event, *details = NULL;
	zdb_err err = {0};

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the event is null")));
	event = zdbpg_to_utf8(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (!PG_ARGISNULL(1))
		details = zdbpg_jsonb_text(PG_GETARG_JSONB_P(1));
	zdbpg_check(zdb_notify_ask(event, details, &notice, call->settings,
							   &call->host, call->report, &err),
				&err);
}

Datum
zdbpg_fn_notify(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_NOTIFY, -1, run_notify);
}
