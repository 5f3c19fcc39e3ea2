/*
 * fn_entries - SELECT * FROM zdb_entries(path): what is in a backup
 *
 * From the backup's own manifest and index, so that a large file costs a few
 * small reads. A file without an index is opened as a database and its tables
 * are counted.
 */
#include "core/job/entries.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/open.h"
#include "sqlite_ext/tables.h"
#include "sqlite_ext/vtab_json.h"

/* No manifest: look into the database itself. */
static zdb_rc
count_foreign(zdblite_call *call, zdb_reader *reader, zdb_manifest *found)
{
	zdblite_image image = {0};

	if (zdblite_image_open(&image, call, reader, NULL) == ZDB_OK)
		zdblite_tables_count(call, image.db, "main", found);
	zdblite_image_close(&image);
	return call->err.code;
}

static void
load_entries(zdblite_call *call, json_t *rows)
{
	const zdb_manifest *manifest;
	zdb_reader *reader = NULL;
	zdb_manifest found = {0};

	if (zdblite_open(call, ZDB_PURPOSE_READ, call->path, call->options.at,
					 &reader) == ZDB_OK)
	{
		manifest = zdb_reader_manifest(reader);
		if (manifest || count_foreign(call, reader, &found) == ZDB_OK)
			zdb_entries_rows(reader, manifest ? manifest : &found, &call->host,
							 rows, &call->err);
	}
	zdb_manifest_clear(&found);
	zdb_reader_free(reader);
}

static const char *const columns[] = {"schema", "table",  "rows", "bytes",
									  "chunks", "sha256", NULL};

const zdblite_row_function zdblite_entries = {
	.name = "zdb_entries",
	.argument = "path",
	.usage = "zdb_entries('app.db.gz')",
	.kind = ZDB_CALL_INFO,
	.columns = columns,
	.load = load_entries,
};
