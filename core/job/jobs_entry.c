/*
 * jobs_entry - one job in the file of jobs
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/jobs_file.h"
#include "core/job/report.h"
#include "core/policy/civil.h"

#define SECOND_US 1000000

static const char *
text_of(const json_t *entry, const char *key)
{
	return json_string_value(json_object_get(entry, key));
}

static int64_t
time_of(const json_t *entry, const char *key)
{
	const char *text = text_of(entry, key);
	int64_t us, unit_us;

	return text && zdb_text_parse_time(text, &us, &unit_us) ? us / SECOND_US
															: 0;
}

static zdb_rc
copy_text(char **to, const char *text, zdb_err *err)
{
	*to = text ? zdb_strdup(text, err) : NULL;
	return err->code;
}

/* The job as it was given, with the repository that the file lies in. */
static char *
spec_text(const json_t *entry, const char *repo, zdb_err *err)
{
	json_t *spec = json_deep_copy(json_object_get(entry, "job"));
	char *text = NULL;

	if (spec && json_object_set_new(spec, "repo", json_string(repo)) == 0)
		text = json_dumps(spec, JSON_COMPACT);
	if (!text)
		zdb_err_nomem(err);
	json_decref(spec);
	return text;
}

static zdb_rc
get_job(const json_t *entry, const char *repo, zdb_job *job, zdb_err *err)
{
	char *spec = spec_text(entry, repo, err);

	if (spec)
		zdb_job_open(job, ZDB_ENGINE_SQLITE, text_of(entry, "name"),
					 text_of(entry, "cron"), spec, strlen(spec), err);
	free(spec);
	return err->code;
}

zdb_rc
zdb_jobs_get(const zdb_jobs *jobs, size_t i, const char *repo,
			 zdb_jobs_entry *entry, zdb_err *err)
{
	const json_t *from = json_array_get(jobs->list, i);

	*entry = (zdb_jobs_entry){0};
	if (!text_of(from, "name") || !text_of(from, "cron") ||
		!text_of(from, "database") ||
		!json_is_object(json_object_get(from, "job")))
		return zdb_jobs_damaged(
			jobs, "a job has no name, database, cron or job", err);
	entry->since_s = time_of(from, "since");
	entry->due_s = time_of(from, "due");
	entry->started_s = time_of(from, "started");
	entry->ended_s = time_of(from, "ended");
	if (copy_text(&entry->database, text_of(from, "database"), err) ||
		copy_text(&entry->outcome, text_of(from, "outcome"), err) ||
		copy_text(&entry->error, text_of(from, "error"), err))
		return err->code;
	return get_job(from, repo, &entry->job, err);
}

void
zdb_jobs_entry_clear(zdb_jobs_entry *entry)
{
	zdb_job_clear(&entry->job);
	zdb_free(entry->database);
	zdb_free(entry->outcome);
	zdb_free(entry->error);
	*entry = (zdb_jobs_entry){0};
}

int64_t
zdb_jobs_due(const zdb_jobs_entry *entry, int64_t now_s)
{
	const zdb_job *job = &entry->job;
	int64_t due_s = zdb_cron_previous(&job->cron, job->zone, now_s);

	if (!zdb_job_active(job))
		return 0;
	/* dealt with in the future: a clock was wrong */
	if (entry->due_s > now_s + ZDB_DAY_S)
		return due_s;
	return due_s > entry->due_s ? due_s : 0;
}

/* One that started and has not ended runs, or was killed. */
zdb_job_runs
zdb_jobs_runs(const zdb_jobs_entry *entry, bool running, int64_t now_s)
{
	bool open = entry->started_s && !entry->ended_s;
	zdb_job_runs runs = {
		.database = entry->database,
		.after_s = open && running ? entry->started_s : entry->due_s,
		.last_s = entry->started_s,
		.outcome = entry->outcome,
		.error = entry->error,
	};

	if (open)
		runs.outcome = running ? "running" : "interrupted";
	if (runs.after_s > now_s)
		runs.after_s = now_s;
	return runs;
}

static size_t
find(const zdb_jobs *jobs, const char *database, const char *name)
{
	size_t count = json_array_size(jobs->list);

	for (size_t i = 0; i < count; i++)
	{
		const json_t *entry = json_array_get(jobs->list, i);
		const char *its = text_of(entry, "name");
		const char *of = text_of(entry, "database");

		if (its && of && strcmp(its, name) == 0 && strcmp(of, database) == 0)
			return i;
	}
	return count;
}

static json_t *
time_json(int64_t at_s)
{
	return zdb_report_time(at_s * SECOND_US);
}

/* Does an entry come due when the job does? */
static bool
same_times(const json_t *entry, const zdb_job *job)
{
	const char *cron = text_of(entry, "cron");
	const char *zone = text_of(json_object_get(entry, "job"), "zone");

	return cron && strcmp(cron, job->text) == 0 &&
		   strcmp(zone ? zone : "UTC", zdb_job_zone(job)) == 0;
}

zdb_rc
zdb_jobs_put(zdb_jobs *jobs, const zdb_job *job, const char *database,
			 int64_t now_s, zdb_err *err)
{
	size_t at = find(jobs, database, job->name);
	json_t *entry = json_array_get(jobs->list, at);
	json_t *spec = json_copy(job->spec);
	json_t *fresh;

	if (!spec)
		return zdb_err_nomem(err);
	json_object_del(spec, "repo");
	fresh = json_pack("{s:s, s:s, s:s, s:o}", "name", job->name, "database",
					  database, "cron", job->text, "job", spec);
	if (!entry || !same_times(entry, job))
	{
		json_object_set_new(fresh, "since", time_json(now_s));
		json_object_set_new(fresh, "due", time_json(now_s));
	}
	if (!fresh || (entry ? json_object_update(entry, fresh)
						 : json_array_append(jobs->list, fresh)) != 0)
		zdb_err_nomem(err);
	json_decref(fresh);
	return err->code;
}

static zdb_rc
no_such_job(const zdb_jobs *jobs, const char *database, const char *name,
			zdb_err *err)
{
	char list[200] = "";
	size_t used = 0, i;
	json_t *entry;

	json_array_foreach (jobs->list, i, entry)
	{
		const char *its = text_of(entry, "name");
		const char *of = text_of(entry, "database");

		if (its && of && strcmp(of, database) == 0 &&
			used + strlen(its) + 2 < sizeof list)
			used += (size_t) snprintf(list + used, sizeof list - used, "%s%s",
									  used ? ", " : "", its);
	}
	zdb_err_set(err, ZDB_NOT_FOUND, "there is no job \"%s\" of \"%s\"", name,
				database);
	zdb_err_hint(err, used ? "The jobs are: %s." : "There are none.", list);
	return err->code;
}

zdb_rc
zdb_jobs_remove(zdb_jobs *jobs, const char *database, const char *name,
				zdb_err *err)
{
	size_t at = find(jobs, database, name);

	if (at == json_array_size(jobs->list))
		return no_such_job(jobs, database, name, err);
	json_array_remove(jobs->list, at);
	return ZDB_OK;
}

/* Change the entry in the file as it is now, if it is still there. due_s is
 * 0, or set unless somebody scheduled the job anew meanwhile. */
static zdb_rc
note(const char *repo, const zdb_jobs_entry *entry, json_t *changes,
	 int64_t due_s, zdb_err *err)
{
	zdb_jobs jobs;
	json_t *found;

	if (!changes)
		return zdb_err_nomem(err);
	if (zdb_jobs_edit(&jobs, repo, err) == ZDB_OK)
	{
		found = json_array_get(jobs.list,
							   find(&jobs, entry->database, entry->job.name));
		if (due_s && time_of(found, "due") == entry->due_s)
			json_object_set_new(changes, "due", time_json(due_s));
		if (found && json_object_update(found, changes) != 0)
			zdb_err_nomem(err);
		else if (found)
			zdb_jobs_save(&jobs, err);
	}
	zdb_jobs_close(&jobs);
	json_decref(changes);
	return err->code;
}

zdb_rc
zdb_jobs_note_start(const char *repo, const zdb_jobs_entry *entry,
					int64_t now_s, zdb_err *err)
{
	return note(repo, entry,
				json_pack("{s:o, s:n}", "started", time_json(now_s), "ended"),
				0, err);
}

zdb_rc
zdb_jobs_note_end(const char *repo, const zdb_jobs_entry *entry, int64_t now_s,
				  int64_t due_s, const char *error, zdb_err *err)
{
	return note(repo, entry,
				json_pack("{s:o, s:s, s:s?}", "ended", time_json(now_s),
						  "outcome", error ? "failure" : "success", "error",
						  error),
				due_s, err);
}
