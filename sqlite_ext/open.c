/*
 * open - the backup that a path of the call means
 */
#include "sqlite_ext/open.h"

#include "core/base/mem.h"
#include "core/job/path.h"

zdb_rc
zdblite_open(zdblite_call *call, zdb_purpose purpose, const char *path,
			 const char *at, zdb_reader **out)
{
	const char *file = sqlite3_db_filename(call->db, call->options.schema);
	char *database = zdb_path_database(file, &call->err);
	zdb_wanted wanted = {.purpose = purpose,
						 .path = path,
						 .at = at,
						 .engine = "sqlite",
						 .database = database,
						 .host = &call->host,
						 .settings = &call->settings,
						 .keys = &call->keys,
						 .warnings = call->warnings};

	*out = NULL;
	if (database)
		zdb_backup_open(&wanted, out, &call->err);
	zdb_free(database);
	return call->err.code;
}
