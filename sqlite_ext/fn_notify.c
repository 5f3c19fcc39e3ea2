/*
 * fn_notify - zdb_notify(event [, details])
 */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/path.h"
#include "core/notify/notify.h"
#include "sqlite_ext/call.h"

static void
notify(zdblite_call *call, const char *event, const char *details)
{
	char *database =
		zdb_path_database(sqlite3_db_filename(call->db, "main"), &call->err);
	zdb_notice notice = {
		.database = database, .engine = "sqlite", .now_us = zdb_now_us()};

	if (database)
		zdb_notify_ask(event, details, &notice, &call->settings, &call->host,
					   call->report, &call->err);
	zdb_free(database);
}

void
zdblite_fn_notify(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *event, *details = NULL;
	zdblite_call call;

	zdblite_call_begin(&call, sqlite3_context_db_handle(ctx), ZDB_CALL_NOTIFY,
					   NULL);
	call.ctx = ctx;
	event = call.err.code ? NULL : zdblite_call_text(&call, argv[0], "event");
	if (event && argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL)
		details = zdblite_call_text(&call, argv[1], "details");
	if (!call.err.code)
		notify(&call, event, details);
	zdblite_call_close(&call);
}
