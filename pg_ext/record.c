/*
 * record - how a call ended, in notifications and in the history
 */
#include "pg_ext/record.h"

#include "miscadmin.h"
#include "storage/lwlock.h"
#include "utils/elog.h"
#include "utils/memutils.h"

#include "core/base/text.h"
#include "core/job/tell.h"

#define WAIT_S 10.0
#define WAIT_AT_EXIT_S 1.0

/* Calls no function of PostgreSQL that could raise. host may stop what is
 * told; NULL: nothing is. */
static zdb_rc
record(zdbpg_call *call, zdb_run *run, const zdb_host *host, zdb_err *err)
{
	run->operation = zdb_call_operation(call->kind);
	if (!run->operation || call->recorded)
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
	run->warnings = call->warnings;
	run->create = call->may_write;
	if (host)
		zdb_tell(run, call->settings, host, call->warnings);
	return call->path ? zdb_run_record(run, err) : ZDB_OK;
}

/* A receiver may take its time: so what the call opened goes first. */
static void
release_work(zdbpg_call *call)
{
	if (call->context)
		MemoryContextDelete(call->context);
	call->context = NULL;
}

zdb_repository
zdbpg_repository(const zdbpg_call *call)
{
	return (zdb_repository){.where = call->path,
							.history = call->history,
							.fallback = DataDir,
							.copy_to = call->copy_to,
							.host = &call->host,
							.settings = call->settings,
							.keys = call->keys};
}

void
zdbpg_record_success(zdbpg_call *call)
{
	zdb_run run = {.outcome = ZDB_OUTCOME_SUCCESS, .wait_s = WAIT_S};
	zdb_err err = {0};

	release_work(call);
	if (record(call, &run, &call->host, &err))
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
				   .error = zdbpg_to_utf8(error->message),
				   .hint = error->hint ? zdbpg_to_utf8(error->hint) : NULL,
				   .wait_s = WAIT_S};
	zdb_err err = {0};

	/* as the end of the transaction would, but it waits for us */
	LWLockReleaseAll();
	release_work(call);
	(void) record(call, &run, ProcDiePending ? NULL : &call->host, &err);
}

void
zdbpg_record_end(zdbpg_call *call)
{
	zdb_run run = {.outcome = ZDB_OUTCOME_CANCELLED,
				   .code = "57P01", /* admin_shutdown */
				   .error = "the session was ended",
				   .wait_s = WAIT_AT_EXIT_S};
	zdb_err err = {0};

	(void) record(call, &run, NULL, &err);
}
