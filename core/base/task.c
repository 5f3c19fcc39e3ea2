/*
 * task - the runner that runs each task on the spot
 */
#include "core/base/task.h"

static void
inline_submit(zdb_runner *runner, zdb_task *task)
{
	(void) runner;
	task->run(task);
}

static void
inline_wait(zdb_runner *runner, zdb_task *task)
{
	(void) runner;
	(void) task;
}

zdb_runner
zdb_runner_inline(void)
{
	return (zdb_runner){
		.width = 1, .submit = inline_submit, .wait = inline_wait};
}
