/*
 * moment - a date or time of PostgreSQL, written as a SQLite column has them
 */
#include "core/dump/moment.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define US_A_SECOND INT64_C(1000000)
#define SECONDS_A_DAY 86400
#define SHOWN_BYTES 40 /* of a value, in messages */

/* Smaller integers are seconds: 10^11 of them are the year 5138. */
#define MILLISECONDS_FROM INT64_C(100000000000)

/* Milliseconds from the Julian epoch to 1970, and a day's. */
#define JULIAN_MS_1970 INT64_C(210866760000000)
#define MS_A_DAY 86400000.0

typedef struct cursor
{
	const char *at, *end;
	bool bad;
} cursor;

static bool
accept(cursor *self, char c)
{
	if (self->at == self->end || *self->at != c)
		return false;
	self->at++;
	return true;
}

static void
expect(cursor *self, char c)
{
	self->bad = !accept(self, c) || self->bad;
}

/* min to max digits, at most limit. */
static int
take_number(cursor *self, int min, int max, int limit)
{
	int value = 0, count = 0;

	for (; count < max && self->at < self->end &&
		   isdigit((unsigned char) *self->at);
		 count++)
		value = value * 10 + (*self->at++ - '0');
	self->bad = self->bad || count < min || value > limit;
	return value;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t
days_of(int year, int month, int day)
{
	int y = month > 2 ? year : year - 1;
	int era = y / 400, of_era = y % 400;
	int of_year =
		(153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return (int64_t) era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
		   of_year - 719468;
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t
take_date(cursor *self)
{
	int year = take_number(self, 4, 4, 9999), month, day;

	expect(self, '-');
	month = take_number(self, 2, 2, 12);
	expect(self, '-');
	day = take_number(self, 2, 2, 31);
	self->bad = self->bad || year < 1 || month < 1 || day < 1 ||
				day > days_in(year, month);
	return self->bad ? 0 : days_of(year, month, day);
}

/* Microseconds behind the point; *digits tells how they were written. */
static int
take_fraction(cursor *self, int *digits)
{
	const char *begin = self->at;
	int value = take_number(self, 1, 6, 999999), count;

	count = (int) (self->at - begin);
	*digits = count > 3 ? 6 : 3;
	for (; count < 6; count++)
		value *= 10;
	return value;
}

/* Seconds east of UTC. */
static int
take_zone(cursor *self, zdb_time_style *style)
{
	int sign, seconds;

	if (accept(self, 'Z'))
	{
		style->zone = "Z";
		return 0;
	}
	if (self->at == self->end || (*self->at != '+' && *self->at != '-'))
		return 0;
	style->zone = "+00:00";
	sign = *self->at++ == '-' ? -1 : 1;
	seconds = take_number(self, 2, 2, 15) * 3600;
	if (accept(self, ':'))
		seconds += take_number(self, 2, 2, 59) * 60;
	if (accept(self, ':'))
		seconds += take_number(self, 2, 2, 59);
	return sign * seconds;
}

static int64_t
take_time(cursor *self, zdb_time_style *style)
{
	int64_t us = take_number(self, 2, 2, 24) * INT64_C(3600);

	expect(self, ':');
	us += take_number(self, 2, 2, 59) * 60;
	if (accept(self, ':'))
		us += take_number(self, 2, 2, 60);
	us *= US_A_SECOND;
	if (accept(self, '.'))
		us += take_fraction(self, &style->digits);
	return us - take_zone(self, style) * US_A_SECOND;
}

/* Is it a time of PostgreSQL that SQLite's functions do not know? */
static bool
is_far(const char *text, size_t len)
{
	size_t digits = 0;

	while (digits < len && isdigit((unsigned char) text[digits]))
		digits++;
	return digits > 4 ||
		   (len >= 8 && memcmp(text + len - 8, "infinity", 8) == 0) ||
		   (len > 3 && memcmp(text + len - 3, " BC", 3) == 0);
}

static zdb_rc
refuse(const char *text, size_t len, zdb_err *err)
{
	int shown = len < SHOWN_BYTES ? (int) len : SHOWN_BYTES;

	return is_far(text, len)
			   ? zdb_err_set(err, ZDB_MISMATCH,
							 "\"%.*s\" is outside the times that SQLite "
							 "knows, years 1 to 9999",
							 shown, text)
			   : zdb_err_set(err, ZDB_MISMATCH,
							 "\"%.*s\" is no date or time in ISO 8601", shown,
							 text);
}

zdb_rc
zdb_moment_parse(const char *text, size_t len, zdb_moment *out, zdb_err *err)
{
	cursor self = {.at = text, .end = text + len};

	*out = (zdb_moment){0};
	out->us = take_date(&self) * SECONDS_A_DAY * US_A_SECOND;
	out->style.letter = accept(&self, 'T');
	if (out->style.letter || accept(&self, ' '))
	{
		out->timed = out->style.dated_by_time = true;
		out->us += take_time(&self, &out->style);
	}
	if (self.bad || self.at != self.end)
		return refuse(text, len, err);
	return ZDB_OK;
}

/* Down to whole units; *rest is what is left, not negative. */
static int64_t
divide(int64_t value, int64_t unit, int64_t *rest)
{
	int64_t whole = value / unit;

	*rest = value % unit;
	if (*rest >= 0)
		return whole;
	*rest += unit;
	return whole - 1;
}

int64_t
zdb_moment_count(const zdb_moment *moment, zdb_time_unit unit, bool *cut)
{
	int64_t rest;
	int64_t count = divide(
		moment->us, unit == ZDB_TIME_SECONDS ? US_A_SECOND : 1000, &rest);

	*cut = rest != 0;
	return count;
}

double
zdb_moment_julian(const zdb_moment *moment, bool *cut)
{
	int64_t ms = zdb_moment_count(moment, ZDB_TIME_MILLISECONDS, cut);

	return (double) (ms + JULIAN_MS_1970) / MS_A_DAY;
}

static void
civil(int64_t days, int *year, int *month, int *day)
{
	int64_t since = days + 719468, of_era, of_year, part;
	int64_t era = divide(since, 146097, &of_era);

	of_year =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	part = of_era - (365 * of_year + of_year / 4 - of_year / 100);
	*year = (int) (of_year + era * 400);
	*month = (int) ((5 * part + 2) / 153);
	*day = (int) (part - (153 * *month + 2) / 5 + 1);
	*month += *month < 10 ? 3 : -9;
	*year += *month <= 2;
}

size_t
zdb_moment_text(const zdb_moment *moment, const zdb_time_style *style,
				char out[ZDB_MOMENT_BYTES])
{
	int64_t us, second;
	int64_t days = divide(moment->us, SECONDS_A_DAY * US_A_SECOND, &us);
	int year, month, day, len, digits;

	civil(days, &year, &month, &day);
	len = snprintf(out, ZDB_MOMENT_BYTES, "%04d-%02d-%02d", year, month, day);
	if (!moment->timed && !style->dated_by_time)
		return (size_t) len;
	second = divide(us, US_A_SECOND, &us);
	len += snprintf(out + len, ZDB_MOMENT_BYTES - (size_t) len,
					"%c%02d:%02d:%02d", style->letter ? 'T' : ' ',
					(int) (second / 3600), (int) (second / 60 % 60),
					(int) (second % 60));
	digits = us % 1000 ? 6 : us && style->digits < 3 ? 3 : style->digits;
	if (digits > 0)
		len += snprintf(out + len, ZDB_MOMENT_BYTES - (size_t) len, ".%0*d",
						digits, (int) (digits == 6 ? us : us / 1000));
	return (size_t) len +
		   (size_t) snprintf(out + len, ZDB_MOMENT_BYTES - (size_t) len, "%s",
							 style->zone ? style->zone : "");
}

zdb_time_unit
zdb_time_unit_of(int64_t value)
{
	return value >= MILLISECONDS_FROM || value <= -MILLISECONDS_FROM
			   ? ZDB_TIME_MILLISECONDS
			   : ZDB_TIME_SECONDS;
}
