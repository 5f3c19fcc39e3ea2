/*
 * fn_restore - zdb_restore_from(path [, options])
 */
#include "sqlite_ext/restore.h"
#include "sqlite_ext/sql.h"

void
zdblite_fn_restore(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_RESTORE, argv[0],
						  argc > 1 ? argv[1] : NULL) == ZDB_OK)
		zdblite_restore(&call, call.path);
	zdblite_call_close(&call);
}
