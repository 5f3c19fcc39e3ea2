/*
 * bg - work in background workers: the leader's side
 */
#include "pg_ext/bg.h"

#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "pg_ext/bg_main.h"
#include "pg_ext/zdbpg.h"

#define ANSWER_BYTES_MAX (1024 * 1024)

typedef struct running
{
	BackgroundWorkerHandle **handles;
	int count;
} running;

static void
detach(void *segment)
{
	zdbpg_bg_job *job;

	if (!segment)
		return;
	job = dsm_segment_address(segment);
	zdb_age_wipe(&job->keys, sizeof job->keys);
	zdb_age_wipe(job->text, job->text_bytes);
	dsm_detach(segment);
}

zdbpg_bg_job *
zdbpg_bg_job_new(Size text_bytes)
{
	dsm_segment **segment = palloc0(sizeof *segment);
	zdbpg_bg_job *job;

	zdbpg_own((void **) segment, detach);
	*segment = dsm_create(sizeof *job + text_bytes, 0);
	dsm_pin_mapping(*segment); /* the context owns it */
	job = dsm_segment_address(*segment);
	memset(job, 0, sizeof *job);
	job->text_bytes = text_bytes;
	job->segment = dsm_segment_handle(*segment);
	job->session_user = GetSessionUserId();
	job->current_user = GetUserId();
	SpinLockInit(&job->lock);
	pg_atomic_init_u64(&job->next, 0);
	for (int i = 0; i < ZDBPG_BG_CLAIMS; i++)
		pg_atomic_init_u32(&job->claims[i], 0);
	return job;
}

static void
fill_worker(BackgroundWorker *worker, const zdbpg_bg_extra *extra)
{
	*worker = (BackgroundWorker){
		.bgw_flags =
			BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_notify_pid = MyProcPid,
	};
	StaticAssertStmt(sizeof *extra <= BGW_EXTRALEN, "extra fits");
	memcpy(worker->bgw_extra, extra, sizeof *extra);
	strlcpy(worker->bgw_library_name, "zdbackup",
			sizeof worker->bgw_library_name);
	strlcpy(worker->bgw_function_name, "zdbpg_bg_main",
			sizeof worker->bgw_function_name);
	strlcpy(worker->bgw_name, "zdbackup", sizeof worker->bgw_name);
	strlcpy(worker->bgw_type, "zdbackup", sizeof worker->bgw_type);
}

static void
end_running(void *object)
{
	running *all = object;

	for (int i = 0; all && i < all->count; i++)
		TerminateBackgroundWorker(all->handles[i]);
}

void
zdbpg_bg_raise(const zdbpg_bg_job *job)
{
	ereport(ERROR,
			(errcode(job->sqlstate), errmsg_internal("%s", job->message),
			 *job->detail ? errdetail_internal("%s", job->detail) : 0,
			 *job->hint ? errhint("%s", job->hint) : 0,
			 *job->context ? errcontext("%s", job->context) : 0));
}

static void
launch(running *all, const zdbpg_bg_job *job, zdbpg_bg_kind kind, Oid database,
	   int count)
{
	for (int i = 0; i < count; i++)
	{
		zdbpg_bg_extra extra = {.kind = kind,
								.number = i,
								.segment = job->segment,
								.database = database,
								.session_user = job->session_user};
		BackgroundWorker worker;

		fill_worker(&worker, &extra);
		if (!RegisterDynamicBackgroundWorker(&worker, &all->handles[i]))
			break;
		all->count++;
	}
	if (all->count == 0)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
						errmsg("could not start a background worker"),
						errhint("Raise max_worker_processes.")));
}

bool
zdbpg_bg_run(zdbpg_bg_job *job, zdbpg_bg_kind kind, Oid database, int count)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup workers", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	running **all = palloc0(sizeof *all);
	bool died = false;

	zdbpg_own((void **) all, end_running);
	*all = palloc0(sizeof **all);
	(*all)->handles = palloc0(sizeof *(*all)->handles * (Size) count);
	job->ended = 0;
	launch(*all, job, kind, database, count);
	for (int i = 0; i < (*all)->count; i++)
		if (WaitForBackgroundWorkerShutdown((*all)->handles[i]) ==
			BGWH_POSTMASTER_DIED)
			died = true;
	if (!job->sqlstate && job->ended < (*all)->count)
	{
		job->sqlstate = ERRCODE_ADMIN_SHUTDOWN;
		strlcpy(job->message, "a background worker was terminated",
				sizeof job->message);
	}
	*all = NULL;
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
	if (died)
		ereport(FATAL, (errcode(ERRCODE_ADMIN_SHUTDOWN),
						errmsg("the postmaster died")));
	return job->sqlstate == 0;
}

void
zdbpg_bg_sql(zdbpg_bg_job *job, const char *sql)
{
	if (strlcpy(job->sql, sql, sizeof job->sql) >= sizeof job->sql)
		elog(ERROR, "a statement is too long");
	if (!zdbpg_bg_run(job, ZDBPG_BG_SQL, MyDatabaseId, 1))
		zdbpg_bg_raise(job);
}

char *
zdbpg_bg_query(Oid database, const char *sql)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup query", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	zdbpg_bg_job *job = zdbpg_bg_job_new(ANSWER_BYTES_MAX);
	char *answer;

	if (strlcpy(job->text, zdbpg_to_utf8(sql), ANSWER_BYTES_MAX) >=
		ANSWER_BYTES_MAX)
		elog(ERROR, "a query is too long");
	if (!zdbpg_bg_run(job, ZDBPG_BG_QUERY, database, 1))
		zdbpg_bg_raise(job);
	MemoryContextSwitchTo(before);
	answer = *job->text ? pstrdup(zdbpg_from_utf8(job->text)) : NULL;
	MemoryContextDelete(context);
	return answer;
}

void
zdbpg_bg_drop(const char *database)
{
	zdbpg_bg_extra extra = {.kind = ZDBPG_BG_DROP, .database = MyDatabaseId};
	BackgroundWorkerHandle *handle;
	BackgroundWorker worker;

	strlcpy(extra.victim, database, sizeof extra.victim);
	fill_worker(&worker, &extra);
	worker.bgw_notify_pid = 0;
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		elog(LOG, "zdbackup: database \"%s\" is left behind", database);
}
