/*
 * tell - how a call ended, told to who wants to know
 */
#include "core/job/tell.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/notify/notify.h"

typedef struct tally
{
	const char *database;
	int64_t total;
	int64_t good;
	int64_t failures; /* in a row, up to the last */
} tally;

static void
count_backup(tally *self, bool good)
{
	self->total++;
	self->good += good;
	self->failures = good ? 0 : self->failures + 1;
}

static bool
has(const json_t *record, const char *key, const char *text)
{
	const char *value = json_string_value(json_object_get(record, key));

	return value && text && strcmp(value, text) == 0;
}

static zdb_rc
count_record(void *arg, size_t line, const json_t *record, zdb_err *err)
{
	tally *self = arg;

	(void) line;
	(void) err;
	if (has(record, "operation", "backup") &&
		has(record, "database", self->database))
		count_backup(self, has(record, "outcome", "success"));
	return ZDB_OK;
}

/* A history that cannot be read is no reason to be silent: then there are no
 * statistics. */
static bool
make_stats(const zdb_run *run, bool failed, zdb_notice_stats *stats)
{
	tally counted = {.database = run->database};
	zdb_repository repository = run->repository;
	char *where = NULL;
	zdb_err err = {0};

	if (repository.where)
		where = zdb_repository_of(repository.where, &err);
	repository.where = where;
	if (where)
		zdb_repository_runs(&repository, count_record, &counted, &err);
	zdb_free(where);
	if (strcmp(run->operation, "backup") == 0)
		count_backup(&counted, !failed);
	if (err.code || counted.total == 0)
		return false;
	*stats = (zdb_notice_stats){.total_backups = counted.total,
								.success_rate = (double) counted.good /
												(double) counted.total,
								.consecutive_failures = counted.failures};
	return true;
}

void
zdb_tell(const zdb_run *run, zdb_settings *settings, const zdb_host *host,
		 json_t *warnings)
{
	bool bad_report = json_is_false(json_object_get(run->report, "ok"));
	bool failed = run->outcome != ZDB_OUTCOME_SUCCESS || bad_report;
	zdb_notice_stats stats;
	zdb_notice notice = {
		.event = failed ? ZDB_EVENT_FAILURE : ZDB_EVENT_SUCCESS,
		.operation = run->operation,
		.job = run->job,
		.database = run->database,
		.engine = run->engine,
		.report = run->report,
		.error = run->error,
		.hint = run->hint,
		.good_backup = !failed && strcmp(run->operation, "backup") == 0,
		.duration_s = run->duration_s,
		.now_us = zdb_now_us()};

	if (!zdb_notify_wanted(settings, notice.event) ||
		json_is_true(json_object_get(run->report, "dry_run")))
		return;
	/* a verification that was asked not to raise */
	if (bad_report && !run->error)
	{
		notice.error =
			json_string_value(json_object_get(run->report, "error"));
		notice.hint = json_string_value(json_object_get(run->report, "hint"));
	}
	if (make_stats(run, failed, &stats))
		notice.stats = &stats;
	zdb_notify_run(&notice, settings, host, warnings);
}

/* What is to be done comes first: people read it in mails. */
static json_t *
digest(const json_t *report)
{
	static const char *const left_out[] = {"health", "steps", "points",
										   "warnings", "duration_s"};
	json_t *health = json_object_get(report, "health");
	json_t *data =
		json_pack("{s:O?, s:O?}", "status", json_object_get(health, "status"),
				  "alerts", json_object_get(health, "alerts"));

	json_object_update(data, (json_t *) report);
	for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
		json_object_del(data, left_out[i]);
	return data;
}

void
zdb_tell_report(zdb_notice *notice, json_t *report, zdb_settings *settings,
				const zdb_host *host)
{
	json_t *data = digest(report);

	notice->event = ZDB_EVENT_REPORT;
	notice->operation = "report";
	notice->details = data;
	notice->now_us = zdb_now_us();
	zdb_notify_run(notice, settings, host,
				   json_object_get(report, "warnings"));
	json_decref(data);
}
