/*
 * bg_main - a background worker's life
 */
#include "pg_ext/bg_main.h"

#include <signal.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "pg_ext/compat.h"
#include "pg_ext/query.h"
#include "pg_ext/zdbpg.h"

/* A statement that wants no transaction around it. */
static void
run_toplevel(const char *sql)
{
	RawStmt *raw;
	PlannedStmt *planned;

	StartTransactionCommand();
	raw = linitial_node(RawStmt, pg_parse_query(sql));
	planned = makeNode(PlannedStmt);
	planned->commandType = CMD_UTILITY;
	planned->utilityStmt = raw->stmt;
	PushActiveSnapshot(GetTransactionSnapshot());
	zdbpg_utility_toplevel(planned, sql, None_Receiver);
	if (ActiveSnapshotSet())
		PopActiveSnapshot();
	CommitTransactionCommand();
}

static void
run_query(zdbpg_bg_job *job)
{
	List *texts = zdbpg_query_texts(zdbpg_from_utf8(job->text));
	const char *answer = texts ? linitial(texts) : NULL;

	if (!answer)
		answer = "";
	if (strlcpy(job->text, zdbpg_to_utf8(answer), job->text_bytes) >=
		job->text_bytes)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("an answer is longer than %zu bytes",
							   job->text_bytes)));
}

static void
run_job(zdbpg_bg_job *job, const zdbpg_bg_extra *extra)
{
	SetUserIdAndSecContext(job->current_user,
						   job->current_user == job->session_user
							   ? 0
							   : SECURITY_LOCAL_USERID_CHANGE);
	if (extra->kind == ZDBPG_BG_SQL)
	{
		run_toplevel(job->sql);
		return;
	}
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (extra->kind == ZDBPG_BG_QUERY)
		run_query(job);
	else
		zdbpg_bg_work(job, extra->kind, extra->number);
	PopActiveSnapshot();
	CommitTransactionCommand();
}

static void
copy_text(char *to, const char *text, size_t size)
{
	if (text)
		strlcpy(to, text, size);
}

/* The first error counts. */
static void
hand_over(zdbpg_bg_job *job, const ErrorData *error)
{
	SpinLockAcquire(&job->lock);
	if (!job->sqlstate)
	{
		job->sqlstate = error->sqlerrcode;
		copy_text(job->message, error->message, sizeof job->message);
		copy_text(job->detail, error->detail, sizeof job->detail);
		copy_text(job->hint, error->hint, sizeof job->hint);
		copy_text(job->context, error->context, sizeof job->context);
	}
	SpinLockRelease(&job->lock);
}

static void
do_job(zdbpg_bg_job *job, const zdbpg_bg_extra *extra)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		run_job(job, extra);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		hand_over(job, CopyErrorData());
		FlushErrorState();
		AbortCurrentTransaction();
	}
	PG_END_TRY();
}

void
zdbpg_bg_warn(zdbpg_bg_job *job, const char *text)
{
	SpinLockAcquire(&job->lock);
	strlcat(job->warnings, text, sizeof job->warnings);
	strlcat(job->warnings, "\n", sizeof job->warnings);
	SpinLockRelease(&job->lock);
}

/* A worker that was terminated does not come here. */
static void
note_end(zdbpg_bg_job *job)
{
	SpinLockAcquire(&job->lock);
	job->ended++;
	SpinLockRelease(&job->lock);
}

void
zdbpg_bg_main(Datum arg)
{
	zdbpg_bg_extra extra;
	dsm_segment *segment;

	memcpy(&extra, MyBgworkerEntry->bgw_extra, sizeof extra);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	if (extra.kind == ZDBPG_BG_DROP)
	{
		BackgroundWorkerInitializeConnectionByOid(extra.database, InvalidOid,
												  0);
		run_toplevel(psprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)",
							  quote_identifier(extra.victim)));
		return;
	}
	CurrentResourceOwner = ResourceOwnerCreate(NULL, "zdbackup");
	segment = dsm_attach(extra.segment);
	if (!segment)
		return; /* the leader is gone */
	dsm_pin_mapping(segment);
	BackgroundWorkerInitializeConnectionByOid(extra.database,
											  extra.session_user, 0);
	do_job(dsm_segment_address(segment), &extra);
	note_end(dsm_segment_address(segment));
	dsm_detach(segment);
}
