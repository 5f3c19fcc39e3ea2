/*
 * value_time - dates and timestamps in ISO form, UTC
 *
 * A table's timestamps are often of the same day as their neighbours', so
 * the last date's text is kept. Years outside 1 to 9999 and infinities go
 * through the output function.
 */
#include "pg_ext/value_text.h"

#include "datatype/timestamp.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

/* In days since 2000-01-01. */
#define DAY_FIRST (-730119) /* 0001-01-01 */
#define DAY_LAST 2921939    /* 9999-12-31 */

static inline char *
put_digits(char *to, int number, int digits)
{
	for (int i = digits - 1; i >= 0; i--)
	{
		to[i] = (char) ('0' + number % 10);
		number /= 10;
	}
	return to + digits;
}

/* "2026-11-23" at to. */
static inline char *
put_day(zdbpg_column *column, char *to, int32 day)
{
	if (column->day != day)
	{
		char *text = column->day_text;
		int year, month, mday;

		j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
		text = put_digits(text, year, 4);
		*text++ = '-';
		text = put_digits(text, month, 2);
		*text++ = '-';
		put_digits(text, mday, 2);
		column->day = day;
	}
	memcpy(to, column->day_text, 10);
	return to + 10;
}

static inline char *
put_time(char *to, int64 us)
{
	int seconds = (int) (us / USECS_PER_SEC);
	int fraction = (int) (us % USECS_PER_SEC);

	to = put_digits(to, seconds / SECS_PER_HOUR, 2);
	*to++ = ':';
	to = put_digits(to, seconds / SECS_PER_MINUTE % MINS_PER_HOUR, 2);
	*to++ = ':';
	to = put_digits(to, seconds % SECS_PER_MINUTE, 2);
	if (fraction == 0)
		return to;
	*to++ = '.';
	to = put_digits(to, fraction, 6);
	while (to[-1] == '0')
		to--;
	return to;
}

/* Returns false when it must go through the output function. */
static inline bool
put_timestamp(zdbpg_column *column, zdbpg_out *out, Timestamp at)
{
	int64 day = at / USECS_PER_DAY;
	int64 us = at % USECS_PER_DAY;
	char *to;

	if (us < 0)
	{
		us += USECS_PER_DAY;
		day--;
	}
	if (day < DAY_FIRST || day > DAY_LAST)
		return false;
	zdbpg_out_reserve(out, MAXDATELEN);
	to = put_day(column, out->data + out->len, (int32) day);
	*to++ = ' ';
	to = put_time(to, us);
	out->len = (size_t) (to - out->data);
	return true;
}

void
zdbpg_write_timestamp(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	if (!put_timestamp(column, out, DatumGetTimestamp(value)))
		zdbpg_write_any(column, out, value);
}

void
zdbpg_write_timestamptz(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	if (put_timestamp(column, out, DatumGetTimestampTz(value)))
		zdbpg_out_bytes(out, "+00", 3);
	else
		zdbpg_write_any(column, out, value);
}

void
zdbpg_write_date(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	DateADT day = DatumGetDateADT(value);

	if (day < DAY_FIRST || day > DAY_LAST)
	{
		zdbpg_write_any(column, out, value);
		return;
	}
	zdbpg_out_reserve(out, MAXDATELEN);
	put_day(column, out->data + out->len, day);
	out->len += 10;
}
