/*
 * fn_list - zdb_list(repository), zdb_history(repository)
 */
#include "postgres.h"

#include "pg_ext/call.h"

#include "core/job/inventory.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_list);
PG_FUNCTION_INFO_V1(zdbpg_fn_history);

static void
clear_inventory(void *inventory)
{
	zdb_inventory_clear(inventory);
}

static void
run_list(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_repository repository = zdbpg_repository(call);
	zdb_inventory *inventory = palloc0(sizeof *inventory);
	zdb_inventory **slot = palloc0(sizeof *slot);
	zdb_err err = {0};

	*slot = inventory;
	zdbpg_own((void **) slot, clear_inventory);
	zdbpg_check(zdb_inventory_read(&repository, inventory, &err), &err);
	zdbpg_check(zdb_inventory_rows(inventory, call->rows, &err), &err);
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
