/*
 * verify - prove a backup, at one of three depths
 */
#include "pg_ext/verify.h"

#include "miscadmin.h"

#include "core/store/store.h"
#include "pg_ext/parallel.h"
#include "pg_ext/verify_restore.h"
#include "pg_ext/progress.h"

/* Fewer chunks are read before a worker has started. */
#define CHUNKS_WORTH_WORKERS 16

static zdb_rc
verify_data(zdbpg_call *call, zdb_reader *reader, bool own, int jobs,
			zdb_scan_result *result, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdb_runner runner = zdb_runner_inline();
	zdb_scan_options options = {
		.runner = &runner, .host = &call->host, .own = own};

	jobs = zdbpg_parallel_jobs(jobs);
	/* an incremental one is small, or its chain is hashed as well; from a
	 * cloud one process reads faster than chunks come */
	if (footer && zdb_reader_manifest(reader)->chain.count == 0 &&
		footer->chunks >= CHUNKS_WORTH_WORKERS && jobs > 1 &&
		!zdb_store_scheme(zdb_reader_source(reader)->name))
		return zdbpg_verify_parallel(call, reader, jobs, result, err);
	return zdb_scan(reader, &options, result, err);
}

zdb_rc
zdbpg_verify(zdbpg_call *call, zdb_reader *reader, zdb_level level, bool own,
			 int jobs, zdb_scan_result *result, zdb_err *err)
{
	*result = (zdb_scan_result){0};
	zdbpg_progress_phase("verify");
	switch (level)
	{
		case ZDB_LEVEL_NONE:
			break;
		case ZDB_LEVEL_INDEX:
			zdb_scan_index(reader, &call->host, err);
			break;
		case ZDB_LEVEL_DATA:
			verify_data(call, reader, own, jobs, result, err);
			break;
		case ZDB_LEVEL_RESTORE:
			if (verify_data(call, reader, own, jobs, result, err) == ZDB_OK)
				zdbpg_verify_restore(call, reader, jobs, err);
			break;
	}
	CHECK_FOR_INTERRUPTS();
	return err->code;
}
