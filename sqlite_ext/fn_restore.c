/*
 * fn_restore - zdb_restore_from(path [, options])
 */
#include "sqlite_ext/restore.h"
#include "sqlite_ext/sql.h"

void
zdblite_fn_restore(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;
	const char *path;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_RESTORE,
						  argc > 1 ? argv[1] : NULL) == ZDB_OK)
	{
		path = zdblite_call_text(&call, argv[0], "path");
		if (path)
			zdblite_restore(&call, path);
	}
	zdblite_call_close(&call);
}
