/*
 * jobs_file - the jobs of an engine without a scheduler of its own
 *
 * <repository>/zdbackup_jobs.json holds the jobs and how each ended last:
 *
 *   {"version": 1, "jobs": [{"name": "daily", "database": "app",
 *    "cron": "0 2 * * *", "job": {...}, "since": "2025-09-04T11:35:23Z",
 *    "due": "2025-09-05T02:00:00Z", "started": ..., "ended": ...,
 *    "outcome": "success", "error": null}, ...]}
 *
 * "due" is the last due time that was dealt with. It is written when a run has
 * ended, so one that was killed is run again; "started" without "ended" tells
 * of it. The file is replaced as a whole. Who changes it locks a byte of
 * zdbackup_jobs.lock beside it for that moment, who runs jobs another byte as
 * long as that takes.
 */
#ifndef ZDB_CORE_JOB_JOBS_FILE_H
#define ZDB_CORE_JOB_JOBS_FILE_H

#include "core/job/job.h"

typedef struct zdb_jobs
{
	char *path;
	int lock; /* while it may be changed, else -1 */
	json_t *doc;
	json_t *list; /* in it */
} zdb_jobs;

/* One job, as the file has it. Times are seconds since 1970, 0: never. */
typedef struct zdb_jobs_entry
{
	zdb_job job;
	char *database;
	int64_t since_s;
	int64_t due_s;
	int64_t started_s;
	int64_t ended_s;
	char *outcome; /* "success", "failure", or NULL */
	char *error;
} zdb_jobs_entry;

/* Read the file of a repository; ZDB_NOT_FOUND when there is none. To be
 * closed also after an error. */
zdb_rc zdb_jobs_open(zdb_jobs *jobs, const char *repo, zdb_err *err);

/* Like zdb_jobs_open(), but keeps others from changing it until it is closed,
 * and a missing file is an empty one. */
zdb_rc zdb_jobs_edit(zdb_jobs *jobs, const char *repo, zdb_err *err);

/* Write what was changed. */
zdb_rc zdb_jobs_save(const zdb_jobs *jobs, zdb_err *err);

void zdb_jobs_close(zdb_jobs *jobs);

/* Be the only one who runs the jobs of a repository, or ZDB_BUSY; close(*fd)
 * ends it. */
zdb_rc zdb_jobs_claim(const char *repo, int *fd, zdb_err *err);

/* Does somebody run jobs of the repository now? */
bool zdb_jobs_running(const char *repo);

/* The error for a file that is not what it should be. */
zdb_rc zdb_jobs_damaged(const zdb_jobs *jobs, const char *why, zdb_err *err);

/* Check and take out entry i of the list; to be cleared also after an error.
 */
zdb_rc zdb_jobs_get(const zdb_jobs *jobs, size_t i, const char *repo,
					zdb_jobs_entry *entry, zdb_err *err);

void zdb_jobs_entry_clear(zdb_jobs_entry *entry);

/* The last due time, if that is not dealt with yet; else 0. */
int64_t zdb_jobs_due(const zdb_jobs_entry *entry, int64_t now_s);

/* What the entry tells of its runs; running is zdb_jobs_running(). Texts are
 * the entry's. */
zdb_job_runs zdb_jobs_runs(const zdb_jobs_entry *entry, bool running,
						   int64_t now_s);

/* Add a job, or replace the one of that name; its runs are kept, and its due
 * times begin now unless the expression and zone are the same. */
zdb_rc zdb_jobs_put(zdb_jobs *jobs, const zdb_job *job, const char *database,
					int64_t now_s, zdb_err *err);

/* Remove a job; ZDB_NOT_FOUND lists what there is. */
zdb_rc zdb_jobs_remove(zdb_jobs *jobs, const char *database, const char *name,
					   zdb_err *err);

/* Note that a job starts; that it ended and the due time is dealt with. error
 * is NULL when it went well. The job may be gone meanwhile: then nothing is
 * noted. */
zdb_rc zdb_jobs_note_start(const char *repo, const zdb_jobs_entry *entry,
						   int64_t now_s, zdb_err *err);
zdb_rc zdb_jobs_note_end(const char *repo, const zdb_jobs_entry *entry,
						 int64_t now_s, int64_t due_s, const char *error,
						 zdb_err *err);

#endif
