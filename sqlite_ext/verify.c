/*
 * verify - prove a backup, at one of three depths
 */
#include "sqlite_ext/verify.h"

#include "sqlite_ext/check.h"
#include "sqlite_ext/image.h"

/* Open it as a database and look inside. */
static zdb_rc
verify_restore(zdblite_call *call, zdb_reader *reader, zdb_scan_result *result)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	const char *name = zdb_reader_source(reader)->name;
	zdblite_image image;

	if (zdblite_image_open(&image, call, reader, NULL) == ZDB_OK &&
		zdblite_check_database(call, image.db, "main", name) == ZDB_OK &&
		manifest)
		zdblite_check_rows(call, image.db, "main", name, manifest);
	*result = image.scan;
	zdblite_image_close(&image);
	return call->err.code;
}

zdb_rc
zdblite_verify(zdblite_call *call, zdb_reader *reader, zdb_level level,
			   bool own, zdb_scan_result *result)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdb_scan_options options = {.host = &call->host, .own = own};

	*result = (zdb_scan_result){0};
	call->phase = "verify";
	if (zdblite_call_runner(call, footer ? footer->chunks : 1))
		return call->err.code;
	options.runner = call->runner;
	switch (level)
	{
		case ZDB_LEVEL_INDEX:
			zdb_scan_index(reader, &call->host, &call->err);
			break;
		case ZDB_LEVEL_NONE:
			break;
		case ZDB_LEVEL_DATA:
			zdb_scan(reader, &options, result, &call->err);
			break;
		case ZDB_LEVEL_RESTORE:
			verify_restore(call, reader, result);
			break;
	}
	return call->err.code;
}
