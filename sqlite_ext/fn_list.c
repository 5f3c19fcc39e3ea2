/*
 * fn_list - SELECT * FROM zdb_list(repository), zdb_history(repository)
 */
#include "core/job/inventory.h"
#include "sqlite_ext/vtab_json.h"

static void
load_list(zdblite_call *call, json_t *rows)
{
	zdb_repository repository = zdblite_repository(call);
	zdb_inventory inventory;

	if (zdb_inventory_read(&repository, &inventory, &call->err) == ZDB_OK)
		zdb_inventory_rows(&inventory, rows, &call->err);
	zdb_inventory_clear(&inventory);
}

static const char *const list_columns[] = {
	"path",     "file",           "type",
	"engine",   "engine_version", "database",
	"created",  "modified",       "compress",
	"bytes",    "stored_bytes",   "rows",
	"tables",   "label",          "base",
	"verified", "verified_at",    "sha256",
	"indexed",  "error",          NULL};

const zdblite_row_function zdblite_list = {
	.name = "zdb_list",
	.argument = "repository",
	.usage = "zdb_list('backups')",
	.kind = ZDB_CALL_LIST,
	.columns = list_columns,
	.load = load_list,
};

static void
load_history(zdblite_call *call, json_t *rows)
{
	zdb_repository repository = zdblite_repository(call);

	zdb_history_rows(&repository, rows, &call->err);
}

static const char *const history_columns[] = {
	"line",     "operation",    "job",   "started",  "ended",  "duration_s",
	"outcome",  "code",         "error", "warnings", "file",   "type",
	"bytes",    "stored_bytes", "rows",  "verified", "sha256", "engine",
	"database", "host",         "pid",   "version",  NULL};

const zdblite_row_function zdblite_history = {
	.name = "zdb_history",
	.argument = "repository",
	.usage = "zdb_history('backups')",
	.kind = ZDB_CALL_LIST,
	.columns = history_columns,
	.load = load_history,
};
