/*
 * test_zone - what local clocks show is what the C library says they show
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/job/zone_file.h"
#include "core/policy/civil.h"
#include "core/policy/zone.h"
#include "core/policy/zone_rule.h"
#include "test/core/test.h"

#define YEAR_S 31556952

static const char *const names[] = {
	"UTC",
	"Europe/Berlin",
	"Europe/Dublin",
	"America/New_York",
	"America/Sao_Paulo",
	"America/Nuuk",
	"Africa/Casablanca",
	"Africa/Cairo",
	"Asia/Shanghai",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Australia/Sydney",
	"Australia/Lord_Howe",
	"Pacific/Apia",
	"Pacific/Chatham",
	"Etc/GMT+12",
};

static long
library_offset(int64_t at_s)
{
	time_t time = (time_t) at_s;
	struct tm local;

	localtime_r(&time, &local);
	return local.tm_gmtoff;
}

/* Every 17 hours for 130 years, and around every change. */
static void
compare(const char *name)
{
	int64_t wrong = 0, changes = 0;
	zdb_err err = {0};
	zdb_zone *zone;

	zdb_zone_load(name, &zone, &err);
	setenv("TZ", name, 1);
	tzset();
	for (int64_t at_s = 0; at_s < INT64_C(130) * YEAR_S; at_s += 61200)
		wrong += zdb_zone_period(zone, at_s).offset_s != library_offset(at_s);
	for (int64_t at_s = 0; at_s < INT64_C(130) * YEAR_S; changes++)
	{
		zdb_period period = zdb_zone_period(zone, at_s);

		if (at_s > 0)
			wrong += period.start_s != at_s ||
					 period.before_s != library_offset(at_s - 1) ||
					 period.offset_s != library_offset(at_s);
		at_s = period.end_s;
	}
	test_ok(!err.code && wrong == 0, "%s: %lld periods, %lld times wrong",
			name, (long long) changes, (long long) wrong);
	zdb_zone_free(zone);
}

static void
test_calendar(void)
{
	int64_t wrong = 0;

	for (int64_t days = -800000; days < 800000; days += 13)
	{
		time_t seconds = (time_t) (days * ZDB_DAY_S);
		zdb_civil date = zdb_civil_of(days);
		struct tm utc;

		gmtime_r(&seconds, &utc);
		wrong += date.year != utc.tm_year + 1900 ||
				 date.month != utc.tm_mon + 1 || date.day != utc.tm_mday ||
				 zdb_civil_weekday(days) != utc.tm_wday ||
				 zdb_civil_days(date.year, date.month, date.day) != days;
	}
	test_ok(wrong == 0, "days are the C library's, two thousand years around");
}

static void
test_rules(void)
{
	static const struct
	{
		const char *text;
		bool ok;
	} cases[] = {
		{"UTC0", true},
		{"<+0330>-3:30", true},
		{"CET-1CEST,M3.5.0,M10.5.0/3", true},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", true},
		{"XXX3EDT4,0/0,J365/23", true},
		{"EST5EDT,M3.2.0/167,J60/-167:59:59", true},
		{"", false},
		{"CE-1", false},
		{"CET", false},
		{"<+03-3", false},
		{"CET-25", false},
		{"CET-1:60", false},
		{"CET-1CEST", false},
		{"CET-1CEST,M3.5.0", false},
		{"CET-1CEST,M13.5.0,M10.5.0", false},
		{"CET-1CEST,M3.0.0,M10.5.0", false},
		{"CET-1CEST,M3.5.7,M10.5.0", false},
		{"CET-1CEST,J0,M10.5.0", false},
		{"CET-1CEST,J366,M10.5.0", false},
		{"CET-1CEST,M3.5.0/168,M10.5.0", false},
		{"CET-1CEST,M3.5.0,M10.5.0/3x", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		zdb_err err = {0};
		zdb_zone_rule rule;

		zdb_zone_rule_parse(cases[i].text, strlen(cases[i].text), &rule, &err);
		test_ok(err.code == (cases[i].ok ? ZDB_OK : ZDB_FORMAT), "rule \"%s\"",
				cases[i].text);
	}
}

/* A rule that knows no standard time has no gaps. */
static void
test_summer_for_ever(void)
{
	static const char text[] = "XXX3EDT4,0/0,J365/23";
	zdb_err err = {0};
	zdb_zone_rule rule;
	bool ok = true;

	zdb_zone_rule_parse(text, strlen(text), &rule, &err);
	for (int64_t at_s = 0; at_s < INT64_C(10) * YEAR_S; at_s += 3600)
	{
		zdb_period period = zdb_zone_rule_period(&rule, at_s);

		ok = ok && period.offset_s == rule.summer_s &&
			 period.before_s == rule.summer_s;
	}
	test_ok(ok, "summer time all year has no gaps");
}

static zdb_rc
parse(void *arg, zdb_err *err)
{
	size_t len;
	unsigned char *bytes = test_read(arg, &len);
	zdb_zone *zone;

	zdb_zone_parse(bytes, len, &zone, err);
	zdb_zone_free(zone);
	free(bytes);
	return err->code;
}

/* Cut short anywhere it is refused, not read beyond its end. */
static void
test_cut(void)
{
	size_t len;
	unsigned char *bytes =
		test_read("/usr/share/zoneinfo/Europe/Berlin", &len);
	bool ok = true;

	for (size_t cut = 0; cut < len; cut++)
	{
		unsigned char *part = malloc(cut + 1);
		zdb_err err = {0};
		zdb_zone *zone;

		memcpy(part, bytes, cut);
		zdb_zone_parse(part, cut, &zone, &err);
		ok = ok && err.code == ZDB_FORMAT && !zone;
		zdb_zone_free(zone);
		free(part);
	}
	test_ok(ok, "a file that ends early is refused, %zu cases", len);
	free(bytes);
}

static void
test_leap_seconds(void)
{
	unsigned char bytes[58] = "TZif";
	zdb_err err = {0};
	zdb_zone *zone;

	bytes[31] = 1; /* of them, */
	bytes[39] = 1; /* and one type */
	zdb_zone_parse(bytes, sizeof bytes, &zone, &err);
	test_err(&err, ZDB_FORMAT, "it counts leap seconds");
}

int
main(void)
{
	static char berlin[] = "/usr/share/zoneinfo/Europe/Berlin";
	zdb_err err = {0};

	test_calendar();
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		compare(names[i]);
	test_rules();
	test_summer_for_ever();
	test_cut();
	parse("/usr/share/zoneinfo/tzdata.zi", &err);
	test_err(&err, ZDB_FORMAT, "not a time zone file: it has no header");
	test_leap_seconds();
	test_break_each("reading a zone", parse, berlin);
	return test_done();
}
