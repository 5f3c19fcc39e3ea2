/*
 * parallel - a backup's rows by several processes
 */
#include "pg_ext/parallel.h"

#include <unistd.h>

#include "access/parallel.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

#include "pg_ext/compat.h"
#include "pg_ext/progress.h"
#include "pg_ext/zdbpg.h"

#define KEY_PLAN 1
#define KEY_QUEUES 2

/* Room for a worker to be one chunk ahead. */
#define QUEUE_BYTES (4u << 20)

/* Blocks that take longer than to start a worker. */
#define WORTH_A_WORKER 256

#define WAIT_MS 1000
#define DEFAULT_JOBS_MAX 4

/* Before a chunk's stored bytes in a queue; or, without any, a chunk of the
 * base. */
typedef struct message_head
{
	zdb_entry entry;
	uint64 base_chunk;
	bool refers;
	bool more;
} message_head;

PGDLLEXPORT void zdbpg_parallel_worker(dsm_segment *segment, shm_toc *toc);

int
zdbpg_parallel_jobs(int asked)
{
	int processors = (int) sysconf(_SC_NPROCESSORS_ONLN);

	if (asked > 0)
		return asked;
	if (zdbpg_setting_jobs > 0)
		return zdbpg_setting_jobs;
	return Max(1, Min(processors, DEFAULT_JOBS_MAX));
}

static void
send_message(shm_mq_handle *queue, const message_head *head,
			 const void *stored)
{
	shm_mq_iovec parts[2] = {
		{.data = (const char *) head, .len = sizeof *head},
		{.data = stored, .len = head->entry.stored_bytes},
	};

	if (zdbpg_mq_sendv(queue, parts, 2) != SHM_MQ_SUCCESS)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the backup's leader is gone")));
}

static void
send_chunk(void *arg, const zdb_entry *entry, const void *stored, bool more)
{
	message_head head = {.entry = *entry, .more = more};

	send_message(arg, &head, stored);
}

static void
send_reference(void *arg, uint32 table, uint64 chunk, bool more)
{
	message_head head = {.entry.table = table,
						 .base_chunk = chunk,
						 .refers = true,
						 .more = more};

	send_message(arg, &head, "");
}

static shm_mq *
queue_of(char *queues, int worker)
{
	return (shm_mq *) (queues + (Size) worker * QUEUE_BYTES);
}

void
zdbpg_parallel_worker(dsm_segment *segment, shm_toc *toc)
{
	zdbpg_plan *plan = shm_toc_lookup(toc, KEY_PLAN, false);
	char *queues = shm_toc_lookup(toc, KEY_QUEUES, false);
	shm_mq *queue = queue_of(queues, ParallelWorkerNumber);
	zdbpg_producer *producer;
	shm_mq_handle *handle;

	shm_mq_set_sender(queue, MyProc);
	handle = shm_mq_attach(queue, segment, NULL);
	producer = zdbpg_producer_new(plan, GetActiveSnapshot(), send_chunk,
								  send_reference, handle);
	ConditionVariablePrepareToSleep(&plan->moved);
	for (;;)
	{
		if (zdbpg_producer_work(producer))
			continue;
		if (pg_atomic_read_u64(&plan->next) >= plan->units)
			break;
		ConditionVariableTimedSleep(&plan->moved, WAIT_MS, PG_WAIT_EXTENSION);
	}
	ConditionVariableCancelSleep();
	zdbpg_producer_close(producer);
	shm_mq_detach(handle);
}

/* The leader's side. */
typedef struct leader
{
	const zdbpg_parallel_job *job;
	zdbpg_plan *plan;
	ParallelContext *context; /* NULL: alone */
	shm_mq_handle **queues;   /* one a worker; NULL: it has detached */
	int workers;
	zdbpg_producer *producer;
} leader;

/* Take one message, waiting for it or not. Returns false when there is none
 * (or never will be: then the queue is closed). */
static bool
receive_chunk(leader *self, int worker, bool wait, bool *more)
{
	message_head head;
	void *data;
	Size bytes;
	shm_mq_result result =
		shm_mq_receive(self->queues[worker], &bytes, &data, !wait);

	if (result == SHM_MQ_DETACHED)
	{
		shm_mq_detach(self->queues[worker]);
		self->queues[worker] = NULL;
	}
	if (result != SHM_MQ_SUCCESS)
		return false;
	memcpy(&head, data, sizeof head);
	*more = head.more;
	if (head.refers)
		self->job->refer(self->job->arg, head.entry.table, head.base_chunk,
						 head.more);
	else
		self->job->take(self->job->arg, &head.entry,
						(char *) data + sizeof head, head.more);
	return true;
}

/* Take what the workers have ready; a series is taken to its end. */
static bool
drain(leader *self)
{
	bool any = false;

	for (int i = 0; i < self->workers; i++)
	{
		bool more = false;

		while (self->queues[i] && receive_chunk(self, i, more, &more))
			any = true;
		if (more)
		{
			/* a worker's own error is better than ours */
			WaitForParallelWorkersToFinish(self->context);
			ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
							errmsg("a worker of the backup ended early")));
		}
	}
	return any;
}

static bool
all_detached(const leader *self)
{
	for (int i = 0; i < self->workers; i++)
		if (self->queues[i])
			return false;
	return true;
}

/* Everything below the limit is written. Returns false at the end. */
static bool
advance(leader *self)
{
	List *tables = self->job->tables;
	int mine;

	if (!zdbpg_plan_advance(self->plan, &mine))
		return false;
	if (mine >= 0)
		zdbpg_producer_whole(self->producer, (uint32) mine,
							 ((zdbpg_table *) list_nth(tables, mine))->query);
	return true;
}

static void
lead(leader *self)
{
	zdbpg_plan *plan = self->plan;

	for (;;)
	{
		bool worked = zdbpg_producer_work(self->producer);
		uint64 done = pg_atomic_read_u64(&plan->done);

		CHECK_FOR_INTERRUPTS();
		zdbpg_progress_share(done, plan->units);
		/* what was done when we looked is in the queues by now */
		if (drain(self) || worked)
			continue;
		if (done == pg_atomic_read_u64(&plan->limit))
		{
			if (!advance(self))
				break;
			continue;
		}
		if (self->workers > 0 && all_detached(self))
			WaitForParallelWorkersToFinish(self->context); /* its error */
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 WAIT_MS, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	while (!all_detached(self))
	{
		CHECK_FOR_INTERRUPTS();
		if (drain(self))
			continue;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 10,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

static void
launch(leader *self, int workers)
{
	const zdbpg_parallel_job *job = self->job;
	Size plan_bytes = zdbpg_plan_bytes(job->tables);
	ParallelContext *context =
		CreateParallelContext("zdbackup", "zdbpg_parallel_worker", workers);
	char *queues;

	self->context = context;
	shm_toc_estimate_chunk(&context->estimator, plan_bytes);
	shm_toc_estimate_chunk(&context->estimator,
						   mul_size(QUEUE_BYTES, (Size) workers));
	shm_toc_estimate_keys(&context->estimator, 2);
	InitializeParallelDSM(context);
	self->plan = zdbpg_plan_init(shm_toc_allocate(context->toc, plan_bytes),
								 job->tables, job->codec, job->base);
	shm_toc_insert(context->toc, KEY_PLAN, self->plan);
	queues =
		shm_toc_allocate(context->toc, mul_size(QUEUE_BYTES, (Size) workers));
	shm_toc_insert(context->toc, KEY_QUEUES, queues);
	for (int i = 0; i < workers; i++)
		shm_mq_set_receiver(shm_mq_create(queue_of(queues, i), QUEUE_BYTES),
							MyProc);
	LaunchParallelWorkers(context);
	self->workers = context->nworkers_launched;
	self->queues =
		palloc0(sizeof *self->queues * (Size) Max(self->workers, 1));
	for (int i = 0; i < self->workers; i++)
		self->queues[i] = shm_mq_attach(queue_of(queues, i), context->seg,
										context->worker[i].bgwhandle);
}

/* A small database is done before a worker has started. */
static int
workers_wanted(const zdbpg_parallel_job *job)
{
	uint64 blocks = 0;
	ListCell *cell;

	foreach(cell, job->tables) blocks +=
		((zdbpg_table *) lfirst(cell))->blocks;
	if (blocks < WORTH_A_WORKER || IsInParallelMode())
		return 0;
	return (int) Min((uint64) job->jobs - 1, blocks / (WORTH_A_WORKER / 4));
}

int
zdbpg_parallel_dump(const zdbpg_parallel_job *job)
{
	leader self = {.job = job};
	int workers = workers_wanted(job);

	if (workers > 0)
	{
		EnterParallelMode();
		launch(&self, workers);
	}
	else
		self.plan = zdbpg_plan_init(
			palloc_extended(zdbpg_plan_bytes(job->tables), MCXT_ALLOC_HUGE),
			job->tables, job->codec, job->base);
	self.producer = zdbpg_producer_new(self.plan, job->snapshot, job->take,
									   job->refer, job->arg);
	lead(&self);
	zdbpg_producer_close(self.producer);
	if (self.context)
	{
		WaitForParallelWorkersToFinish(self.context);
		DestroyParallelContext(self.context);
		ExitParallelMode();
	}
	return self.workers + 1;
}
