/*
 * fn_merge - zdb_merge_from(path [, policy])
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "pg_ext/merge.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_merge_text);
PG_FUNCTION_INFO_V1(zdbpg_fn_merge_json);

static void
run_text(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdbpg_merge(call, call->path,
				PG_NARGS() > 1 && !PG_ARGISNULL(1)
					? text_to_cstring(PG_GETARG_TEXT_PP(1))
					: NULL);
}

static void
run_json(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	const char *policy = NULL;

	if (!PG_ARGISNULL(1))
	{
		Jsonb *json = PG_GETARG_JSONB_P(1);

		policy = JsonbToCString(NULL, &json->root, VARSIZE(json));
	}
	zdbpg_merge(call, call->path, policy);
}

Datum
zdbpg_fn_merge_text(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_MERGE, -1, run_text);
}

Datum
zdbpg_fn_merge_json(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_MERGE, -1, run_json);
}
