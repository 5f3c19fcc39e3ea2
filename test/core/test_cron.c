/*
 * test_cron - jobs are due when crontab(5) says, whatever clocks do
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/job/zone_file.h"
#include "core/policy/civil.h"
#include "core/policy/cron.h"
#include "test/core/test.h"

#define TEXT_BYTES 40

/* NULL is UTC. */
static zdb_zone *
load(const char *name)
{
	zdb_err err = {0};
	zdb_zone *zone;

	if (zdb_zone_load(name ? name : "UTC", &zone, &err))
		abort();
	return zone;
}

/* "2025-03-30 01:59:00", UTC */
static int64_t
moment(const char *text)
{
	struct tm utc = {0};

	if (!strptime(text, "%Y-%m-%d %H:%M:%S", &utc))
		abort();
	return timegm(&utc);
}

static const char *
moment_text(int64_t at_s, char out[TEXT_BYTES])
{
	time_t time = (time_t) at_s;
	struct tm utc;

	gmtime_r(&time, &utc);
	strftime(out, TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &utc);
	return out;
}

static zdb_cron
cron_of(const char *text)
{
	zdb_err err = {0};
	zdb_cron cron;

	if (zdb_cron_parse(text, &cron, &err))
	{
		printf("# %s\n", err.msg);
		abort();
	}
	return cron;
}

static const struct
{
	const char *cron;
	const char *zone;
	const char *after;
	const char *next;
} known[] = {
	{"* * * * *", NULL, "2025-09-04 11:35:23", "2025-09-04 11:36:00"},
	{"* * * * *", NULL, "2025-09-04 11:36:00", "2025-09-04 11:37:00"},
	{"0 2 * * *", NULL, "2025-09-04 02:00:00", "2025-09-05 02:00:00"},
	{"0 2 * * *", NULL, "2025-09-04 01:59:59", "2025-09-04 02:00:00"},
	{"0 */6 * * *", NULL, "2025-12-31 18:00:00", "2026-01-01 00:00:00"},
	{"0 1 * * 0", NULL, "2025-09-04 00:00:00", "2025-09-07 01:00:00"},
	{"0 1 * * 7", NULL, "2025-09-04 00:00:00", "2025-09-07 01:00:00"},
	{"0 1 * * sun", NULL, "2025-09-04 00:00:00", "2025-09-07 01:00:00"},
	{"0 0 1 * *", NULL, "2025-09-01 00:00:00", "2025-10-01 00:00:00"},
	{"0 18 * * 1-5", NULL, "2025-09-05 18:00:00", "2025-09-08 18:00:00"},
	{"0 18 * * mon-fri", NULL, "2025-09-05 18:00:00", "2025-09-08 18:00:00"},
	{"0 12 * * 5-7", NULL, "2025-09-06 12:00:00", "2025-09-07 12:00:00"},
	{"59 23 31 12 *", NULL, "2025-12-31 23:59:00", "2026-12-31 23:59:00"},
	{"0 0 31 * *", NULL, "2025-08-31 00:00:00", "2025-10-31 00:00:00"},
	{"0 0 31 2,4,5 *", NULL, "2025-01-01 00:00:00", "2025-05-31 00:00:00"},
	{"0 0 29 2 *", NULL, "2024-02-29 00:00:00", "2028-02-29 00:00:00"},
	{"0 0 29 2 *", NULL, "2096-02-29 00:00:00", "2104-02-29 00:00:00"},
	{"0 0 29 2 */7", NULL, "2020-01-01 00:00:00", "2032-02-29 00:00:00"},
	{"0 0 28-31 feb *", NULL, "2023-02-28 00:00:00", "2024-02-28 00:00:00"},
	/* either of two restricted fields; both when one begins with * */
	{"0 0 13 * 5", NULL, "2025-09-05 00:00:00", "2025-09-12 00:00:00"},
	{"0 0 13 * 5", NULL, "2025-09-12 00:00:00", "2025-09-13 00:00:00"},
	{"0 0 30 2 1", NULL, "2025-02-01 00:00:00", "2025-02-03 00:00:00"},
	{"0 0 */2 * 1", NULL, "2025-09-02 00:00:00", "2025-09-15 00:00:00"},
	{"0 0 13 * */5", NULL, "2025-07-01 00:00:00", "2025-07-13 00:00:00"},
	{"5-59/20,0 8-10/2 1,15 jan,Jul *", NULL, "2025-01-15 10:05:00",
	 "2025-01-15 10:25:00"},
	{"5-59/20,0 8-10/2 1,15 jan,Jul *", NULL, "2025-01-15 10:45:00",
	 "2025-07-01 08:00:00"},
	{"@hourly", NULL, "2025-09-04 11:35:23", "2025-09-04 12:00:00"},
	{"@daily", NULL, "2025-09-04 11:35:23", "2025-09-05 00:00:00"},
	{" @midnight ", NULL, "2025-09-04 11:35:23", "2025-09-05 00:00:00"},
	{"@weekly", NULL, "2025-09-04 11:35:23", "2025-09-07 00:00:00"},
	{"@monthly", NULL, "2025-09-04 11:35:23", "2025-10-01 00:00:00"},
	{"@yearly", NULL, "2025-09-04 11:35:23", "2026-01-01 00:00:00"},
	{"@annually", NULL, "2025-09-04 11:35:23", "2026-01-01 00:00:00"},
	{"0 0 1 1 *", NULL, "1969-06-01 00:00:00", "1970-01-01 00:00:00"},
	/* Berlin: UTC+1, clocks go forward at 01:00 UTC ... */
	{"30 2 * * *", "Europe/Berlin", "2025-03-29 02:00:00",
	 "2025-03-30 01:00:00"},
	{"30 2 * * *", "Europe/Berlin", "2025-03-30 01:00:00",
	 "2025-03-31 00:30:00"},
	{"*/15 2 * * *", "Europe/Berlin", "2025-03-29 01:45:00",
	 "2025-03-30 01:00:00"},
	{"*/15 2 * * *", "Europe/Berlin", "2025-03-30 01:00:00",
	 "2025-03-31 00:00:00"},
	{"0 3 * * *", "Europe/Berlin", "2025-03-29 03:00:00",
	 "2025-03-30 01:00:00"},
	{"*/30 * * * *", "Europe/Berlin", "2025-03-30 00:30:00",
	 "2025-03-30 01:00:00"},
	/* ... and back at 01:00 UTC */
	{"30 2 * * *", "Europe/Berlin", "2025-10-25 00:30:00",
	 "2025-10-26 00:30:00"},
	{"30 2 * * *", "Europe/Berlin", "2025-10-26 00:30:00",
	 "2025-10-27 01:30:00"},
	{"0 3 * * *", "Europe/Berlin", "2025-10-25 01:00:00",
	 "2025-10-26 02:00:00"},
	{"30 * * * *", "Europe/Berlin", "2025-10-26 00:30:00",
	 "2025-10-26 01:30:00"},
	/* the rule for later years */
	{"30 2 * * *", "Europe/Berlin", "2099-03-28 12:00:00",
	 "2099-03-29 01:00:00"},
	{"30 2 * * *", "Europe/Berlin", "2099-10-25 00:30:00",
	 "2099-10-26 01:30:00"},
	/* the southern hemisphere: forward in October, back in April */
	{"30 2 * * *", "Australia/Sydney", "2025-10-04 12:00:00",
	 "2025-10-04 16:00:00"},
	{"30 2 * * *", "Australia/Sydney", "2025-04-04 16:00:00",
	 "2025-04-05 15:30:00"},
	{"30 2 * * *", "Australia/Sydney", "2025-04-05 15:30:00",
	 "2025-04-06 16:30:00"},
	/* half an hour: forward at 02:00 to 02:30, UTC+10:30 to +11 */
	{"15 2 * * *", "Australia/Lord_Howe", "2025-10-04 12:00:00",
	 "2025-10-04 15:30:00"},
	{"45 1 * * *", "Australia/Lord_Howe", "2025-04-05 14:45:00",
	 "2025-04-06 15:15:00"},
	{"0 2 * * *", "Asia/Kolkata", "2025-09-04 00:00:00",
	 "2025-09-04 20:30:00"},
	{"0 2 * * *", "Asia/Kathmandu", "2025-09-04 00:00:00",
	 "2025-09-04 20:15:00"},
	{"0 0 * * *", "America/Sao_Paulo", "2018-11-03 12:00:00",
	 "2018-11-04 03:00:00"},
	/* Samoa had no 30 December 2011 */
	{"0 2 30 12 *", "Pacific/Apia", "2011-01-01 00:00:00",
	 "2011-12-30 10:00:00"},
	{"0 2 * * *", "Pacific/Apia", "2011-12-29 12:00:00",
	 "2011-12-30 10:00:00"},
	{"0 2 * * *", "Asia/Shanghai", "2025-09-04 00:00:00",
	 "2025-09-04 18:00:00"},
};

/* What comes after a moment, and that it was last until the next. */
static void
test_known(void)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
	{
		zdb_cron cron = cron_of(known[i].cron);
		zdb_zone *zone = load(known[i].zone);
		int64_t next_s = zdb_cron_next(&cron, zone, moment(known[i].after));
		char text[TEXT_BYTES];

		test_ok(next_s == moment(known[i].next) &&
					zdb_cron_previous(&cron, zone, next_s) == next_s &&
					zdb_cron_previous(&cron, zone, next_s - 1) <=
						moment(known[i].after),
				"%s in %s after %s: %s (%s)", known[i].cron,
				known[i].zone ? known[i].zone : "UTC", known[i].after,
				known[i].next, moment_text(next_s, text));
		zdb_zone_free(zone);
	}
}

static void
test_refused(void)
{
	static const struct
	{
		const char *cron;
		const char *message;
	} cases[] = {
		{"", "less than five fields"},
		{"   ", "less than five fields"},
		{"0 2 * *", "less than five fields"},
		{"0 2 * * * *", "more than five fields"},
		{"60 2 * * *", "impossible minute \"60\" at character 1"},
		{"0 24 * * *", "impossible hour \"24\" at character 3"},
		{"0 2 0 * *", "impossible day \"0\" at character 5"},
		{"0 2 32 * *", "impossible day \"32\" at character 5"},
		{"0 2 * 13 *", "impossible month \"13\" at character 7"},
		{"0 2 * * 8", "impossible weekday \"8\" at character 9"},
		{"0 2 * * 1,8", "impossible weekday \"8\" at character 11"},
		{"0 2 * * 1-8", "impossible weekday \"8\" at character 11"},
		{"0 2 * * tues", "wrong weekday \"tues\" at character 9"},
		{"0 2 * mo *", "wrong month \"mo\" at character 7"},
		{"0 2 jan * *", "wrong day \"jan\" at character 5"},
		{"x 2 * * *", "wrong minute \"x\" at character 1"},
		{"-1 2 * * *", "wrong minute \"-1\" at character 1"},
		{"1.5 2 * * *", "wrong minute \"1.5\" at character 1"},
		{"99999999999 2 * * *", "wrong minute \"99999999999\""},
		{"0 22-2 * * *", "backward hour \"22-2\" at character 3"},
		{"0 2 * * fri-sun", "backward weekday \"fri-sun\" at character 9"},
		{"*/0 2 * * *", "wrong step of minute \"/0\" at character 2"},
		{"*/60 2 * * *", "wrong step of minute \"/60\" at character 2"},
		{"5/10 2 * * *", "wrong step of minute \"/10\" at character 2"},
		{"*/ 2 * * *", "wrong step of minute \"/\" at character 2"},
		{"1,,2 2 * * *", "wrong minute \"\" at character 3"},
		{"1, 2 * * *", "wrong minute \"\" at character 3"},
		{"1- 2 * * *", "wrong minute \"\" at character 3"},
		{"** 2 * * *", "wrong minute \"**\" at character 1"},
		{"? 2 * * *", "wrong minute \"?\" at character 1"},
		{"0 2 L * *", "wrong day \"L\" at character 5"},
		{"0 0 30 2 *", "no such day in that month"},
		{"0 0 31 4,6,9,11 *", "no such day in that month"},
		{"0 0 30 2 */2", "no such day in that month"},
		{"0 0 31 2-2 *", "no such day in that month"},
		{"@reboot", "\"@reboot\" is not known"},
		{"@fortnightly", "\"@fortnightly\" is not known"},
		{"@daily x", "\"@daily x\" is not known"},
		{"@", "\"@\" is not known"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		zdb_err err = {0};
		zdb_cron cron;

		zdb_cron_parse(cases[i].cron, &cron, &err);
		test_ok(err.code == ZDB_USAGE && *err.hint &&
					strstr(err.msg, cases[i].message),
				"\"%s\" is refused: %s (%s)", cases[i].cron, cases[i].message,
				err.msg);
	}
}

/* What the header says, said again without thinking of speed: is the minute
 * that begins at at_s due? */
static bool
is_match(const zdb_cron *cron, int64_t local_s)
{
	int64_t day = zdb_civil_floor(local_s, ZDB_DAY_S);
	int64_t of_day = local_s - day * ZDB_DAY_S;
	zdb_civil date = zdb_civil_of(day);
	bool month_day = cron->days >> date.day & 1;
	bool weekday = cron->weekdays >> zdb_civil_weekday(day) & 1;

	return of_day % 60 == 0 && (cron->hours >> of_day / 3600 & 1) &&
		   (cron->minutes >> of_day % 3600 / 60 & 1) &&
		   (cron->months >> date.month & 1) &&
		   (cron->either_day ? month_day || weekday : month_day && weekday);
}

static bool
is_due(const zdb_cron *cron, const zdb_zone *zone, int64_t at_s)
{
	zdb_period period = zdb_zone_period(zone, at_s);
	int64_t local_s = at_s + period.offset_s;
	int64_t old_s = period.start_s + period.before_s;

	if ((cron->hours & 0xffffff) == 0xffffff)
		return is_match(cron, local_s);
	if (at_s == period.start_s)
		for (int64_t skipped_s = old_s; skipped_s < local_s; skipped_s += 60)
			if (is_match(cron, skipped_s))
				return true;
	return local_s >= old_s && is_match(cron, local_s);
}

/* Walk through 400 days minute by minute. */
static void
walk(const char *text, const char *zone_name, int64_t begin_s)
{
	zdb_cron cron = cron_of(text);
	zdb_zone *zone = load(zone_name);
	int64_t end_s = begin_s + INT64_C(400) * ZDB_DAY_S;
	int64_t last_s = zdb_cron_previous(&cron, zone, begin_s - 60);
	int64_t next_s = zdb_cron_next(&cron, zone, begin_s - 60);
	int due = 0, wrong = 0;

	for (int64_t at_s = begin_s; at_s < end_s; at_s += 60)
	{
		bool now = is_due(&cron, zone, at_s);

		if (now)
		{
			due++;
			wrong += next_s != at_s ||
					 zdb_cron_previous(&cron, zone, at_s - 1) != last_s;
			last_s = at_s;
			next_s = zdb_cron_next(&cron, zone, at_s);
		}
		else if (at_s % 9660 == 0)
			wrong += zdb_cron_previous(&cron, zone, at_s) != last_s ||
					 zdb_cron_next(&cron, zone, at_s + 59) != next_s;
	}
	test_ok(wrong == 0, "%s in %s: as a walk finds it, %d times due", text,
			zone_name ? zone_name : "UTC", due);
	zdb_zone_free(zone);
}

static void
test_walks(void)
{
	static const char *const zones[] = {
		NULL,           "Europe/Berlin",       "America/New_York",
		"Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham",
		"Africa/Cairo", "America/Sao_Paulo",
	};
	static const char *const crons[] = {
		"30 2 * * *",    "*/20 * * * *",
		"0 */6 * * *",   "15,45 1-3 * * 0",
		"0 0 1 * *",     "7 0,23 13 * 5",
		"0 0 29 2 *",    "*/7 2 */3 3,4,9-11 sun",
		"59 23 31 12 *",
	};

	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
		for (size_t j = 0; j < sizeof crons / sizeof crons[0]; j++)
			walk(crons[j], zones[i], moment("2023-06-01 00:00:00"));
	walk("30 0 * * *", "America/Sao_Paulo", moment("2017-06-01 00:00:00"));
	walk("30 2 * * 5", "Pacific/Apia", moment("2011-06-01 00:00:00"));
}

/* A scheduler of its own zone that looks at each tick runs the job each time
 * it is due, once. */
static void
test_ticks(void)
{
	static const struct
	{
		const char *cron;
		const char *zone;
		const char *own;
		const char *ticks;
	} cases[] = {
		{"30 2 * * *", "Europe/Berlin", NULL, "0,30 * * * *"},
		{"0 2 * * *", "Asia/Shanghai", NULL, "0 * * * *"},
		{"0 2 * * *", "Asia/Kolkata", NULL, "30 * * * *"},
		{"0 2 * * *", NULL, "Asia/Kathmandu", "45 * * * *"},
		{"*/15 1-3 * * 0", "America/New_York", "Europe/Berlin",
		 "0,15,30,45 * * * *"},
		{"45 1,2 * * *", "Australia/Lord_Howe", NULL, "15,45 * * * *"},
		{"* * * * *", "Europe/Berlin", NULL, "* * * * *"},
		{"@yearly", "Europe/Berlin", NULL, "0 * * * *"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		zdb_cron cron = cron_of(cases[i].cron), ticks;
		zdb_zone *zone = load(cases[i].zone), *own = load(cases[i].own);
		int64_t begin_s = moment("2023-06-01 00:00:00");
		int64_t due_s = zdb_cron_next(&cron, zone, begin_s);
		int64_t tick_s = zdb_cron_next(&cron, zone, begin_s);
		char text[ZDB_CRON_TICKS_BYTES];
		int wrong = 0;

		zdb_cron_ticks(&cron, zone, own, begin_s, text);
		ticks = cron_of(text);
		for (int j = 0; j < 20000; j++)
		{
			bool since = zdb_cron_since(&cron, zone, &ticks, own, tick_s + 1);

			wrong += since != (due_s <= tick_s);
			if (since)
				due_s = zdb_cron_next(&cron, zone, tick_s);
			tick_s = zdb_cron_next(&ticks, own, tick_s);
		}
		test_ok(strcmp(text, cases[i].ticks) == 0 && wrong == 0,
				"%s in %s by a scheduler in %s: %s (%s)", cases[i].cron,
				cases[i].zone ? cases[i].zone : "UTC",
				cases[i].own ? cases[i].own : "UTC", cases[i].ticks, text);
		zdb_zone_free(zone);
		zdb_zone_free(own);
	}
}

int
main(void)
{
	test_known();
	test_refused();
	test_walks();
	test_ticks();
	return test_done();
}
