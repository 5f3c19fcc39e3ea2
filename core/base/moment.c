/*
 * moment - ISO 8601 text as a moment
 */
#include <string.h>
#include <time.h>

#include "core/base/text.h"

#define SECOND_US 1000000ll
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

/* Take exactly count digits. */
static bool
take_digits(const char **at, int count, int *value)
{
	*value = 0;
	for (; count > 0; count--, (*at)++)
	{
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool
take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(const char **at, int64_t *us)
{
	int year, month, day;
	struct tm utc = {0};

	if (!take_digits(at, 4, &year) || !take_char(at, '-') ||
		!take_digits(at, 2, &month) || !take_char(at, '-') ||
		!take_digits(at, 2, &day) || year < 1970 || month < 1 || month > 12 ||
		day < 1 || day > days_in_month(year, month))
		return false;
	utc.tm_year = year - 1900;
	utc.tm_mon = month - 1;
	utc.tm_mday = day;
	*us = (int64_t) timegm(&utc) * SECOND_US;
	return true;
}

/* Digits behind the decimal point; those beyond microseconds are ignored. */
static bool
take_fraction(const char **at, int64_t *us, int64_t *unit_us)
{
	int digit;

	if (!take_char(at, '.'))
		return true;
	if (!take_digits(at, 1, &digit))
		return false;
	do
	{
		if (*unit_us == 1)
			continue;
		*unit_us /= 10;
		*us += digit * *unit_us;
	} while (take_digits(at, 1, &digit));
	return true;
}

static bool
take_time(const char **at, int64_t *us, int64_t *unit_us)
{
	int hour, minute, second = 0;

	if (!take_digits(at, 2, &hour) || !take_char(at, ':') ||
		!take_digits(at, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*unit_us = MINUTE_US;
	if (take_char(at, ':'))
	{
		if (!take_digits(at, 2, &second) || second > 59)
			return false;
		*unit_us = SECOND_US;
	}
	*us += hour * HOUR_US + minute * MINUTE_US + second * SECOND_US;
	return *unit_us != SECOND_US || take_fraction(at, us, unit_us);
}

static bool
take_zone(const char **at, int64_t *us)
{
	bool east = **at == '+';
	int hours, minutes = 0;

	if (!**at || take_char(at, 'Z'))
		return true;
	if (!east && **at != '-')
		return false;
	(*at)++;
	if (!take_digits(at, 2, &hours) || hours > 15)
		return false;
	if (**at)
	{
		take_char(at, ':');
		if (!take_digits(at, 2, &minutes) || minutes > 59)
			return false;
	}
	*us -= (east ? 1 : -1) * (hours * HOUR_US + minutes * MINUTE_US);
	return true;
}

bool
zdb_text_parse_time(const char *text, int64_t *us, int64_t *unit_us)
{
	const char *at = text;

	*unit_us = DAY_US;
	if (!take_date(&at, us))
		return false;
	if (!*at)
		return true;
	return (take_char(&at, 'T') || take_char(&at, ' ')) &&
		   take_time(&at, us, unit_us) && take_zone(&at, us) && !*at &&
		   *us >= 0;
}
