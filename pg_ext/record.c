/*
 * record - how a call ended, in the history
 */
#include "pg_ext/record.h"

#include "miscadmin.h"
#include "utils/elog.h"

#include "core/base/text.h"

#define WAIT_S 10.0
#define WAIT_AT_EXIT_S 1.0

/* Calls no function of PostgreSQL that could raise. */
static zdb_rc
record(zdbpg_call *call, zdb_run *run, zdb_err *err)
{
	run->operation = zdb_call_operation(call->kind);
	if (!run->operation || !call->path || call->recorded)
		return ZDB_OK;
	call->recorded = true;
	run->engine = "postgresql";
	run->database = call->database;
	run->job = call->options.job;
	run->type = call->kind == ZDB_CALL_BACKUP ? call->options.type : NULL;
	run->repository = zdbpg_repository(call);
	run->started_us = call->started_us;
	run->duration_s = zdb_monotonic_s() - call->started_s;
	run->report = call->report;
	run->create = call->may_write;
	return zdb_run_record(run, err);
}

zdb_repository
zdbpg_repository(const zdbpg_call *call)
{
	return (zdb_repository){.where = call->path,
							.history = zdbpg_setting_history,
							.fallback = DataDir,
							.host = &call->host};
}

void
zdbpg_record_success(zdbpg_call *call)
{
	zdb_run run = {.outcome = ZDB_OUTCOME_SUCCESS, .wait_s = WAIT_S};
	zdb_err err = {0};

	if (record(call, &run, &err))
		zdbpg_warn(call, "the history was not written: %s", err.msg);
}

void
zdbpg_record_error(zdbpg_call *call)
{
	ErrorData *error = CopyErrorData();
	bool cancelled = error->sqlerrcode == ERRCODE_QUERY_CANCELED;
	zdb_run run = {.outcome =
					   cancelled ? ZDB_OUTCOME_CANCELLED : ZDB_OUTCOME_FAILURE,
				   .code = unpack_sql_state(error->sqlerrcode),
				   .error = error->message,
				   .wait_s = WAIT_S};
	zdb_err err = {0};

	(void) record(call, &run, &err);
}

void
zdbpg_record_end(zdbpg_call *call)
{
	zdb_run run = {.outcome = ZDB_OUTCOME_CANCELLED,
				   .code = "57P01", /* admin_shutdown */
				   .error = "the session was ended",
				   .wait_s = WAIT_AT_EXIT_S};
	zdb_err err = {0};

	(void) record(call, &run, &err);
}
