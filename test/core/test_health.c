/*
 * test_health - when all is well, and what makes it otherwise
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy/health.h"
#include "test/core/test.h"

#define HOUR 3600000000ll
#define DAY (24 * HOUR)
#define NOW (20000 * DAY)
#define MANY 10000

static zdb_health_file
file(const char *name, const char *database, int64_t age_us, uint64_t bytes)
{
	return (zdb_health_file){.name = name,
							 .database = database,
							 .type = "full",
							 .codec = "gzip",
							 .created_us = NOW - age_us,
							 .bytes = bytes,
							 .has_rows = true,
							 .verified = true};
}

static zdb_health_run
run(bool success, int64_t age_us)
{
	return (zdb_health_run){"app", "full", success, NOW - age_us, 2};
}

/* A repository that is well; what a case changes is set after it. */
static zdb_health_facts
well(void)
{
	static zdb_health_file files[4];
	static zdb_health_run runs[4];
	zdb_health_facts facts = {.now_us = NOW,
							  .runs = runs,
							  .run_count = 4,
							  .files = files,
							  .file_count = 4,
							  .first_us = NOW - 30 * DAY,
							  .restored_us = NOW - 2 * DAY,
							  .storage_bytes = 4000,
							  .space_known = true,
							  .space_total_bytes = 1000,
							  .space_free_bytes = 500};

	for (int i = 0; i < 4; i++)
	{
		files[i] = file("a", "app", i * DAY + HOUR, 1000);
		runs[i] = run(true, (3 - i) * DAY + HOUR);
	}
	return facts;
}

/* "status: name name": what the rules make of it. */
static json_t *
judge(const char *what, const zdb_health_facts *facts, const char *wanted)
{
	zdb_health_limits limits;
	json_t *report = json_object(), *alert;
	char is[300];
	zdb_err err = {0};
	size_t i;

	zdb_health_limits_default(&limits);
	zdb_health_judge(&limits, facts, report, &err);
	snprintf(is, sizeof is,
			 "%s:", json_string_value(json_object_get(report, "status")));
	json_array_foreach (json_object_get(report, "alerts"), i, alert)
		snprintf(is + strlen(is), sizeof is - strlen(is), " %s",
				 json_string_value(json_object_get(alert, "name")));
	test_ok(!err.code && strcmp(is, wanted) == 0, "%s: %s", what, is);
	return report;
}

static void
is(const char *what, const zdb_health_facts *facts, const char *wanted)
{
	json_decref(judge(what, facts, wanted));
}

static double
number(const json_t *report, const char *key)
{
	const json_t *value = json_object_get(report, key);

	return value && json_is_number(value) ? json_number_value(value) : -1;
}

static void
test_numbers(void)
{
	zdb_health_facts facts = well();
	zdb_health_run runs[] = {run(true, 4 * HOUR), run(false, 3 * HOUR),
							 run(false, 2 * HOUR)};
	json_t *report;

	facts.runs = runs;
	facts.run_count = 3;
	facts.copies_at = "s3://bucket";
	facts.copies = 3;
	report = judge("two failures are no alert yet, a copy that lacks is",
				   &facts, "warning: copies");
	test_ok(number(report, "total_backups") == 3 &&
				number(report, "consecutive_failures") == 2 &&
				number(report, "success_rate") > 0.33 &&
				number(report, "success_rate") < 0.34 &&
				number(report, "hours_since_last_success") == 4 &&
				number(report, "hours_since_last_verified") == 1 &&
				number(report, "hours_since_last_restore_test") == 48 &&
				number(report, "mean_duration_s") == 2 &&
				number(report, "backups") == 4 &&
				number(report, "largest_bytes") == 1000 &&
				number(report, "storage_bytes") == 4000 &&
				number(report, "storage_free_bytes") == 500 &&
				number(report, "storage_used") == 0.5 &&
				number(report, "cloud_in_step") == 0.75 &&
				number(report, "running_time_s") == 30 * 86400,
			"the numbers");
	json_decref(report);
	facts = well();
	facts.copies_at = "s3://bucket";
	facts.copies_error = "the bucket is gone";
	report = judge("copies that cannot be seen", &facts, "warning: copies");
	test_ok(json_is_null(json_object_get(report, "cloud_in_step")),
			"nobody knows how many");
	json_decref(report);
	facts = (zdb_health_facts){.now_us = NOW};
	report = judge("nothing at all", &facts, "critical: no_backup");
	test_ok(json_is_null(json_object_get(report, "success_rate")) &&
				json_is_null(json_object_get(report, "cloud_in_step")) &&
				json_is_null(json_object_get(report, "storage_free_bytes")) &&
				number(report, "total_backups") == 0,
			"what is not known is null");
	json_decref(report);
}

static void
test_age(void)
{
	zdb_health_facts facts = well();
	zdb_health_file files[3];

	facts.files = files;
	facts.file_count = 1;
	files[0] = file("a", "app", 25 * HOUR, 1);
	is("25 hours", &facts, "ok:");
	files[0] = file("a", "app", 25 * HOUR + 1, 1);
	is("a little more, though every run succeeds", &facts,
	   "critical: no_backup");
	files[0] = file("a", "app", HOUR, 1);
	files[0].verified = false;
	is("a backup that nobody verified does not count", &facts,
	   "critical: no_backup");
	files[0] = file("a", "app", HOUR, 1);
	files[0].has_rows = false;
	is("nor does one without rows", &facts, "critical: no_backup");
	facts.file_count = 2;
	files[0] = file("a", "app", HOUR, 1);
	files[1] = file("b", "shop", 26 * HOUR, 1);
	is("every database counts", &facts, "critical: no_backup");
	files[0] = file("a", "app", -2 * HOUR, 1);
	files[1] = file("b", "app", 26 * HOUR, 1);
	is("one of the future hides nothing", &facts, "critical: no_backup clock");
	files[0] = file("a", "app", -60000000, 1);
	is("a minute ahead is another host's clock", &facts, "ok:");
}

static void
test_failures(void)
{
	zdb_health_facts facts = well();
	zdb_health_run runs[5];

	facts.runs = runs;
	facts.run_count = 3;
	for (int i = 0; i < 5; i++)
		runs[i] = run(false, (5 - i) * HOUR);
	is("three in a row", &facts, "critical: failures");
	runs[1].success = true;
	facts.run_count = 3;
	is("but one between", &facts, "ok:");
	facts.run_count = 5;
	is("and three after it", &facts, "critical: failures");
	runs[1].success = false;
	runs[4].success = true;
	is("over since the last one", &facts, "ok:");
	runs[4] = run(true, 0);
	runs[4].type = "schema";
	is("another type's success is another's", &facts, "critical: failures");
	facts.run_count = 3;
	for (int i = 0; i < 3; i++)
		runs[i] = run(false, 32 * DAY);
	is("what failed a month ago is over", &facts, "ok:");
}

static void
test_sizes(void)
{
	static const struct
	{
		uint64_t newest;
		int before;
		uint64_t usual;
		const char *wanted;
	} cases[] = {
		{1000, 10, 1000, "ok:"},           {2000, 10, 1000, "ok:"},
		{2001, 10, 1000, "warning: size"}, {500, 10, 1000, "ok:"},
		{499, 10, 1000, "warning: size"},  {1, 2, 1000, "ok:"},
		{1, 3, 1000, "warning: size"},
	};
	zdb_health_file files[12];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		zdb_health_facts facts = well();

		files[0] = file("a", "app", HOUR, cases[i].newest);
		for (int j = 1; j <= cases[i].before; j++)
			files[j] = file("a", "app", j * DAY, cases[i].usual);
		facts.files = files;
		facts.file_count = (size_t) cases[i].before + 1;
		is("a size", &facts, cases[i].wanted);
		files[0].codec = "none";
		if (cases[i].before == 10)
			is("of another codec", &facts, "ok:");
	}
}

static void
test_median(void)
{
	static const uint64_t sizes[] = {150, 1, 100, 100000, 120, 90, 110};
	zdb_health_file files[7];
	zdb_health_facts facts = well();

	for (int i = 0; i < 7; i++)
		files[i] = file("a", "app", i * DAY + HOUR, sizes[i]);
	facts.files = files;
	facts.file_count = 7;
	is("the median, not the mean", &facts, "ok:");
}

static void
test_rest(void)
{
	zdb_health_job jobs[] = {{"nightly", NOW - 2 * HOUR, NOW - 26 * HOUR},
							 {"hourly", NOW - HOUR / 2, NOW - 2 * HOUR},
							 {"new", 0, 0},
							 {"ran", NOW - 2 * HOUR, NOW - 2 * HOUR}};
	zdb_health_facts facts = well();
	zdb_health_file damaged[2];

	facts.jobs = jobs;
	facts.job_count = 4;
	is("a job that did not run", &facts, "critical: overdue");
	facts = well();
	facts.space_free_bytes = 100;
	is("90 %", &facts, "ok:");
	facts.space_free_bytes = 99;
	is("more than that", &facts, "warning: storage");
	facts = well();
	facts.restored_us = NOW - 8 * DAY;
	is("restored a week ago", &facts, "warning: verification");
	facts.restored_us = 0;
	is("never", &facts, "warning: verification");
	facts.first_us = NOW - 3 * DAY;
	is("never, but new here", &facts, "ok:");
	facts = well();
	facts.history_bad_lines = 2;
	is("lines that cannot be read", &facts, "warning: history");
	facts.history_error = "permission denied";
	is("all of it", &facts, "warning: history");
	facts = well();
	damaged[0] = file("a", "app", HOUR, 1);
	damaged[1] = file("b", "app", DAY, 1);
	damaged[1].damaged = true;
	facts.files = damaged;
	facts.file_count = 2;
	is("an old one is damaged", &facts, "warning: damaged");
	damaged[0].damaged = true;
	is("the newest is", &facts, "critical: damaged damaged");
}

static void
test_many(void)
{
	zdb_health_file *files = calloc(MANY, sizeof *files);
	zdb_health_facts facts = well();

	for (int i = 0; i < MANY; i++)
		files[i] = file("a", "app", (i + 1) * HOUR, 1000);
	facts.files = files;
	facts.file_count = MANY;
	is("ten thousand files", &facts, "ok:");
	free(files);
}

static zdb_rc
judge_again(void *arg, zdb_err *err)
{
	zdb_health_facts facts = well();
	zdb_health_limits limits;
	json_t *report = json_object();

	(void) arg;
	zdb_health_limits_default(&limits);
	zdb_health_judge(&limits, &facts, report, err);
	json_decref(report);
	return err->code;
}

int
main(void)
{
	test_numbers();
	test_age();
	test_failures();
	test_sizes();
	test_median();
	test_rest();
	test_many();
	test_break_each("health", judge_again, NULL);
	return test_done();
}
