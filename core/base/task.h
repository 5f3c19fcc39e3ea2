/*
 * task - a pure function on its own data, and whoever runs it
 *
 * Encoding or checking a chunk is such a function: it reads and writes only
 * its own struct, which embeds a zdb_task as its first member. A runner runs
 * tasks; the inline one on the spot, core/pool on threads, so that the code
 * that uses them is the same. Results are taken in the order of submission
 * by waiting for the oldest task first.
 */
#ifndef ZDB_CORE_BASE_TASK_H
#define ZDB_CORE_BASE_TASK_H

#include "core/base/err.h"

typedef struct zdb_task
{
	void (*run)(struct zdb_task *task); /* errors go into the task's struct */
	int state;                          /* belongs to the runner */
} zdb_task;

typedef struct zdb_runner
{
	int width; /* how many tasks run at once, at least 1 */
	/* Start the task, or keep it for later. Cannot fail. The task must stay
	 * where it is until it was waited for. */
	void (*submit)(struct zdb_runner *runner, zdb_task *task);
	/* Return when the task has run; meanwhile run queued ones here. */
	void (*wait)(struct zdb_runner *runner, zdb_task *task);
} zdb_runner;

/* A runner that runs each task inside submit(); width 1. */
zdb_runner zdb_runner_inline(void);

/* How many tasks to have under way: enough that nobody waits for the one
 * thread that prepares them and takes their results in order. */
static inline int
zdb_runner_slots(const zdb_runner *runner)
{
	return runner->width + 2;
}

#endif
