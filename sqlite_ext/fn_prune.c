/*
 * fn_prune - zdb_prune(repository, keep [, options])
 */
#include "core/job/prune.h"
#include "sqlite_ext/call.h"

/* A number of days, or rules as JSON text. */
static zdb_rc
take_keep(zdblite_call *call, sqlite3_value *value, zdb_keep *keep)
{
	json_t *json = NULL;
	json_error_t where;
	const char *text;

	if (sqlite3_value_type(value) == SQLITE_INTEGER)
		json = json_integer(sqlite3_value_int64(value));
	else
	{
		text = zdblite_call_text(call, value, "keep");
		if (!text)
			return call->err.code;
		json =
			json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &where);
	}
	zdb_keep_parse(json, keep, &call->err);
	json_decref(json);
	return call->err.code;
}

void
zdblite_fn_prune(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdb_prune_request request = {0};
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_PRUNE, argv[0],
						  argc > 2 ? argv[2] : NULL) == ZDB_OK &&
		take_keep(&call, argv[1], &request.keep) == ZDB_OK)
	{
		zdblite_report(&call, "path", json_string(call.path));
		request.repository = zdblite_repository(&call);
		request.dry_run = call.options.dry_run;
		zdb_prune(&request, call.report, call.warnings, &call.err);
	}
	zdblite_call_close(&call);
}
