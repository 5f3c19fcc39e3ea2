/*
 * moment - dates and times as programs write them into SQLite
 */
#include "core/lite/moment.h"

#define MICROSECOND_DIGITS 6

/* What is left to read. */
typedef struct reading
{
	const char *at, *end;
} reading;

static bool
is_digit(const reading *self)
{
	return self->at < self->end && *self->at >= '0' && *self->at <= '9';
}

static bool
take(reading *self, char c)
{
	if (self->at == self->end || *self->at != c)
		return false;
	self->at++;
	return true;
}

/* Exactly so many digits, a number up to max. */
static bool
take_number(reading *self, int digits, int max, int *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++)
	{
		if (!is_digit(self))
			return false;
		*out = *out * 10 + (*self->at++ - '0');
	}
	return *out <= max;
}

static int
days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(reading *self)
{
	int year, month, day;

	return take_number(self, 4, 9999, &year) && year > 0 && take(self, '-') &&
		   take_number(self, 2, 12, &month) && month > 0 && take(self, '-') &&
		   take_number(self, 2, 31, &day) && day > 0 &&
		   day <= days_of(year, month);
}

/* Digits beyond microseconds must be zeros. */
static bool
take_fraction(reading *self, bool *zero)
{
	int digits = 0;

	if (!take(self, '.'))
		return true;
	for (; is_digit(self); digits++)
	{
		if (*self->at != '0' && digits >= MICROSECOND_DIGITS)
			return false;
		*zero = *zero && *self->at == '0';
		self->at++;
	}
	return digits > 0;
}

static bool
take_time(reading *self, bool *zero)
{
	int hour, minute, second = 0;

	if (!take_number(self, 2, 23, &hour) || !take(self, ':') ||
		!take_number(self, 2, 59, &minute))
		return false;
	if (take(self, ':') && !take_number(self, 2, 59, &second))
		return false;
	*zero = hour == 0 && minute == 0 && second == 0;
	return take_fraction(self, zero);
}

/* Z, +02, +0200, +02:00; or nothing. */
static bool
take_zone(reading *self, bool *there)
{
	int hour, minute;

	*there = take(self, 'Z');
	if (*there || self->at == self->end)
		return true;
	*there = take(self, '+') || take(self, '-');
	if (!*there || !take_number(self, 2, 14, &hour))
		return false;
	if (self->at == self->end)
		return true;
	take(self, ':');
	return take_number(self, 2, 59, &minute);
}

bool
zdb_lite_moment_of(const char *bytes, size_t len, zdb_lite_moment *out)
{
	reading self = {bytes, bytes + len};

	*out = (zdb_lite_moment){.midnight = true};
	out->date = len >= 8 && bytes[4] == '-';
	if (out->date && !take_date(&self))
		return false;
	if (out->date && self.at == self.end)
		return true;
	if (out->date && !take(&self, ' ') && !take(&self, 'T'))
		return false;
	out->time = true;
	return take_time(&self, &out->midnight) && take_zone(&self, &out->zone) &&
		   self.at == self.end;
}
