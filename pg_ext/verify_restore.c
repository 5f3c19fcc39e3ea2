/*
 * verify_restore - a backup restored for real, into a scratch database
 */
#include "pg_ext/verify_restore.h"

#include "miscadmin.h"

#include "pg_ext/attempt.h"
#include "pg_ext/scratch.h"

zdb_rc
zdbpg_verify_restore(zdbpg_call *call, zdb_reader *reader, int jobs,
					 zdb_err *err)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	zdbpg_scratch *scratch;
	zdb_content content;

	if (zdb_reader_content(reader, &content, err))
		return err->code;
	if (content != ZDB_CONTENT_SCRIPT ||
		(manifest && strcmp(manifest->engine, "postgresql") != 0))
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "\"%s\" is a backup of a SQLite database: restore "
						   "it there to prove it",
						   zdb_reader_source(reader)->name);
	if (manifest && strcmp(manifest->type, "data") == 0)
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "a backup of rows only cannot be restored alone");
	scratch = zdbpg_scratch_load(call, reader, jobs, true, NULL);
	if (!scratch->loaded && zdbpg_is_nobodys_fault(scratch->job->sqlstate))
		zdbpg_bg_raise(scratch->job);
	if (!scratch->loaded)
	{
		zdb_err_set(err, ZDB_MISMATCH, "\"%s\" does not restore: %s",
					zdb_reader_source(reader)->name,
					zdbpg_to_utf8(scratch->job->message));
		if (*scratch->job->context)
			zdb_err_hint(err, "Where: %s.",
						 zdbpg_to_utf8(scratch->job->context));
	}
	zdbpg_scratch_drop(scratch);
	return err->code;
}
