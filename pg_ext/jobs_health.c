/*
 * jobs_health - what the jobs of a repository tell of its health
 */
#include "pg_ext/jobs_health.h"

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/jobs_health.h"
#include "pg_ext/compat.h"
#include "pg_ext/cron_server.h"
#include "pg_ext/job_runs.h"

#define SECOND_US 1000000

static void
clear_arena(void *arena)
{
	zdb_arena_clear(arena);
}

static zdb_arena *
own_arena(void)
{
	zdb_arena *arena = palloc0(sizeof *arena);
	zdb_arena **slot = palloc(sizeof *slot);

	*slot = arena;
	zdbpg_own((void **) slot, clear_arena);
	return arena;
}

/* pg_cron shows everybody his own jobs. Those who watch the server are to
 * learn that one is overdue, whoever's it is. */
static List *
list_jobs(void)
{
	List *jobs = NIL;
	Oid user;
	int context;

	GetUserIdAndSecContext(&user, &context);
	if (has_privs_of_role(user, ROLE_PG_READ_ALL_STATS))
		SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID,
							   context | SECURITY_LOCAL_USERID_CHANGE);
	if (zdbpg_cron_is_there())
		jobs = zdbpg_cron_list();
	SetUserIdAndSecContext(user, context);
	return jobs;
}

static bool
is_same_place(const char *one, const char *other)
{
	zdb_err err = {0};
	char *a = zdb_repository_of(one, &err),
		 *b = zdb_repository_of(other, &err);
	bool same = a && b && strcmp(a, b) == 0;

	zdb_free(a);
	zdb_free(b);
	return same;
}

void
zdbpg_jobs_health(zdbpg_call *call, zdb_health_request *request)
{
	List *jobs = list_jobs();
	zdb_health_job *list = palloc0(sizeof *list * (list_length(jobs) + 1));
	zdb_arena *arena = own_arena();
	ListCell *cell;

	request->jobs = list;
	foreach(cell, jobs)
	{
		const zdbpg_cron_job *one = lfirst(cell);
		zdb_job_runs runs;

		if (!is_same_place(zdbpg_job_place(one->job), call->path) ||
			(request->database &&
			 strcmp(request->database, one->database) != 0))
			continue;
		runs = zdbpg_job_runs(one, true);
		list[request->job_count++] = zdb_job_health(
			one->job, &runs, call->database, zdb_now_us() / SECOND_US, arena);
	}
}
