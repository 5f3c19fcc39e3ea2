/*
 * fn_prune - zdb_prune(repository, keep [, options])
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "pg_ext/call.h"

#include "core/job/prune.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_prune);

/* The second argument as JSON text: three overloads share this function. */
static char *
keep_text(FunctionCallInfo fcinfo)
{
	Jsonb *json;

	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("\"keep\" is null")));
	switch (get_fn_expr_argtype(fcinfo->flinfo, 1))
	{
		case INT4OID:
			return psprintf("%d", PG_GETARG_INT32(1));
		case JSONBOID:
			json = PG_GETARG_JSONB_P(1);
			return JsonbToCString(NULL, &json->root, VARSIZE(json));
		default:
			return text_to_cstring(PG_GETARG_TEXT_PP(1));
	}
}

static void
free_json(void *value)
{
	json_decref(value);
}

static void
run_prune(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_prune_request request = {.repository = zdbpg_repository(call),
								 .dry_run = call->options.dry_run};
	json_t **json = palloc0(sizeof *json);
	json_error_t where;
	zdb_err err = {0};

	zdbpg_own((void **) json, free_json);
	*json = json_loads(zdbpg_to_utf8(keep_text(fcinfo)),
					   JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &where);
	zdbpg_check(zdb_keep_parse(*json, &request.keep, &err), &err);
	zdbpg_report(call, "path", json_string(zdbpg_to_utf8(call->path)));
	zdbpg_check(zdb_prune(&request, call->report, call->warnings, &err), &err);
}

Datum
zdbpg_fn_prune(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_PRUNE, 2, run_prune);
}
