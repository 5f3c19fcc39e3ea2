/*
 * decimal - a number in decimal text, and whether a machine's number is it
 */
#include "core/dump/decimal.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits that always survive in a double, and digits that tell any two
 * apart. */
#define DIGITS_KEPT 15
#define DIGITS_ENOUGH 17

#define EXPONENT_MAX 1000000

/* What of a number's text was seen. */
typedef struct reading
{
	const char *at, *end;
	zdb_decimal *to;
	size_t zeros; /* seen since the last digit that is none */
	size_t whole, fraction;
} reading;

static void
take_digit(reading *self, char digit)
{
	zdb_decimal *to = self->to;

	if (digit == '0')
	{
		self->zeros += to->count > 0;
		return;
	}
	for (self->zeros++; self->zeros > 0; self->zeros--)
	{
		if (to->count < ZDB_DECIMAL_DIGITS)
			to->digits[to->count] = self->zeros > 1 ? '0' : digit;
		to->count++;
	}
}

static size_t
take_digits(reading *self)
{
	const char *begin = self->at;

	while (self->at < self->end && isdigit((unsigned char) *self->at))
		take_digit(self, *self->at++);
	return (size_t) (self->at - begin);
}

static bool
take_char(reading *self, char c)
{
	if (self->at == self->end || *self->at != c)
		return false;
	self->at++;
	return true;
}

/* After the e. Returns false when there is no number. */
static bool
take_exponent(reading *self)
{
	bool negative = take_char(self, '-');
	int64_t value = 0;

	if (!negative)
		take_char(self, '+');
	if (self->at == self->end || !isdigit((unsigned char) *self->at))
		return false;
	for (; self->at < self->end && isdigit((unsigned char) *self->at);
		 self->at++)
		if (value < EXPONENT_MAX)
			value = 10 * value + (*self->at - '0');
	self->to->exponent += negative ? -value : value;
	return true;
}

static void
skip_spaces(reading *self)
{
	while (self->at < self->end && isspace((unsigned char) *self->at))
		self->at++;
}

/* -12, 12.5, 0.5: one way to write each number. */
static bool
is_canonical(const reading *self, const char *text, size_t len)
{
	bool minus = *text == '-';
	size_t digits = len - minus;

	if (digits != self->whole + self->fraction + (self->fraction > 0) ||
		self->whole == 0 || (self->fraction > 0 && self->zeros > 0))
		return false;
	if (self->to->count == 0)
		return len == 1;
	return self->whole == 1 || text[minus] != '0';
}

bool
zdb_decimal_parse(const char *text, size_t len, zdb_decimal *out)
{
	reading self = {.at = text, .end = text + len, .to = out};

	*out = (zdb_decimal){0};
	skip_spaces(&self);
	out->negative = take_char(&self, '-');
	if (!out->negative)
		take_char(&self, '+');
	self.whole = take_digits(&self);
	if (take_char(&self, '.'))
		self.fraction = take_digits(&self);
	if (self.whole + self.fraction == 0)
		return false;
	out->canonical = is_canonical(&self, text, len);
	out->exponent = (int64_t) self.zeros - (int64_t) self.fraction;
	if ((take_char(&self, 'e') || take_char(&self, 'E')) &&
		!take_exponent(&self))
		return false;
	skip_spaces(&self);
	if (out->count == 0)
		out->exponent = 0;
	return self.at == self.end;
}

bool
zdb_decimal_integer(const zdb_decimal *decimal, int64_t *out)
{
	int64_t value = 0;

	if (decimal->exponent < 0 || decimal->count > ZDB_DECIMAL_DIGITS ||
		(decimal->count > 0 && decimal->exponent > 20))
		return false;
	for (size_t i = 0; i < decimal->count + (size_t) decimal->exponent; i++)
	{
		int digit = i < decimal->count ? decimal->digits[i] - '0' : 0;

		if (__builtin_mul_overflow(value, 10, &value) ||
			(decimal->negative ? __builtin_sub_overflow(value, digit, &value)
							   : __builtin_add_overflow(value, digit, &value)))
			return false;
	}
	*out = value;
	return true;
}

/* Without a radix character, which depends on the process's locale. */
bool
zdb_decimal_nearest(const zdb_decimal *decimal, double *out)
{
	size_t cut = decimal->count > ZDB_DECIMAL_DIGITS
					 ? decimal->count - ZDB_DECIMAL_DIGITS
					 : 0;
	char text[ZDB_DECIMAL_DIGITS + 40];

	snprintf(text, sizeof text, "%s%s0e%lld", decimal->negative ? "-" : "",
			 decimal->digits,
			 (long long) decimal->exponent + (long long) cut - 1);
	*out = strtod(text, NULL);
	return isfinite(*out);
}

/* Are these the digits of value, printed with so many? */
static bool
prints_as(double value, int digits, const zdb_decimal *decimal)
{
	char text[64], plain[DIGITS_ENOUGH + 1] = "";
	size_t count = 0;

	snprintf(text, sizeof text, "%.*e", digits - 1, value);
	for (const char *at = text; *at && *at != 'e'; at++)
		if (isdigit((unsigned char) *at) && count < DIGITS_ENOUGH)
			plain[count++] = *at;
	while (count > 0 && plain[count - 1] == '0')
		count--;
	return count == decimal->count &&
		   memcmp(plain, decimal->digits, count) == 0;
}

/* Do so many digits of value lead back to it? */
static bool
survives(double value, int digits)
{
	char text[64];

	snprintf(text, sizeof text, "%.*e", digits - 1, value);
	return strtod(text, NULL) == value;
}

bool
zdb_decimal_real(const zdb_decimal *decimal, double *out)
{
	int digits = DIGITS_KEPT;

	if (decimal->count > DIGITS_ENOUGH || !zdb_decimal_nearest(decimal, out))
		return false;
	if (decimal->count == 0)
		return true;
	while (digits < DIGITS_ENOUGH && !survives(*out, digits))
		digits++;
	return prints_as(*out, digits, decimal);
}
