/*
 * pool - a runner on threads
 */
#include "core/pool/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/mem.h"

#define JOBS_MAX 64
#define JOBS_USUAL 4
#define QUEUE_MAX (4 * JOBS_MAX)

enum
{
	TASK_QUEUED = 1,
	TASK_RUNNING,
	TASK_DONE,
};

struct zdb_pool
{
	zdb_runner runner; /* first: the runner is the pool */
	pthread_mutex_t lock;
	pthread_cond_t queued;
	pthread_cond_t done;
	zdb_task *queue[QUEUE_MAX]; /* a ring */
	unsigned int head;
	unsigned int tail;
	bool closing;
	int threads;
	pthread_t thread[JOBS_MAX];
};

/* Take the oldest queued task, or NULL; the lock is held. */
static zdb_task *
take_task(zdb_pool *pool)
{
	return pool->head == pool->tail ? NULL
									: pool->queue[pool->head++ % QUEUE_MAX];
}

/* Run one queued task on this thread; the lock is held, and again after. */
static void
run_one(zdb_pool *pool, zdb_task *task)
{
	task->state = TASK_RUNNING;
	pthread_mutex_unlock(&pool->lock);
	task->run(task);
	pthread_mutex_lock(&pool->lock);
	task->state = TASK_DONE;
	pthread_cond_broadcast(&pool->done);
}

static void *
work(void *arg)
{
	zdb_pool *pool = arg;

	pthread_mutex_lock(&pool->lock);
	while (!pool->closing)
	{
		zdb_task *task = take_task(pool);

		if (!task)
		{
			pthread_cond_wait(&pool->queued, &pool->lock);
			continue;
		}
		run_one(pool, task);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static void
pool_submit(zdb_runner *runner, zdb_task *task)
{
	zdb_pool *pool = (zdb_pool *) runner;
	bool full;

	pthread_mutex_lock(&pool->lock);
	full = pool->threads == 0 || pool->tail - pool->head == QUEUE_MAX;
	if (!full)
	{
		task->state = TASK_QUEUED;
		pool->queue[pool->tail++ % QUEUE_MAX] = task;
		pthread_cond_signal(&pool->queued);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!full)
		return;
	task->run(task);
	task->state = TASK_DONE;
}

/* Queued tasks are run here until the one waited for is done: the oldest
 * first, so that it is among them. */
static void
pool_wait(zdb_runner *runner, zdb_task *task)
{
	zdb_pool *pool = (zdb_pool *) runner;

	pthread_mutex_lock(&pool->lock);
	while (task->state != TASK_DONE)
	{
		zdb_task *queued = take_task(pool);

		if (queued)
			run_one(pool, queued);
		else
			pthread_cond_wait(&pool->done, &pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
}

/* Signals are the host's: a thread of ours takes none. */
static void
start_threads(zdb_pool *pool, int count)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (pool->threads < count &&
		   pthread_create(&pool->thread[pool->threads], NULL, work, pool) == 0)
		pool->threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

zdb_pool *
zdb_pool_new(int jobs, zdb_err *err)
{
	zdb_pool *pool = zdb_calloc(1, sizeof *pool);

	if (!pool)
	{
		zdb_err_nomem(err);
		return NULL;
	}
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->queued, NULL);
	pthread_cond_init(&pool->done, NULL);
	start_threads(pool, (jobs > JOBS_MAX ? JOBS_MAX : jobs) - 1);
	pool->runner = (zdb_runner){
		.width = pool->threads + 1, .submit = pool_submit, .wait = pool_wait};
	return pool;
}

zdb_runner *
zdb_pool_runner(zdb_pool *pool)
{
	return &pool->runner;
}

void
zdb_pool_free(zdb_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->queued);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->threads; i++)
		pthread_join(pool->thread[i], NULL);
	pthread_cond_destroy(&pool->done);
	pthread_cond_destroy(&pool->queued);
	pthread_mutex_destroy(&pool->lock);
	zdb_free(pool);
}

int
zdb_pool_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		return CPU_COUNT(&set) > JOBS_USUAL ? JOBS_USUAL : CPU_COUNT(&set);
	return 1;
}
