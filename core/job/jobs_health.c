/*
 * jobs_health - what a repository's jobs tell of its health
 */
#include "core/job/jobs_health.h"

#include <string.h>

#include "core/base/text.h"
#include "core/job/jobs_file.h"
#include "core/store/store.h"

#define SECOND_US 1000000

zdb_health_job
zdb_job_health(const zdb_job *job, const zdb_job_runs *runs, const char *own,
			   int64_t now_s, zdb_arena *arena)
{
	const char *of = runs->database;
	bool ours = own && strcmp(of, own) == 0;

	return (zdb_health_job){
		.name = zdb_arena_format(arena, "%s%s%s", ours ? "" : of,
								 ours ? "" : "/", job->name),
		.due_us = zdb_job_missed(job, runs, now_s) * SECOND_US,
		.run_us = runs->after_s * SECOND_US,
	};
}

static zdb_rc
take_jobs(const zdb_jobs *jobs, const char *repo, const char *own,
		  zdb_arena *arena, zdb_health_request *request, zdb_err *err)
{
	size_t count = json_array_size(jobs->list);
	zdb_health_job *list = zdb_arena_alloc(arena, (count + 1) * sizeof *list);
	bool running = zdb_jobs_running(repo);
	int64_t now_s = zdb_now_us() / SECOND_US;

	request->jobs = list;
	for (size_t i = 0; list && i < count && !err->code; i++)
	{
		zdb_jobs_entry entry;
		zdb_job_runs runs;

		zdb_jobs_get(jobs, i, repo, &entry, err);
		runs = zdb_jobs_runs(&entry, running, now_s);
		if (!err->code && (!request->database ||
						   strcmp(request->database, entry.database) == 0))
			list[request->job_count++] =
				zdb_job_health(&entry.job, &runs, own, now_s, arena);
		zdb_jobs_entry_clear(&entry);
	}
	return zdb_arena_failed(arena) ? zdb_err_nomem(err) : err->code;
}

zdb_rc
zdb_jobs_health(const char *repo, const char *own, zdb_arena *arena,
				zdb_health_request *request, zdb_err *err)
{
	zdb_jobs jobs;

	if (zdb_store_scheme(repo))
		return ZDB_OK; /* jobs are files here */
	if (zdb_jobs_open(&jobs, repo, err) == ZDB_OK)
		take_jobs(&jobs, repo, own, arena, request, err);
	zdb_jobs_close(&jobs);
	if (err->code == ZDB_NOT_FOUND)
		zdb_err_clear(err);
	return err->code;
}
