/*
 * fn_probe - zdb_probe(url)
 */
#include "postgres.h"

#include "pg_ext/call.h"

#include "core/job/probe.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_probe);

static void
run_probe(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_store_options where =
		zdbpg_call_reach(call, zdbpg_path(call->path, true));
	zdb_err err = {0};

	zdbpg_check(zdb_probe(&where, call->report, &err), &err);
}

Datum
zdbpg_fn_probe(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_LIST, -1, run_probe);
}
