/*
 * fn_report - zdb_report(repository, period [, format])
 */
#include <string.h>

#include "core/html/page.h"
#include "core/job/summary.h"
#include "sqlite_ext/run_due.h"

static zdb_rc
summarise(zdblite_call *call, sqlite3_value *period)
{
	const char *name = zdblite_call_text(call, period, "period");
	zdb_repository repository = zdblite_repository(call);
	zdb_health_request request = {.limits = &call->options.limits};
	zdb_arena arena = {0};

	zdblite_report(call, "path", json_string(call->path));
	if (name && zdblite_jobs_health(call, &arena, &request) == ZDB_OK)
		zdb_summary(&repository, &request, name, call->report, &call->err);
	zdb_arena_clear(&arena);
	return call->err.code;
}

/* The page is the result, in place of the report. */
static void
result_page(zdblite_call *call)
{
	zdb_buf page = {0};

	if (zdb_page(call->report, &page, &call->err) == ZDB_OK)
		sqlite3_result_text64(call->ctx, (const char *) page.data, page.len,
							  SQLITE_TRANSIENT, SQLITE_UTF8);
	zdb_buf_clear(&page);
}

/* Does the third argument ask for a page? */
static bool
wants_page(zdblite_call *call, int argc, sqlite3_value **argv)
{
	const char *format;

	if (argc < 3 || sqlite3_value_type(argv[2]) == SQLITE_NULL)
		return false;
	format = zdblite_call_text(call, argv[2], "format");
	if (format && strcmp(format, "html") == 0)
		return true;
	if (format && strcmp(format, "json") != 0)
		zdb_err_set(&call->err, ZDB_USAGE,
					"format must be html or json, not \"%s\"", format);
	return false;
}

void
zdblite_fn_report(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;
	bool page = false;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_REPORT, argv[0], NULL) ==
		ZDB_OK)
	{
		page = wants_page(&call, argc, argv);
		if (!call.err.code && summarise(&call, argv[1]) == ZDB_OK && page)
			result_page(&call);
	}
	if (page && !call.err.code)
		zdblite_call_end(&call);
	else
		zdblite_call_close(&call);
}
