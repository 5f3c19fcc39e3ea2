/*
 * run_due - run the jobs of a repository that are due
 */
#include "sqlite_ext/run_due.h"

#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/jobs_file.h"
#include "core/job/path.h"
#include "core/job/report.h"
#include "core/job/tell.h"
#include "sqlite_ext/sql.h"

#define SECOND_US 1000000

typedef struct run
{
	zdblite_call *call;
	const char *repo;
	char *database;
	int64_t now_s;      /* what is due later waits for the next call */
	int64_t next_s;     /* 0: never */
	zdb_jobs_entry due; /* the job to run, */
	int64_t due_s;      /* or 0 */
	json_t *ran;
} run;

char *
zdblite_database_name(sqlite3 *db, zdb_err *err)
{
	return zdb_path_database(sqlite3_db_filename(db, "main"), err);
}

/* Keep what is due longest. */
static void
look_at(run *self, zdb_jobs_entry *entry)
{
	const zdb_job *job = &entry->job;
	int64_t next_s, due_s;

	if (strcmp(entry->database, self->database) != 0 || !zdb_job_active(job))
		return;
	next_s = zdb_cron_next(&job->cron, job->zone, self->now_s);
	if (!self->next_s || next_s < self->next_s)
		self->next_s = next_s;
	due_s = zdb_jobs_due(entry, self->now_s);
	if (!due_s || (self->due_s && self->due_s <= due_s))
		return;
	zdb_jobs_entry_clear(&self->due);
	self->due = *entry;
	self->due_s = due_s;
	*entry = (zdb_jobs_entry){0};
}

/* Find the job to run. One that cannot be read does not stop the others. */
static zdb_rc
find_due(run *self)
{
	zdb_err *err = &self->call->err;
	zdb_jobs jobs;

	zdb_jobs_entry_clear(&self->due);
	self->due_s = 0;
	self->next_s = 0;
	zdb_jobs_open(&jobs, self->repo, err);
	for (size_t i = 0; !err->code && i < json_array_size(jobs.list); i++)
	{
		zdb_err wrong = {0};
		zdb_jobs_entry entry;

		if (zdb_jobs_get(&jobs, i, self->repo, &entry, &wrong) == ZDB_OK)
			look_at(self, &entry);
		else
			zdblite_warn(self->call, "a job cannot be run: %s", wrong.msg);
		zdb_jobs_entry_clear(&entry);
	}
	zdb_jobs_close(&jobs);
	return err->code;
}

/* "SELECT zdb_backup_to(?, ?, ?)", with the job's values. */
static zdb_rc
prepare(run *self, const zdb_job *job, sqlite3_stmt **stmt, zdb_err *err)
{
	static const char *const marks[] = {"", "?", "?, ?", "?, ?, ?"};
	const char *const *keys = job->operation->arguments;
	int count = 0;

	while (keys[count])
		count++;
	if (zdblite_prepare(self->call->db, stmt, err, "SELECT %s(%s)",
						job->operation->function, marks[count]))
		return err->code;
	for (int i = 0; i < count; i++)
	{
		char *text = zdb_job_argument(job, keys[i], err);

		if (text && sqlite3_bind_text(*stmt, i + 1, text, -1,
									  SQLITE_TRANSIENT) != SQLITE_OK)
			zdb_err_nomem(err);
		zdb_free(text);
	}
	return err->code;
}

/* Call the function and put its report into *report. */
static zdb_rc
perform(run *self, const zdb_job *job, json_t **report, zdb_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	*report = NULL;
	if (prepare(self, job, &stmt, err) == ZDB_OK)
	{
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			*report = json_loads((const char *) sqlite3_column_text(stmt, 0),
								 0, NULL);
		else
			zdblite_err_db(err, self->call->db, rc, "job \"%s\"", job->name);
	}
	sqlite3_finalize(stmt);
	return err->code;
}

static void
tell(run *self, json_t *report)
{
	zdb_notice notice = {.job = self->due.job.name,
						 .database = self->database,
						 .engine = "sqlite"};

	zdb_tell_report(&notice, report, &self->call->settings, &self->call->host);
}

static void
add_outcome(run *self, double started_s, json_t *report, const char *error)
{
	const zdb_job *job = &self->due.job;
	json_t *one = json_pack(
		"{s:s, s:s, s:o, s:s, s:f, s:o}", "job", job->name, "operation",
		job->operation->name, "due", zdb_report_time(self->due_s * SECOND_US),
		"outcome", error ? "failure" : "success", "duration_s",
		zdb_monotonic_s() - started_s, error ? "error" : "report",
		error    ? json_string(error)
		: report ? report
				 : json_null());

	if (json_array_append_new(self->ran, one) != 0)
		zdb_err_nomem(&self->call->err);
}

static int64_t
now_s(void)
{
	return zdb_now_us() / SECOND_US;
}

/* Run one job. Its due time is dealt with when it has ended, unless somebody
 * asked us to stop: then it runs again. */
static void
run_one(run *self)
{
	double started_s = zdb_monotonic_s();
	json_t *report = NULL;
	zdb_err wrong = {0};
	const char *error = NULL;

	if (zdb_jobs_note_start(self->repo, &self->due, now_s(), &wrong) == ZDB_OK)
		perform(self, &self->due.job, &report, &wrong);
	if (report && self->due.job.operation->told)
		tell(self, report);
	if (wrong.code == ZDB_CANCELLED)
	{
		self->call->err = wrong;
		return;
	}
	if (wrong.code)
		error = zdb_utf8_valid(wrong.msg, strlen(wrong.msg))
					? wrong.msg
					: "the error is not valid UTF-8";
	add_outcome(self, started_s, report, error);
	zdb_jobs_note_end(self->repo, &self->due, now_s(), self->due_s, error,
					  &self->call->err);
}

static void
say_busy(zdblite_call *call)
{
	zdb_err_clear(&call->err);
	zdblite_report(call, "busy", json_true());
	zdblite_warn(call, "another process is running the jobs of this "
					   "repository: nothing was done");
}

static void
run_jobs(run *self)
{
	zdb_err *err = &self->call->err;
	int lock;

	if (find_due(self) || !self->due_s)
		return;
	if (zdb_jobs_claim(self->repo, &lock, err))
	{
		if (err->code == ZDB_BUSY)
			say_busy(self->call);
		return;
	}
	/* again: it may have run while we came for the lock */
	while (find_due(self) == ZDB_OK && self->due_s)
		run_one(self);
	close(lock);
}

void
zdblite_run_due(zdblite_call *call, const char *repo)
{
	run self = {.call = call, .repo = repo, .now_s = now_s()};

	self.ran = json_array();
	self.database = zdblite_database_name(call->db, &call->err);
	zdblite_report(call, "repo", json_string(repo));
	zdblite_report(call, "busy", json_false());
	zdblite_report(call, "ran", self.ran);
	if (!call->err.code)
	{
		zdblite_report(call, "database", json_string(self.database));
		run_jobs(&self);
		zdblite_report(call, "next_run",
					   self.next_s ? zdb_report_time(self.next_s * SECOND_US)
								   : json_null());
	}
	zdb_jobs_entry_clear(&self.due);
	zdb_free(self.database);
}
