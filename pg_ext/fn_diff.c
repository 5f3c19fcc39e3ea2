/*
 * fn_diff - zdb_diff(path [, options])
 */
#include "postgres.h"

#include "pg_ext/diff.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_diff);

static void
run_diff(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdbpg_diff(call,
			   PG_ARGISNULL(1) ? NULL : zdbpg_jsonb_text(PG_GETARG_JSONB_P(1)),
			   (ReturnSetInfo *) fcinfo->resultinfo);
}

Datum
zdbpg_fn_diff(PG_FUNCTION_ARGS)
{
	return zdbpg_call_rows(fcinfo, ZDB_CALL_DIFF, -1, run_diff);
}
