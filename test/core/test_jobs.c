/*
 * test_jobs - jobs are checked, kept, locked, and due when they should be
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/io/lock.h"
#include "core/job/jobs_file.h"
#include "core/job/zone_file.h"
#include "test/core/test.h"

#define NOW_S 1757000000 /* 2025-09-04T15:33:20Z */
#define DAY_S 86400

static const char spec[] =
	"{\"repo\": \"r\", \"operation\": \"backup\", \"compress\": true,"
	" \"options\": {\"type\": \"data\"}, \"zone\": \"Europe/Berlin\"}";

static zdb_rc
open_job(zdb_job *job, const char *name, const char *cron, zdb_err *err)
{
	return zdb_job_open(job, ZDB_ENGINE_SQLITE, name, cron, spec, strlen(spec),
						err);
}

static zdb_rc
open_and_clear(void *arg, zdb_err *err)
{
	zdb_job job;

	open_job(&job, arg, "0 2 * * *", err);
	zdb_job_clear(&job);
	return err->code;
}

/* Put a job into the repository's file. */
static zdb_rc
put(const char *repo, const char *name, const char *cron, int64_t now_s,
	zdb_err *err)
{
	zdb_job job;
	zdb_jobs jobs;

	if (open_job(&job, name, cron, err) == ZDB_OK)
	{
		if (zdb_jobs_edit(&jobs, repo, err) == ZDB_OK &&
			zdb_jobs_put(&jobs, &job, "app", now_s, err) == ZDB_OK)
			zdb_jobs_save(&jobs, err);
		zdb_jobs_close(&jobs);
	}
	zdb_job_clear(&job);
	return err->code;
}

/* The only job of the repository. */
static zdb_rc
get(const char *repo, zdb_jobs_entry *entry, zdb_err *err)
{
	zdb_jobs jobs;

	*entry = (zdb_jobs_entry){0};
	if (zdb_jobs_open(&jobs, repo, err) == ZDB_OK)
		zdb_jobs_get(&jobs, 0, repo, entry, err);
	zdb_jobs_close(&jobs);
	return err->code;
}

static zdb_rc
put_and_run(void *arg, zdb_err *err)
{
	zdb_jobs_entry entry = {0};

	if (put(arg, "daily", "0 2 * * *", NOW_S, err) == ZDB_OK &&
		get(arg, &entry, err) == ZDB_OK &&
		zdb_jobs_note_start(arg, &entry, NOW_S, err) == ZDB_OK)
		zdb_jobs_note_end(arg, &entry, NOW_S, NOW_S, "no luck", err);
	zdb_jobs_entry_clear(&entry);
	return err->code;
}

static void
test_due(void)
{
	const char *repo = test_path("due");
	zdb_jobs_entry entry;
	zdb_err err = {0};
	int64_t due_s;

	put(repo, "daily", "0 2 * * *", NOW_S, &err);
	get(repo, &entry, &err);
	test_ok(!err.code && zdb_jobs_due(&entry, NOW_S + 100) == 0,
			"a new job is not due for what was before it");
	due_s = zdb_jobs_due(&entry, NOW_S + 3 * DAY_S);
	test_ok(due_s == 1757203200, "of three missed times the last is due");
	zdb_jobs_note_start(repo, &entry, NOW_S, &err);
	zdb_jobs_entry_clear(&entry);

	get(repo, &entry, &err);
	test_ok(entry.started_s == NOW_S && entry.ended_s == 0 &&
				zdb_jobs_due(&entry, NOW_S + 3 * DAY_S) == due_s,
			"one that did not end is due still");
	zdb_jobs_note_end(repo, &entry, NOW_S + 9, due_s, "no luck", &err);
	zdb_jobs_entry_clear(&entry);

	get(repo, &entry, &err);
	test_ok(strcmp(entry.outcome, "failure") == 0 &&
				strcmp(entry.error, "no luck") == 0 &&
				entry.ended_s == NOW_S + 9 &&
				zdb_jobs_due(&entry, NOW_S + 3 * DAY_S) == 0,
			"one that failed is dealt with, too");
	test_ok(zdb_jobs_due(&entry, due_s - 2 * DAY_S) > 0 &&
				zdb_jobs_due(&entry, due_s - DAY_S / 2) == 0,
			"what lies a day ahead was a wrong clock");
	zdb_jobs_entry_clear(&entry);
}

/* A run that ends does not take back what was scheduled meanwhile. */
static void
test_changed_meanwhile(void)
{
	const char *repo = test_path("changed");
	zdb_jobs_entry entry;
	zdb_err err = {0};
	zdb_jobs jobs;

	put(repo, "daily", "0 2 * * *", NOW_S, &err);
	get(repo, &entry, &err);
	put(repo, "daily", "0 3 * * *", NOW_S + 50, &err);
	zdb_jobs_note_end(repo, &entry, NOW_S + 60, NOW_S + 10, NULL, &err);
	zdb_jobs_entry_clear(&entry);
	get(repo, &entry, &err);
	test_ok(entry.due_s == NOW_S + 50 && strcmp(entry.outcome, "success") == 0,
			"a new schedule begins when it was made");
	zdb_jobs_edit(&jobs, repo, &err);
	zdb_jobs_remove(&jobs, "app", "daily", &err);
	zdb_jobs_save(&jobs, &err);
	zdb_jobs_close(&jobs);
	zdb_jobs_note_end(repo, &entry, NOW_S + 60, NOW_S + 10, NULL, &err);
	zdb_jobs_entry_clear(&entry);
	zdb_jobs_open(&jobs, repo, &err);
	test_ok(!err.code && json_array_size(jobs.list) == 0,
			"a job that was removed while it ran stays away");
	zdb_jobs_close(&jobs);
}

static void
test_locks(void)
{
	const char *path = test_path("lock");
	zdb_err err = {0};
	int one, other, third;
	struct stat st;

	zdb_lock_open(path, 0, false, &one, &err);
	zdb_lock_open(path, 1, false, &other, &err);
	test_ok(!err.code && stat(path, &st) == 0 && (st.st_mode & 0777) == 0600,
			"two bytes, two locks");
	zdb_lock_open(path, 0, false, &third, &err);
	test_err(&err, ZDB_BUSY, "is locked by another process");
	zdb_err_clear(&err);
	close(one);
	zdb_lock_open(path, 0, true, &third, &err);
	test_ok(!err.code, "closing lets go");
	close(other);
	close(third);
	zdb_lock_open("/nowhere/lock", 0, false, &one, &err);
	test_err(&err, ZDB_NOT_FOUND, "could not open lock");
}

static void
test_file_read(void)
{
	const char *path = test_path("file");
	zdb_buf bytes = {0};
	zdb_err err = {0};

	test_write(path, "12345", 5);
	zdb_file_read(path, 5, &bytes, &err);
	zdb_file_read(path, 5, &bytes, &err);
	test_ok(!err.code && bytes.len == 10 &&
				memcmp(bytes.data, "1234512345", 10) == 0,
			"what a file holds is appended");
	zdb_file_read(path, 4, &bytes, &err);
	test_err(&err, ZDB_FORMAT, "is larger than 4 bytes");
	zdb_buf_clear(&bytes);
}

static void
test_zones(void)
{
	static const char *const wrong[] = {
		"",       "Europe/Nowhere",  "../zoneinfo/UTC",
		"/etc/x", "Europe",          "tzdata.zi",
		"a b",    "Europe/Berlin\n", "UTC;x",
	};
	zdb_err err = {0};
	zdb_zone *zone;

	zdb_zone_load("Europe/Berlin", &zone, &err);
	test_ok(!err.code && zone, "a zone is loaded by its name");
	zdb_zone_free(zone);
	zdb_zone_load("UTC", &zone, &err);
	test_ok(!err.code && !zone, "UTC needs no file");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
	{
		zdb_zone_load(wrong[i], &zone, &err);
		test_err(&err, ZDB_USAGE, "there is no time zone");
		zdb_err_clear(&err);
	}
}

static bool
is_overdue(const zdb_job *job, const zdb_job_runs *runs, int64_t now_s)
{
	json_t *row = zdb_job_row(job, runs, now_s);
	bool overdue = json_is_true(json_object_get(row, "overdue"));

	json_decref(row);
	return overdue;
}

static void
test_row(void)
{
	zdb_job_runs runs = {
		.database = "app", .after_s = NOW_S, .outcome = "success"};
	zdb_err err = {0};
	json_t *row;
	zdb_job job;

	open_job(&job, "daily", "0 2 * * *", &err);
	row = zdb_job_row(&job, &runs, NOW_S);
	test_ok(strcmp(json_string_value(json_object_get(row, "next_run")),
				   "2025-09-05T00:00:00Z") == 0 &&
				json_is_null(json_object_get(row, "last_run")) &&
				json_is_false(json_object_get(row, "overdue")),
			"a row tells the next run in UTC");
	json_decref(row);
	test_ok(!is_overdue(&job, &runs, 1757030400 + ZDB_JOB_LATE_S) &&
				is_overdue(&job, &runs, 1757030401 + ZDB_JOB_LATE_S),
			"an hour late is late");
	zdb_job_clear(&job);
}

int
main(void)
{
	static char name[] = "daily";

	test_due();
	test_changed_meanwhile();
	test_locks();
	test_file_read();
	test_zones();
	test_row();
	test_break_each("taking in a job", open_and_clear, name);
	test_break_each("keeping a job", put_and_run, test_path("broken"));
	return test_done();
}
