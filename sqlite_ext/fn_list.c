/*
 * fn_list - SELECT * FROM zdb_list(repository): the backups that are there
 */
#include "core/job/catalog.h"
#include "sqlite_ext/vtab_rows.h"

static void
load_list(zdblite_call *call, const char *where, json_t *rows)
{
	zdb_catalog catalog;

	if (zdb_catalog_read(where, &call->host, &catalog, &call->err) == ZDB_OK)
		zdb_catalog_rows(&catalog, rows, &call->err);
	zdb_catalog_clear(&catalog);
}

static const char *const columns[] = {
	"path",         "file",    "type",     "engine",   "engine_version",
	"database",     "created", "modified", "compress", "bytes",
	"stored_bytes", "rows",    "tables",   "label",    "base",
	"sha256",       "indexed", "error",    NULL};

const zdblite_rows zdblite_list = {
	.name = "zdb_list",
	.argument = "repository",
	.usage = "zdb_list('backups')",
	.kind = ZDB_CALL_LIST,
	.columns = columns,
	.load = load_list,
};
