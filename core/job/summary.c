/*
 * summary - what happened in a repository in a day, a week, a month
 */
#include "core/job/summary.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/job/report.h"

#define HOUR_US 3600000000ll
#define DAY_US (24 * HOUR_US)
#define STEPS_MAX 30
#define POINTS_MAX 5000
#define FAILURES_MAX 50
#define OPERATIONS_MAX 16

typedef struct span
{
	const char *name;
	int steps;
	int64_t step_us;
} span;

static const span periods[] = {
	{"daily", 24, HOUR_US},
	{"weekly", 7, DAY_US},
	{"monthly", 30, DAY_US},
};

/* How runs of one kind have ended. */
typedef struct tally
{
	const char *operation;
	int64_t success;
	int64_t failure;
	int64_t cancelled;
	double duration_s; /* of those that succeeded */
	double longest_s;
} tally;

typedef struct summary
{
	const zdb_facts *facts;
	const span *period;
	int64_t from_us;
	int64_t to_us;
	tally operations[OPERATIONS_MAX];
	int operation_count;
	tally steps[STEPS_MAX]; /* backups only */
	int64_t written_bytes;
} summary;

static const span *
find_period(const char *name, zdb_err *err)
{
	for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++)
		if (strcmp(periods[i].name, name) == 0)
			return &periods[i];
	zdb_err_set(err, ZDB_USAGE, "there is no period \"%s\"", name);
	zdb_err_hint(err, "The periods are: daily, weekly, monthly.");
	return NULL;
}

/* The present hour or day counts as a whole one. */
static void
set_window(summary *self)
{
	int64_t step_us = self->period->step_us;

	self->to_us = (self->facts->now_us / step_us + 1) * step_us;
	self->from_us = self->to_us - self->period->steps * step_us;
}

static bool
is_inside(const summary *self, const zdb_fact_run *run)
{
	return run->started_us >= self->from_us && run->started_us < self->to_us &&
		   !run->dry_run;
}

static void
count_run(tally *to, const zdb_fact_run *run)
{
	if (zdb_run_is_success(run))
	{
		to->success++;
		to->duration_s += run->duration_s;
		if (run->duration_s > to->longest_s)
			to->longest_s = run->duration_s;
	}
	else if (strcmp(run->outcome, "cancelled") == 0)
		to->cancelled++;
	else
		to->failure++;
}

static tally *
find_operation(summary *self, const char *name)
{
	for (int i = 0; i < self->operation_count; i++)
		if (strcmp(self->operations[i].operation, name) == 0)
			return &self->operations[i];
	if (self->operation_count == OPERATIONS_MAX)
		return &self->operations[OPERATIONS_MAX - 1];
	self->operations[self->operation_count].operation = name;
	return &self->operations[self->operation_count++];
}

static void
count_runs(summary *self)
{
	find_operation(self, "backup"); /* also when there was none */
	for (size_t i = 0; i < self->facts->run_count; i++)
	{
		const zdb_fact_run *run = &self->facts->runs[i];
		int64_t step =
			(run->started_us - self->from_us) / self->period->step_us;

		if (!is_inside(self, run))
			continue;
		count_run(find_operation(self, run->operation), run);
		if (!zdb_run_is_backup(run))
			continue;
		count_run(&self->steps[step], run);
		if (zdb_run_is_success(run))
			self->written_bytes += run->stored_bytes;
	}
}

static json_t *
ratio_or_null(double part, double whole)
{
	return whole > 0 ? json_real(part / whole) : json_null();
}

static zdb_rc
append(json_t *list, json_t *item, zdb_err *err)
{
	return json_array_append_new(list, item) == 0 ? ZDB_OK
												  : zdb_err_nomem(err);
}

static zdb_rc
put_operations(const summary *self, json_t *list, zdb_err *err)
{
	for (int i = 0; i < self->operation_count; i++)
	{
		const tally *of = &self->operations[i];

		if (append(
				list,
				json_pack("{s:s, s:I, s:I, s:I, s:o}", "operation",
						  of->operation, "success", (json_int_t) of->success,
						  "failure", (json_int_t) of->failure, "cancelled",
						  (json_int_t) of->cancelled, "mean_duration_s",
						  ratio_or_null(of->duration_s, (double) of->success)),
				err))
			return err->code;
	}
	return ZDB_OK;
}

/* How much of what is stored now was there at that time. */
static int64_t
stored_at(const zdb_facts *facts, int64_t us)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < facts->inventory.count; i++)
		if (zdb_listed_us(&facts->inventory.list[i]) < us)
			bytes += (int64_t) facts->inventory.list[i].stored_bytes;
	return bytes;
}

static zdb_rc
put_steps(const summary *self, json_t *list, zdb_err *err)
{
	for (int i = 0; i < self->period->steps; i++)
	{
		const tally *of = &self->steps[i];
		int64_t from_us = self->from_us + i * self->period->step_us;

		if (append(
				list,
				json_pack("{s:o, s:I, s:I, s:I, s:I}", "from",
						  zdb_report_time(from_us), "success",
						  (json_int_t) of->success, "failure",
						  (json_int_t) of->failure, "cancelled",
						  (json_int_t) of->cancelled, "storage_bytes",
						  (json_int_t) stored_at(
							  self->facts, from_us + self->period->step_us)),
				err))
			return err->code;
	}
	return ZDB_OK;
}

static zdb_rc
put_points(const summary *self, json_t *list, zdb_err *err)
{
	const zdb_facts *facts = self->facts;
	size_t first =
		facts->run_count > POINTS_MAX ? facts->run_count - POINTS_MAX : 0;

	for (size_t i = first; i < facts->run_count; i++)
	{
		const zdb_fact_run *run = &facts->runs[i];

		if (is_inside(self, run) && zdb_run_is_backup(run) &&
			append(list,
				   json_pack("{s:o, s:s, s:s, s:s, s:f, s:I}", "started",
							 zdb_report_time(run->started_us), "database",
							 run->database, "type", run->type, "outcome",
							 run->outcome, "duration_s", run->duration_s,
							 "stored_bytes", (json_int_t) run->stored_bytes),
				   err))
			return err->code;
	}
	return ZDB_OK;
}

static zdb_rc
put_failures(const summary *self, json_t *list, zdb_err *err)
{
	const zdb_facts *facts = self->facts;

	for (size_t i = facts->run_count;
		 i > 0 && json_array_size(list) < FAILURES_MAX; i--)
	{
		const zdb_fact_run *run = &facts->runs[i - 1];

		if (is_inside(self, run) && !zdb_run_is_success(run) &&
			append(list,
				   json_pack("{s:o, s:s, s:s, s:s, s:s, s:s}", "started",
							 zdb_report_time(run->started_us), "operation",
							 run->operation, "job", run->job, "database",
							 run->database, "outcome", run->outcome, "error",
							 run->error),
				   err))
			return err->code;
	}
	return ZDB_OK;
}

static json_t *
find_database(json_t *list, const char *name)
{
	size_t i;
	json_t *each;

	json_array_foreach (list, i, each)
		if (strcmp(json_string_value(json_object_get(each, "database")),
				   name) == 0)
			return each;
	return NULL;
}

static void
add_to(json_t *object, const char *key, json_int_t more)
{
	json_int_t now = json_integer_value(json_object_get(object, key));

	json_object_set_new(object, key, json_integer(now + more));
}

/* The inventory begins with the newest file. One from which all could be
 * restored counts as the newest backup. */
static zdb_rc
put_databases(const summary *self, json_t *list, zdb_err *err)
{
	const zdb_inventory *inventory = &self->facts->inventory;

	for (size_t i = 0; i < inventory->count; i++)
	{
		const zdb_listed *file = &inventory->list[i];
		json_t *of;

		if (!zdb_listed_counts(file))
			continue;
		if (!find_database(list, file->database) &&
			append(list, json_pack("{s:s}", "database", file->database), err))
			return err->code;
		of = find_database(list, file->database);
		add_to(of, "backups", 1);
		add_to(of, "stored_bytes", (json_int_t) file->stored_bytes);
		if (json_object_get(of, "newest") ||
			!zdb_facts_stands_for_all(self->facts, file))
			continue;
		json_object_set_new(of, "newest", zdb_report_time(file->created_us));
		json_object_set_new(of, "verified",
							file->verified
								? json_string(zdb_level_name(file->verified))
								: json_null());
	}
	return ZDB_OK;
}

static void
put_numbers(const summary *self, json_t *report)
{
	const tally *backups = &self->operations[0];
	int64_t failed = backups->failure + backups->cancelled;
	const zdb_listed *largest = NULL;

	for (size_t i = 0; i < self->facts->inventory.count; i++)
	{
		const zdb_listed *each = &self->facts->inventory.list[i];

		if (zdb_listed_counts(each) &&
			(!largest || each->stored_bytes > largest->stored_bytes))
			largest = each;
	}
	json_object_set_new(report, "period", json_string(self->period->name));
	json_object_set_new(report, "from", zdb_report_time(self->from_us));
	json_object_set_new(report, "to", zdb_report_time(self->facts->now_us));
	json_object_set_new(report, "total_backups",
						json_integer(backups->success + failed));
	json_object_set_new(report, "failed_backups", json_integer(failed));
	json_object_set_new(report, "success_rate",
						ratio_or_null((double) backups->success,
									  (double) (backups->success + failed)));
	json_object_set_new(
		report, "mean_duration_s",
		ratio_or_null(backups->duration_s, (double) backups->success));
	json_object_set_new(report, "max_duration_s",
						json_real(backups->longest_s));
	json_object_set_new(report, "written_bytes",
						json_integer(self->written_bytes));
	json_object_set_new(
		report, "largest_bytes",
		json_integer(largest ? (json_int_t) largest->stored_bytes : 0));
	json_object_set_new(report, "largest_file",
						largest ? zdb_report_name(largest->name)
								: json_null());
}

/* A list under a key, filled in. */
static zdb_rc
put_list(const summary *self, json_t *report, const char *key,
		 zdb_rc (*fill)(const summary *self, json_t *list, zdb_err *err),
		 zdb_err *err)
{
	json_t *list = json_array();

	if (!list || json_object_set(report, key, list) != 0)
		zdb_err_nomem(err);
	else
		fill(self, list, err);
	json_decref(list);
	return err->code;
}

static zdb_rc
put_health(const zdb_facts *facts, const zdb_health_request *request,
		   json_t *report, zdb_err *err)
{
	json_t *health = json_pack("{}");

	if (!health || json_object_set(report, "health", health) != 0)
		zdb_err_nomem(err);
	else
		zdb_health_report(facts, request, health, err);
	json_decref(health);
	return err->code;
}

static zdb_rc
summarise(const zdb_facts *facts, const span *period,
		  const zdb_health_request *request, json_t *report, zdb_err *err)
{
	summary self = {.facts = facts, .period = period};

	set_window(&self);
	count_runs(&self);
	put_numbers(&self, report);
	if (put_health(facts, request, report, err) ||
		put_list(&self, report, "operations", put_operations, err) ||
		put_list(&self, report, "databases", put_databases, err) ||
		put_list(&self, report, "steps", put_steps, err) ||
		put_list(&self, report, "points", put_points, err))
		return err->code;
	return put_list(&self, report, "failures", put_failures, err);
}

zdb_rc
zdb_summary_check(const char *period, zdb_err *err)
{
	return find_period(period, err) ? ZDB_OK : err->code;
}

zdb_rc
zdb_summary(const zdb_repository *repository,
			const zdb_health_request *request, const char *period_name,
			json_t *report, zdb_err *err)
{
	const span *period = find_period(period_name, err);
	zdb_facts facts;

	if (!period)
		return err->code;
	if (zdb_facts_read(repository, &facts, err) == ZDB_OK)
		summarise(&facts, period, request, report, err);
	zdb_facts_clear(&facts);
	return err->code;
}
