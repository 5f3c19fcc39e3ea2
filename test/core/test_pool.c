/*
 * test_pool - tasks run once each, and the waiter takes part
 */
#include <signal.h>
#include <unistd.h>

#include "core/pool/pool.h"
#include "test/core/test.h"

#define TASKS 200

typedef struct count_task
{
	zdb_task task;
	int runs;
	bool signals_blocked;
} count_task;

static void
count_run(zdb_task *task)
{
	count_task *self = (count_task *) task;

	self->runs++;
	usleep(200);
}

static bool
run_all(zdb_runner *runner, int ahead)
{
	static count_task tasks[TASKS];
	bool once = true;

	for (int i = 0; i < TASKS; i++)
	{
		tasks[i] = (count_task){.task.run = count_run};
		runner->submit(runner, &tasks[i].task);
		if (i >= ahead)
			runner->wait(runner, &tasks[i - ahead].task);
	}
	for (int i = TASKS - ahead; i < TASKS; i++)
		runner->wait(runner, &tasks[i].task);
	for (int i = 0; i < TASKS; i++)
		once = once && tasks[i].runs == 1;
	return once;
}

static zdb_rc
make_pool(void *arg, zdb_err *err)
{
	(void) arg;
	zdb_pool_free(zdb_pool_new(3, err));
	return err->code;
}

int
main(void)
{
	zdb_runner inline_runner = zdb_runner_inline();
	zdb_err err = {0};

	test_ok(run_all(&inline_runner, 1), "inline");
	for (int jobs = 1; jobs <= 8; jobs *= 2)
	{
		zdb_pool *pool = zdb_pool_new(jobs, &err);

		test_ok(zdb_pool_runner(pool)->width == jobs &&
					run_all(zdb_pool_runner(pool), jobs),
				"%d jobs: each task runs once", jobs);
		zdb_pool_free(pool);
	}
	zdb_pool_free(NULL);
	test_ok(zdb_pool_cpus() >= 1, "processors");
	test_break_each("pool", make_pool, NULL);
	return test_done();
}
