/*
 * zone_rule - a yearly rule for the clocks, as POSIX's TZ variable writes it
 *
 * IEEE Std 1003.1, "Environment Variables", TZ; hours may go up to 167 and
 * below zero (RFC 8536, 3.3.1).
 */
#include "core/policy/zone_rule.h"

#include <string.h>

#include "core/policy/civil.h"

#define TWO_O_CLOCK_S 7200 /* when nothing else is said */
#define CHANGES 8          /* two a year, four years */

/* What is left to read. */
typedef struct text
{
	const char *at;
	const char *end;
} text;

static bool
accept(text *from, char wanted)
{
	if (from->at == from->end || *from->at != wanted)
		return false;
	from->at++;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
take_number(text *from, int max, int *number)
{
	const char *begin = from->at;

	*number = 0;
	for (; from->at < from->end && is_digit(*from->at); from->at++)
	{
		*number = *number * 10 + (*from->at - '0');
		if (*number > max)
			return false;
	}
	return from->at > begin;
}

/* A name, "CET" or "<+03>"; nobody wants to know it. */
static bool
take_name(text *from)
{
	const char *begin = from->at;

	if (accept(from, '<'))
	{
		const char *close =
			memchr(from->at, '>', (size_t) (from->end - from->at));

		if (!close)
			return false;
		from->at = close + 1;
		return true;
	}
	while (from->at < from->end && is_letter(*from->at))
		from->at++;
	return from->at - begin >= 3;
}

/* "-3:30:15" in seconds. */
static bool
take_time(text *from, int hours_max, int64_t *time_s)
{
	bool negative = accept(from, '-');
	int hours, minutes = 0, seconds = 0;

	if (!negative)
		accept(from, '+');
	if (!take_number(from, hours_max, &hours))
		return false;
	if (accept(from, ':') && !take_number(from, 59, &minutes))
		return false;
	if (accept(from, ':') && !take_number(from, 59, &seconds))
		return false;
	*time_s = hours * 3600 + minutes * 60 + seconds;
	if (negative)
		*time_s = -*time_s;
	return true;
}

/* POSIX counts offsets west of Greenwich. */
static bool
take_offset(text *from, int64_t *offset_s)
{
	if (!take_time(from, 24, offset_s))
		return false;
	*offset_s = -*offset_s;
	return true;
}

static bool
take_week_day(text *from, zdb_zone_change *change)
{
	change->kind = ZDB_ZONE_DAY_WEEK;
	return take_number(from, 12, &change->month) && change->month > 0 &&
		   accept(from, '.') && take_number(from, 5, &change->week) &&
		   change->week > 0 && accept(from, '.') &&
		   take_number(from, 6, &change->day);
}

/* ",M3.5.0/3" */
static bool
take_change(text *from, zdb_zone_change *change)
{
	bool read;

	if (!accept(from, ','))
		return false;
	if (accept(from, 'M'))
		read = take_week_day(from, change);
	else if (accept(from, 'J'))
	{
		change->kind = ZDB_ZONE_DAY_JULIAN;
		read = take_number(from, 365, &change->day) && change->day > 0;
	}
	else
	{
		change->kind = ZDB_ZONE_DAY_COUNT;
		read = take_number(from, 365, &change->day);
	}
	change->time_s = TWO_O_CLOCK_S;
	return read &&
		   (!accept(from, '/') || take_time(from, 167, &change->time_s));
}

static bool
take_rule(text *from, zdb_zone_rule *rule)
{
	if (!take_name(from) || !take_offset(from, &rule->standard_s))
		return false;
	if (from->at == from->end)
		return true;
	rule->changes = true;
	if (!take_name(from))
		return false;
	rule->summer_s = rule->standard_s + 3600;
	if (from->at < from->end && *from->at != ',' &&
		!take_offset(from, &rule->summer_s))
		return false;
	return take_change(from, &rule->to_summer) &&
		   take_change(from, &rule->to_standard) && from->at == from->end;
}

zdb_rc
zdb_zone_rule_parse(const char *bytes, size_t len, zdb_zone_rule *rule,
					zdb_err *err)
{
	text from = {bytes, bytes + len};

	*rule = (zdb_zone_rule){0};
	if (take_rule(&from, rule))
		return ZDB_OK;
	return zdb_err_set(err, ZDB_FORMAT,
					   "the rule for later years is not well formed");
}

/* The day of a change in a year. */
static int64_t
change_day(const zdb_zone_change *change, int64_t year)
{
	int64_t first = zdb_civil_days(year, 1, 1);
	int days;

	switch (change->kind)
	{
		case ZDB_ZONE_DAY_WEEK:
			first = zdb_civil_days(year, change->month, 1);
			days = (change->day - zdb_civil_weekday(first) + 7) % 7 +
				   7 * (change->week - 1);
			return first + (days < zdb_civil_month_days(year, change->month)
								? days
								: days - 7);
		case ZDB_ZONE_DAY_JULIAN:
			return first + change->day - 1 +
				   (change->day >= 60 && zdb_civil_is_leap(year));
		case ZDB_ZONE_DAY_COUNT:
			return first + change->day;
	}
	return first;
}

typedef struct moment
{
	int64_t at_s;
	int64_t offset_s; /* from then on */
} moment;

/* The changes of a year and of those around it, in order; of two at one time
 * the later one counts: a rule without standard time is written so. */
static void
list_changes(const zdb_zone_rule *rule, int64_t year, moment *list)
{
	for (int i = 0; i < CHANGES; i++)
	{
		bool summer = i % 2 == 0;
		const zdb_zone_change *change =
			summer ? &rule->to_summer : &rule->to_standard;
		int64_t local_s =
			change_day(change, year - 2 + i / 2) * ZDB_DAY_S + change->time_s;
		moment next = {
			local_s - (summer ? rule->standard_s : rule->summer_s),
			summer ? rule->summer_s : rule->standard_s,
		};
		int at = i;

		for (; at > 0 && list[at - 1].at_s > next.at_s; at--)
			list[at] = list[at - 1];
		list[at] = next;
	}
}

zdb_period
zdb_zone_rule_period(const zdb_zone_rule *rule, int64_t at_s)
{
	zdb_period period = {-ZDB_ZONE_NEVER_S, ZDB_ZONE_NEVER_S, rule->standard_s,
						 rule->standard_s};
	moment list[CHANGES];

	if (!rule->changes)
		return period;
	list_changes(rule, zdb_civil_of(zdb_civil_floor(at_s, ZDB_DAY_S)).year,
				 list);
	for (int i = 0; i < CHANGES; i++)
	{
		if (list[i].at_s > at_s)
		{
			period.end_s = list[i].at_s;
			break;
		}
		if (list[i].at_s > period.start_s)
			period.before_s = period.offset_s;
		period.start_s = list[i].at_s;
		period.offset_s = list[i].offset_s;
	}
	return period;
}
