/*
 * values - what the values of a column are
 */
#include "core/lite/values.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "core/base/text.h"
#include "core/lite/moment.h"

static void
misfit(zdb_lite_values *values, zdb_lite_type type)
{
	values->misfits |= 1U << type;
}

static bool
wants_time(const zdb_lite_values *values)
{
	return values->declared.type == ZDB_LITE_DATE ||
		   values->declared.type == ZDB_LITE_TIMESTAMP ||
		   values->declared.type == ZDB_LITE_TIMESTAMPTZ;
}

static bool
wants_json(const zdb_lite_values *values)
{
	return values->declared.type == ZDB_LITE_JSON ||
		   values->declared.type == ZDB_LITE_JSONB;
}

static void
note_digits(zdb_lite_values *values, int digits, int scale)
{
	if (digits > values->digits)
		values->digits = digits;
	if (scale > values->scale)
		values->scale = scale;
}

/* Of "-12.50": 2 and 2. False: not written as PostgreSQL would write it. */
static bool
count_digits(const char *at, size_t len, int *digits, int *scale)
{
	const char *end = at + len, *first;

	at += len > 0 && *at == '-';
	for (first = at; at < end && *at >= '0' && *at <= '9';)
		at++;
	*digits = (int) (at - first);
	*scale = 0;
	if (*digits == 0 || (*first == '0' && *digits > 1))
		return false;
	*digits -= *first == '0';
	if (at == end)
		return true;
	if (*at++ != '.')
		return false;
	for (first = at; at < end && *at >= '0' && *at <= '9';)
		at++;
	*scale = (int) (at - first);
	return *scale > 0 && at == end;
}

/* The same of a number's shortest digits. */
static void
count_digits_of(double value, int *digits, int *scale)
{
	char text[40];
	int significant = 0, exponent;

	for (int precision = 14; precision <= 16; precision++)
	{
		snprintf(text, sizeof text, "%.*e", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	exponent = atoi(strchr(text, 'e') + 1);
	for (const char *at = text, *e = strchr(text, 'e'); at < e; at++)
		significant =
			*at > '0' && *at <= '9' ? (int) (at - text) + 1 : significant;
	/* the sign and the point take a place each */
	significant -= *text == '-';
	significant -= significant > 1;
	*digits = value == 0 || exponent < 0 ? 0 : exponent + 1;
	*scale = significant - 1 - exponent > 0 ? significant - 1 - exponent : 0;
}

/* On which side of 10^11 it is: one column cannot have both. */
static void
see_number_as_time(zdb_lite_values *values, int64_t value)
{
	bool milliseconds = value >= ZDB_LITE_MILLISECONDS_FROM ||
						value <= -ZDB_LITE_MILLISECONDS_FROM;
	int64_t day = milliseconds ? 86400000 : 86400;

	if (value % day != 0)
		misfit(values, ZDB_LITE_DATE);
	if (value == 0)
		return;
	values->milliseconds = values->milliseconds || milliseconds;
	values->seconds = values->seconds || !milliseconds;
	if ((value < ZDB_LITE_SECONDS_FROM && value > -ZDB_LITE_SECONDS_FROM) ||
		value >= ZDB_LITE_MILLISECONDS_END ||
		value < ZDB_LITE_MILLISECONDS_FIRST)
	{
		misfit(values, ZDB_LITE_DATE);
		misfit(values, ZDB_LITE_TIMESTAMP);
	}
}

void
zdb_lite_see_integer(zdb_lite_values *values, int64_t value)
{
	char text[32];
	int digits, scale;

	if (values->integers++ == 0)
		values->smallest = values->largest = value;
	if (value < values->smallest)
		values->smallest = value;
	if (value > values->largest)
		values->largest = value;
	if (wants_time(values))
		see_number_as_time(values, value);
	if (values->declared.type != ZDB_LITE_NUMERIC)
		return;
	count_digits(text, (size_t) snprintf(text, sizeof text, "%" PRId64, value),
				 &digits, &scale);
	note_digits(values, digits, scale);
}

/* Julian days; or seconds since 1970 that keep their microseconds. */
static void
see_real_as_time(zdb_lite_values *values, double value)
{
	bool julian =
		value >= ZDB_LITE_JULIAN_FIRST && value <= ZDB_LITE_JULIAN_LAST;
	bool seconds = fabs(value) >= (double) ZDB_LITE_SECONDS_FROM &&
				   fabs(value) < (double) ZDB_LITE_MILLISECONDS_FROM &&
				   rint(value * 1e6) / 1e6 == value;

	if (!julian || value - floor(value) != 0.5)
		misfit(values, ZDB_LITE_DATE);
	if (!julian && !seconds)
		misfit(values, ZDB_LITE_TIMESTAMP);
	values->milliseconds = values->milliseconds || julian;
	values->seconds = values->seconds || seconds;
}

void
zdb_lite_see_real(zdb_lite_values *values, double value)
{
	int digits, scale;

	values->reals++;
	if (!(fabs(value) < 9e18) || rint(value) != value)
		values->fractions = true;
	if (wants_time(values))
		see_real_as_time(values, value);
	if (!isfinite(value))
	{
		misfit(values, ZDB_LITE_NUMERIC);
		misfit(values, ZDB_LITE_JSON);
		misfit(values, ZDB_LITE_JSONB);
	}
	else if (values->declared.type == ZDB_LITE_NUMERIC)
	{
		count_digits_of(value, &digits, &scale);
		note_digits(values, digits, scale);
	}
}

static bool
is_truth(const char *bytes, size_t len)
{
	return (len == 4 && strncasecmp(bytes, "true", 4) == 0) ||
		   (len == 5 && strncasecmp(bytes, "false", 5) == 0);
}

static void
see_text_as_time(zdb_lite_values *values, const char *bytes, size_t len)
{
	zdb_lite_moment moment;
	bool is = zdb_lite_moment_of(bytes, len, &moment);

	if (!is || !moment.date || moment.zone || !moment.midnight)
		misfit(values, ZDB_LITE_DATE);
	if (!is || !moment.date)
		misfit(values, ZDB_LITE_TIMESTAMP);
	if (!is || moment.date || moment.zone)
		misfit(values, ZDB_LITE_TIME);
	values->zoned = values->zoned || (is && moment.zone);
}

/* jsonb keeps neither two values of one key nor a zero character. */
static void
see_text_as_json(zdb_lite_values *values, const char *bytes, size_t len)
{
	size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL;
	json_t *json =
		json_loadb(bytes, len, flags | JSON_REJECT_DUPLICATES, NULL);

	if (!json)
	{
		misfit(values, ZDB_LITE_JSONB);
		json = json_loadb(bytes, len, flags, NULL);
	}
	if (!json)
		misfit(values, ZDB_LITE_JSON);
	json_decref(json);
}

static int64_t
count_characters(const char *bytes, size_t len)
{
	int64_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char) bytes[i] & 0xC0) != 0x80;
	return count;
}

static void
note_length(zdb_lite_values *values, const char *bytes, size_t len)
{
	int64_t characters = values->declared.type == ZDB_LITE_VARCHAR
							 ? count_characters(bytes, len)
							 : 0;

	if (len > values->bytes)
		values->bytes = len;
	if (characters > values->characters)
		values->characters = characters;
}

void
zdb_lite_see_text(zdb_lite_values *values, const char *bytes, size_t len)
{
	int digits = 0, scale = 0;

	values->texts++;
	note_length(values, bytes, len);
	if (!is_truth(bytes, len))
		misfit(values, ZDB_LITE_BOOLEAN);
	if (count_digits(bytes, len, &digits, &scale))
		note_digits(values, digits, scale);
	else
		misfit(values, ZDB_LITE_NUMERIC);
	if (wants_time(values) || values->declared.type == ZDB_LITE_TIME)
		see_text_as_time(values, bytes, len);
	if (wants_json(values))
		see_text_as_json(values, bytes, len);
}

void
zdb_lite_see_blob(zdb_lite_values *values, const void *bytes, size_t len)
{
	values->blobs++;
	note_length(values, bytes, len);
	if (memchr(bytes, 0, len) || !zdb_utf8_valid(bytes, len))
		values->binary = true;
}

void
zdb_lite_summary(const zdb_lite_values *values,
				 char out[ZDB_LITE_SUMMARY_BYTES])
{
	size_t used = 0;

	out[0] = '\0';
	if (values->integers > 0)
		used = (size_t) snprintf(
			out, ZDB_LITE_SUMMARY_BYTES,
			"%" PRId64 " integers from %" PRId64 " to %" PRId64,
			values->integers, values->smallest, values->largest);
	if (values->reals > 0)
		used += (size_t) snprintf(out + used, ZDB_LITE_SUMMARY_BYTES - used,
								  "%s%" PRId64 " reals", used ? ", " : "",
								  values->reals);
	if (values->texts > 0)
		used += (size_t) snprintf(out + used, ZDB_LITE_SUMMARY_BYTES - used,
								  "%s%" PRId64 " texts", used ? ", " : "",
								  values->texts);
	if (values->blobs > 0)
		snprintf(out + used, ZDB_LITE_SUMMARY_BYTES - used,
				 "%s%" PRId64 " blobs", used ? ", " : "", values->blobs);
}
