/*
 * job_row - what there is to say of a job and its runs, in both engines
 */
#include "core/job/job.h"
#include "core/job/report.h"

#define SECOND_US 1000000

static json_t *
time_or_null(int64_t at_s)
{
	return at_s ? zdb_report_time(at_s * SECOND_US) : json_null();
}

int64_t
zdb_job_missed(const zdb_job *job, const zdb_job_runs *runs, int64_t now_s)
{
	int64_t due_s = zdb_cron_next(&job->cron, job->zone, runs->after_s);

	return zdb_job_active(job) && due_s <= now_s ? due_s : 0;
}

json_t *
zdb_job_row(const zdb_job *job, const zdb_job_runs *runs, int64_t now_s)
{
	bool active = zdb_job_active(job);
	int64_t missed_s = zdb_job_missed(job, runs, now_s);
	int64_t next_s = active ? zdb_cron_next(&job->cron, job->zone, now_s) : 0;

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:O, s:b, s:o, s:s?, s:s?, s:o, s:b}", "name",
		job->name, "database", runs->database, "cron", job->text, "zone",
		zdb_job_zone(job), "job", job->spec, "active", active, "last_run",
		time_or_null(runs->last_s), "last_outcome", runs->outcome,
		"last_error", runs->error, "next_run", time_or_null(next_s), "overdue",
		missed_s && now_s - missed_s > ZDB_JOB_LATE_S);
}
