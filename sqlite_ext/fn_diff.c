/*
 * fn_diff - SELECT * FROM zdb_diff(path [, options])
 */
#include "core/base/mem.h"
#include "sqlite_ext/diff.h"
#include "sqlite_ext/vtab_json.h"

static void
open_diff(zdblite_call *call, sqlite3_value *options, void **stream)
{
	zdblite_diff *diff = zdb_calloc(1, sizeof *diff);
	const char *text = NULL;

	*stream = diff;
	if (!diff)
		zdb_err_nomem(&call->err);
	else if (options && sqlite3_value_type(options) != SQLITE_NULL)
		text = zdblite_call_text(call, options, "options");
	if (!call->err.code)
		zdblite_diff_open(diff, call, text);
}

static sqlite3_stmt *
next_row(void *stream)
{
	return zdblite_diff_next(stream);
}

static void
close_diff(void *stream)
{
	zdblite_diff_close(stream);
	zdb_free(stream);
}

static const char *const columns[] = {"table", "kind",   "key",  "columns",
									  "live",  "backup", "rows", NULL};

static const zdblite_row_stream stream = {open_diff, next_row, close_diff};

const zdblite_row_function zdblite_diff_rows = {
	.name = "zdb_diff",
	.argument = "path",
	.usage = "zdb_diff('app.db.gz')",
	.kind = ZDB_CALL_DIFF,
	.columns = columns,
	.stream = &stream,
};
