/*
 * health - is it likely that we can restore?
 */
#include "core/policy/health_judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

#define MINUTE_US (60 * ZDB_HEALTH_SECOND_US)
#define HOUR_US ZDB_HEALTH_HOUR_US
#define DAY_US (24 * HOUR_US)
#define MEDIAN_MIN 3     /* fewer say nothing */
#define FAILURES_DAYS 31 /* older ones are nobody's any more */
#define MESSAGE_CHARS 400

static const char *const severity_names[] = {"ok", "warning", "critical"};

void
zdb_health_limits_default(zdb_health_limits *limits)
{
	*limits = (zdb_health_limits){.hours = 25,
								  .failures = 3,
								  .size_factor = 2,
								  .storage_percent = 90,
								  .restore_days = 7,
								  .overdue_minutes = 60};
}

static void alert(health_judge *self, const char *name,
				  health_severity severity, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void
alert(health_judge *self, const char *name, health_severity severity,
	  const char *fmt, ...)
{
	char message[MESSAGE_CHARS];
	size_t len;
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	for (len = strlen(message); !zdb_utf8_valid(message, len); len--)
		message[len - 1] = '\0'; /* cut inside a character */
	if (json_array_append_new(self->alerts,
							  json_pack("{s:s, s:s, s:s}", "name", name,
										"severity", severity_names[severity],
										"message", message)) != 0)
		self->lost = true;
	if (severity > self->worst)
		self->worst = severity;
}

static void
judge_age(health_judge *self)
{
	if (self->databases.count == 0)
		alert(self, "no_backup", HEALTH_CRITICAL, "there is no backup");
	for (size_t i = 0; i < self->databases.count; i++)
	{
		const health_group *of = &self->databases.list[i];

		if (!of->verified)
			alert(self, "no_backup", HEALTH_CRITICAL,
				  "no backup of database \"%s\" is verified", of->database);
		else if (zdb_health_since(self, of->verified->created_us) >
				 self->limits->hours * HOUR_US)
			alert(self, "no_backup", HEALTH_CRITICAL,
				  "the newest verified backup of database \"%s\" is %.1f "
				  "hours old",
				  of->database,
				  zdb_health_since(self, of->verified->created_us) / HOUR_US);
	}
}

static void
judge_failures(health_judge *self)
{
	for (size_t i = 0; i < self->runs.count; i++)
	{
		const health_group *of = &self->runs.list[i];

		if (of->failures >= self->limits->failures &&
			zdb_health_since(self, of->failed_us) < FAILURES_DAYS * DAY_US)
			alert(self, "failures", HEALTH_CRITICAL,
				  "the last %d %s backups of database \"%s\" have failed",
				  of->failures, of->type, of->database);
	}
}

static void
judge_jobs(health_judge *self)
{
	const zdb_health_facts *facts = self->facts;

	for (size_t i = 0; i < facts->job_count; i++)
	{
		const zdb_health_job *job = &facts->jobs[i];

		if (job->due_us > 0 && job->run_us < job->due_us &&
			zdb_health_since(self, job->due_us) >
				self->limits->overdue_minutes * MINUTE_US)
			alert(self, "overdue", HEALTH_CRITICAL,
				  "job \"%s\" has been due for %.0f minutes, and did not run",
				  job->name, zdb_health_since(self, job->due_us) / MINUTE_US);
	}
}

static bool
is_newest(const health_judge *self, const zdb_health_file *file)
{
	for (size_t i = 0; i < self->databases.count; i++)
		if (self->databases.list[i].newest == file)
			return true;
	return false;
}

static void
judge_damage(health_judge *self)
{
	for (size_t i = 0; i < self->facts->file_count; i++)
	{
		const zdb_health_file *file = &self->facts->files[i];

		if (zdb_health_is_future(self, file))
			alert(self, "clock", HEALTH_WARNING,
				  "\"%s\" is from the future: a clock was wrong", file->name);
		if (file->damaged)
			alert(self, "damaged",
				  is_newest(self, file) ? HEALTH_CRITICAL : HEALTH_WARNING,
				  "\"%s\" is damaged", file->name);
	}
}

static int
compare_sizes(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *) a, other = *(const uint64_t *) b;

	return one < other ? -1 : one > other;
}

static double
median(health_group *of)
{
	int middle = of->size_count / 2;

	qsort(of->sizes, (size_t) of->size_count, sizeof of->sizes[0],
		  compare_sizes);
	if (of->size_count % 2)
		return (double) of->sizes[middle];
	return ((double) of->sizes[middle - 1] + (double) of->sizes[middle]) / 2;
}

static void
judge_sizes(health_judge *self)
{
	for (size_t i = 0; i < self->series.count; i++)
	{
		health_group *of = &self->series.list[i];
		double usual, factor = self->limits->size_factor;

		/* what has changed differs from day to day */
		if (of->size_count < MEDIAN_MIN ||
			strcmp(of->type, "incremental") == 0)
			continue;
		usual = median(of);
		if ((double) of->newest->bytes > usual * factor ||
			(double) of->newest->bytes < usual / factor)
			alert(self, "size", HEALTH_WARNING,
				  "\"%s\" has %llu bytes, while %.0f are usual",
				  of->newest->name, (unsigned long long) of->newest->bytes,
				  usual);
	}
}

static void
judge_copies(health_judge *self)
{
	const zdb_health_facts *facts = self->facts;

	if (facts->copies_at && facts->copies_error)
		alert(self, "copies", HEALTH_WARNING,
			  "the copies cannot be looked at: %s", facts->copies_error);
	else if (facts->copies_at && facts->copies < facts->file_count)
		alert(self, "copies", HEALTH_WARNING,
			  "%zu of %zu backups are not at \"%s\"",
			  facts->file_count - facts->copies, facts->file_count,
			  facts->copies_at);
}

static void
judge_rest(health_judge *self)
{
	const zdb_health_facts *facts = self->facts;
	int64_t restored_us =
		facts->restored_us ? facts->restored_us : facts->first_us;
	double used_percent = 100 * zdb_health_used(facts);

	if (facts->space_known && used_percent > self->limits->storage_percent)
		alert(self, "storage", HEALTH_WARNING,
			  "%.1f %% of the storage are used", used_percent);
	if (restored_us && zdb_health_since(self, restored_us) >
						   self->limits->restore_days * DAY_US)
		alert(self, "verification", HEALTH_WARNING,
			  "no backup was proven by restoring it for %.1f days",
			  zdb_health_since(self, restored_us) / DAY_US);
	judge_copies(self);
	if (facts->history_error)
		alert(self, "history", HEALTH_WARNING,
			  "the history cannot be read: %s", facts->history_error);
	else if (facts->history_bad_lines)
		alert(self, "history", HEALTH_WARNING,
			  "%zu lines of the history cannot be read",
			  facts->history_bad_lines);
}

zdb_rc
zdb_health_judge(const zdb_health_limits *limits,
				 const zdb_health_facts *facts, json_t *report, zdb_err *err)
{
	health_judge self = {
		.limits = limits, .facts = facts, .alerts = json_array()};

	if (!self.alerts)
		return zdb_err_nomem(err);
	if (zdb_health_group(&self, err) == ZDB_OK)
	{
		judge_age(&self);
		judge_failures(&self);
		judge_jobs(&self);
		judge_damage(&self);
		judge_sizes(&self);
		judge_rest(&self);
		json_object_set_new(report, "status",
							json_string(severity_names[self.worst]));
		json_object_set(report, "alerts", self.alerts);
		zdb_health_numbers(&self, report, err);
		if (self.lost)
			zdb_err_nomem(err);
	}
	json_decref(self.alerts);
	zdb_free(self.databases.list);
	zdb_free(self.series.list);
	zdb_free(self.runs.list);
	return err->code;
}
