/*
 * test_retain - which backups stay, at the edges of calendars and clocks
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/policy/retain.h"
#include "test/core/test.h"

#define MANY 10000
#define CASE_MAX 12

/* One backup: "2024-02-29 02:00" and what else is to know. */
typedef struct backup
{
	const char *created;
	const char *kept;   /* the reasons, or "" when it goes */
	const char *series; /* NULL: "app" */
	char flags; /* v verified, k labelled, b stands on the next, o that, and
				 * outside; - none of it */
} backup;

static int64_t
at(const char *text)
{
	int64_t us, unit_us;

	if (!zdb_text_parse_time(text, &us, &unit_us))
		abort();
	return us;
}

static zdb_keep
rules(const char *json)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	zdb_err err = {0};
	zdb_keep keep;

	zdb_keep_parse(value, &keep, &err);
	if (err.code)
		abort();
	json_decref(value);
	return keep;
}

static void
reasons_text(unsigned reasons, char out[200])
{
	*out = '\0';
	for (int rule = 0; rule < ZDB_KEEP_REASONS; rule++)
		if (reasons & 1u << rule)
			snprintf(out + strlen(out), 200 - strlen(out), "%s%s",
					 *out ? ", " : "", zdb_keep_reason((zdb_keep_rule) rule));
}

static zdb_retained
retained(const backup *from, zdb_retained *next)
{
	return (zdb_retained){.series = from->flags == 'o' ? NULL
									: from->series     ? from->series
													   : "app",
						  .name = from->created,
						  .created_us = at(from->created),
						  .verified = from->flags == 'v',
						  .labelled = from->flags == 'k',
						  .base = strchr("bo", from->flags) ? next : NULL};
}

static void
check(const char *what, const char *keep_json, const char *now,
	  const backup *backups)
{
	zdb_retained list[CASE_MAX] = {0}, *order[CASE_MAX];
	zdb_keep keep = rules(keep_json);
	size_t count = 0;
	char is[200];

	for (; backups[count].created; count++)
		list[count] = retained(&backups[count], &list[count + 1]);
	zdb_retain(&keep, list, count, at(now), order);
	for (size_t i = 0; i < count; i++)
	{
		reasons_text(list[i].reasons, is);
		test_ok(strcmp(is, backups[i].kept) == 0, "%s: %s: %s", what,
				backups[i].created, is);
	}
}

static void
test_rules(void)
{
	check("the last two", "{\"last\": 2}", "2025-09-04 12:00",
		  (backup[]){{"2025-09-04 02:00", "last, newest", 0, '-'},
					 {"2025-09-03 02:00", "last", 0, '-'},
					 {"2025-09-02 02:00", "", 0, '-'},
					 {0}});
	check("thirty days", "30", "2025-09-04 02:00",
		  (backup[]){{"2025-09-04 02:00", "days, newest", 0, '-'},
					 {"2025-08-05 02:00:01", "days", 0, '-'},
					 {"2025-08-05 02:00", "", 0, '-'},
					 {0}});
	check("a backup of each day, and the days that have none do not count",
		  "{\"daily\": 3}", "2025-09-04 12:00",
		  (backup[]){{"2025-09-04 10:00", "daily, newest", 0, '-'},
					 {"2025-09-04 02:00", "", 0, '-'},
					 {"2025-09-03 23:59:59", "daily", 0, '-'},
					 {"2025-09-03 00:00", "", 0, '-'},
					 {"2025-08-01 12:00", "daily", 0, '-'},
					 {"2025-07-31 12:00", "", 0, '-'},
					 {0}});
	check("rules add up", "{\"last\": 1, \"daily\": 2, \"monthly\": 2}",
		  "2025-09-04 12:00",
		  (backup[]){
			  {"2025-09-04 10:00", "last, daily, monthly, newest", 0, '-'},
			  {"2025-09-03 10:00", "daily", 0, '-'},
			  {"2025-09-02 10:00", "", 0, '-'},
			  {"2025-08-31 10:00", "monthly", 0, '-'},
			  {"2025-07-31 10:00", "", 0, '-'},
			  {0}});
}

static void
test_calendar(void)
{
	check("a leap day is a day", "{\"daily\": 3}", "2024-03-01 12:00",
		  (backup[]){{"2024-03-01 00:00", "daily, newest", 0, '-'},
					 {"2024-02-29 23:59:59", "daily", 0, '-'},
					 {"2024-02-29 00:00", "", 0, '-'},
					 {"2024-02-28 23:59:59", "daily", 0, '-'},
					 {0}});
	check("and belongs to its month", "{\"monthly\": 2, \"yearly\": 2}",
		  "2024-03-01 12:00",
		  (backup[]){{"2024-03-01 00:00", "monthly, yearly, newest", 0, '-'},
					 {"2024-02-29 23:59:59", "monthly", 0, '-'},
					 {"2023-12-31 23:59:59", "yearly", 0, '-'},
					 {0}});
	/* 2024-12-30 is the Monday of the first week of 2025 */
	check("a week goes on over the end of a year", "{\"weekly\": 2}",
		  "2025-01-06 12:00",
		  (backup[]){{"2025-01-05 23:59:59", "weekly, newest", 0, '-'},
					 {"2025-01-01 12:00", "", 0, '-'},
					 {"2024-12-30 00:00", "", 0, '-'},
					 {"2024-12-29 23:59:59", "weekly", 0, '-'},
					 {0}});
	/* 2021-01-03 is the Sunday of the 53rd week of 2020 */
	check("also one with number 53", "{\"weekly\": 3}", "2021-01-05 12:00",
		  (backup[]){{"2021-01-04 00:00", "weekly, newest", 0, '-'},
					 {"2021-01-03 23:59:59", "weekly", 0, '-'},
					 {"2020-12-28 00:00", "", 0, '-'},
					 {"2020-12-27 12:00", "weekly", 0, '-'},
					 {"2020-12-20 12:00", "", 0, '-'},
					 {0}});
	check("a year of its own", "{\"yearly\": 2}", "2025-06-01",
		  (backup[]){{"2025-01-01 00:00", "yearly, newest", 0, '-'},
					 {"2024-12-31 23:59:59", "yearly", 0, '-'},
					 {"2024-01-01 00:00", "", 0, '-'},
					 {"2023-12-31 23:59:59", "", 0, '-'},
					 {0}});
}

static void
test_never_removed(void)
{
	check("the newest and the newest verified", "1", "2025-09-04 12:00",
		  (backup[]){{"2025-05-05", "newest", 0, '-'},
					 {"2025-05-04", "newest verified", 0, 'v'},
					 {"2025-05-03", "", 0, 'v'},
					 {0}});
	check("what is labelled", "1", "2025-09-04 12:00",
		  (backup[]){{"2025-09-04", "days, newest", 0, '-'},
					 {"2020-05-04", "label", 0, 'k'},
					 {0}});
	check("a chain of bases; not what stands on what goes", "1",
		  "2025-09-04 12:00",
		  (backup[]){{"2025-09-04", "days, newest", 0, 'b'},
					 {"2025-05-03", "base of another", 0, 'b'},
					 {"2025-05-02", "base of another", 0, '-'},
					 {"2025-05-01", "", 0, 'b'},
					 {"2025-04-01", "", 0, '-'},
					 {0}});
	check("others' files, and what they need", "1", "2025-09-04 12:00",
		  (backup[]){{"2025-09-04", "days, newest", 0, '-'},
					 {"2025-05-03", "not concerned", 0, 'o'},
					 {"2025-05-02", "base of another", 0, '-'},
					 {"2025-05-01", "", 0, '-'},
					 {0}});
}

static void
test_series(void)
{
	check("databases and types count for themselves", "{\"last\": 1}",
		  "2025-09-04 12:00",
		  (backup[]){{"2025-09-04", "last, newest", "app", '-'},
					 {"2025-09-03", "last, newest", "shop", '-'},
					 {"2025-09-02", "last, newest", "app schema", '-'},
					 {"2025-09-01", "", "app", '-'},
					 {"2025-08-31", "", "shop", '-'},
					 {"2025-08-30", "", "app schema", '-'},
					 {0}});
}

static void
test_clocks(void)
{
	check("one of the future takes nobody's place", "{\"last\": 1}",
		  "2025-09-04 12:00",
		  (backup[]){{"2099-01-01", "from the future", 0, 'v'},
					 {"2025-09-04", "last, newest", 0, '-'},
					 {"2025-09-03", "newest verified", 0, 'v'},
					 {"2025-09-02", "", 0, '-'},
					 {0}});
	check("a clock that went back removes nothing", "1", "1990-01-01",
		  (backup[]){{"2025-09-04", "from the future", 0, '-'},
					 {"2025-09-03", "from the future", 0, '-'},
					 {0}});
	check("one moment, two backups: the name decides", "{\"last\": 1}",
		  "2025-09-04 12:00",
		  (backup[]){{"2025-09-04 00:00", "", 0, '-'},
					 {"2025-09-04 00:00:00", "last, newest", 0, '-'},
					 {0}});
}

/* Three databases, a backup each hour: it must not take quadratic time, which
 * would be minutes here. */
static void
test_many(void)
{
	static const char *const series[] = {"a", "b", "c"};
	zdb_retained *list = calloc(MANY, sizeof *list);
	zdb_retained **order = calloc(MANY, sizeof *order);
	zdb_keep keep = rules("{\"last\": 24, \"daily\": 7, \"weekly\": 4,"
						  " \"monthly\": 6, \"yearly\": 3}");
	int64_t now = at("2025-09-04 12:00");
	int kept[3] = {0};

	for (size_t i = 0; i < MANY; i++)
		list[i] = (zdb_retained){
			.series = series[i % 3],
			.name = "x",
			.created_us = now - (int64_t) (i / 3) * 3600000000,
			.base = i + 3 < MANY && i % 2 ? &list[i + 3] : NULL};
	zdb_retain(&keep, list, MANY, now, order);
	for (size_t i = 0; i < MANY; i++)
		kept[i % 3] += list[i].reasons != 0;
	test_ok(kept[0] > 24 && kept[0] < 80 && kept[1] < 80 && kept[2] < 80,
			"of 10000, %d + %d + %d stay", kept[0], kept[1], kept[2]);
	free(order);
	free(list);
}

static void
test_parse(void)
{
	static const struct
	{
		const char *json;
		const char *message;
	} cases[] = {
		{"0", "from 1 to 100000"},
		{"-3", "from 1 to 100000"},
		{"1.5", "number of days or rules"},
		{"\"30\"", "number of days or rules"},
		{"true", "number of days or rules"},
		{"{}", "number of days or rules"},
		{"[7]", "number of days or rules"},
		{"{\"hourly\": 3}", "unknown rule \"hourly\""},
		{"{\"daily\": 0}", "\"daily\" must be a whole number"},
		{"{\"daily\": \"7\"}", "\"daily\" must be a whole number"},
		{"{\"newest\": 1}", "unknown rule \"newest\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		json_t *value = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
		zdb_err err = {0};
		zdb_keep keep;

		zdb_keep_parse(value, &keep, &err);
		test_err(&err, ZDB_USAGE, cases[i].message);
		json_decref(value);
	}
}

int
main(void)
{
	test_rules();
	test_calendar();
	test_never_removed();
	test_series();
	test_clocks();
	test_many();
	test_parse();
	return test_done();
}
