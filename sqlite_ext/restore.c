/*
 * restore - bring a backup back
 */
#include "sqlite_ext/restore.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/job/path.h"
#include "core/job/report.h"
#include "sqlite_ext/check.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/merge.h"
#include "sqlite_ext/open.h"
#include "sqlite_ext/restore_file.h"
#include "sqlite_ext/restore_live.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"
#include "sqlite_ext/verify.h"

/* The file a target means; NULL (without error) for the live database. */
static char *
target_file(zdblite_call *call)
{
	const char *target = call->options.target;
	const char *live = sqlite3_db_filename(call->db, call->options.schema);
	char *directory = NULL, *database = NULL, *file = NULL;
	zdb_err *err = &call->err;

	if (strcmp(target, "db") == 0 || zdb_path_check_local(target, err))
		return NULL;
	if (strcmp(target, "test") != 0)
		return zdb_strdup(target, err);
	if (!live || !*live)
	{
		zdb_err_set(err, ZDB_USAGE,
					"a database without a file has no place "
					"for a test restore");
		zdb_err_hint(err, "Give a path as target.");
		return NULL;
	}
	directory = zdb_path_directory(live, err);
	database = zdb_path_database(live, err);
	if (directory && database)
		file = zdb_format(err, "%s/%s.test.db", directory, database);
	zdb_free(directory);
	zdb_free(database);
	return file;
}

static zdb_rc
merge(zdblite_call *call, const char *path)
{
	if (strcmp(call->options.target, "db") == 0 &&
		call->options.tables.count == 0)
		return zdblite_merge(call, path, call->options.policy);
	zdb_err_set(&call->err, ZDB_USAGE,
				"options \"target\" and \"tables\" do not go with the "
				"strategy \"merge\"");
	zdb_err_hint(&call->err, "The policy chooses tables: {\"policy\": "
							 "{\"tables\": {\"logs\": false}}}.");
	return call->err.code;
}

static zdb_rc
replace(zdblite_call *call, zdb_reader *reader)
{
	zdb_err *err = &call->err;
	char *file;

	if (zdb_report_file(reader, call->report, err))
		return err->code;
	zdblite_report(call, "strategy", json_string(call->options.strategy));
	zdblite_report(call, "dry_run", json_boolean(call->options.dry_run));
	file = target_file(call);
	if (!err->code)
		zdblite_report(call, "target", json_string(file ? file : "db"));
	if (!err->code && file)
		zdblite_restore_file(call, reader, file);
	else if (!err->code)
		zdblite_restore_live(call, reader);
	zdb_free(file);
	return err->code;
}

zdb_rc
zdblite_restore(zdblite_call *call, const char *path)
{
	zdb_reader *reader;

	call->phase = "restore";
	if (strcmp(call->options.strategy, "merge") == 0)
		return merge(call, path);
	if (zdblite_open(call, ZDB_PURPOSE_RESTORE, path, call->options.at,
					 &reader) == ZDB_OK)
		replace(call, reader);
	zdb_reader_free(reader);
	return call->err.code;
}
