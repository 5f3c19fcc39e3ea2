/*
 * merge_image - any backup as a SQLite database to merge from
 */
#include "sqlite_ext/merge_image.h"

#include "core/base/mem.h"
#include "sqlite_ext/pg_source.h"

/* Is it a script that PostgreSQL would run? */
static bool
is_postgres(zdblite_call *call, zdb_reader *reader)
{
	zdb_content content;
	bool postgres = false;

	if (zdb_reader_content(reader, &content, &call->err) == ZDB_OK &&
		content == ZDB_CONTENT_SCRIPT)
		zdb_script_is_postgres(reader, &postgres, &call->err);
	return postgres;
}

zdb_rc
zdblite_merge_image(zdblite_image *image, zdblite_call *call,
					zdb_reader *reader, zdb_merge *merge)
{
	char *beside = zdblite_scratch_base(call, call->options.schema);
	bool postgres = is_postgres(call, reader);

	if (beside && !call->err.code && postgres)
		zdblite_pg_image(image, call, reader, merge, beside,
						 &image->scan.chunks);
	else if (beside && !call->err.code)
		zdblite_image_browse(image, call, reader, beside);
	zdb_free(beside);
	return call->err.code;
}
