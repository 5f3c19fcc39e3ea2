/*
 * fn_list - zdb_list(repository), zdb_history(repository)
 */
#include "postgres.h"

#include "pg_ext/call.h"

#include "core/job/catalog.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_list);
PG_FUNCTION_INFO_V1(zdbpg_fn_history);

static void
clear_catalog(void *catalog)
{
	zdb_catalog_clear(catalog);
}

static void
run_list(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_repository repository = zdbpg_repository(call);
	zdb_catalog *catalog = palloc0(sizeof *catalog);
	zdb_catalog **slot = palloc0(sizeof *slot);
	zdb_err err = {0};

	*slot = catalog;
	zdbpg_own((void **) slot, clear_catalog);
	zdbpg_check(zdb_catalog_read(&repository, catalog, &err), &err);
	zdbpg_check(zdb_catalog_rows(catalog, call->rows, &err), &err);
}

Datum
zdbpg_fn_list(PG_FUNCTION_ARGS)
{
	return zdbpg_call_rows(fcinfo, ZDB_CALL_LIST, -1, run_list);
}

static void
run_history(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_repository repository = zdbpg_repository(call);
	zdb_err err = {0};

	zdbpg_check(zdb_history_rows(&repository, call->rows, &err), &err);
}

Datum
zdbpg_fn_history(PG_FUNCTION_ARGS)
{
	return zdbpg_call_rows(fcinfo, ZDB_CALL_LIST, -1, run_history);
}
