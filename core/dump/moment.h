/*
 * moment - a date or time of PostgreSQL, written as a SQLite column has them
 *
 * SQLite has no type for time. Programs keep milliseconds or seconds since
 * 1970, Julian days, or ISO 8601 text in one of several spellings; what a
 * column holds already tells which. All of them mean UTC.
 */
#ifndef ZDB_CORE_DUMP_MOMENT_H
#define ZDB_CORE_DUMP_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

typedef enum zdb_time_unit
{
	ZDB_TIME_TEXT,
	ZDB_TIME_MILLISECONDS,
	ZDB_TIME_SECONDS,
	ZDB_TIME_JULIAN, /* days, a double */
} zdb_time_unit;

/* A way to write times. {0} is "2025-09-01 04:13:20", as datetime() does. */
typedef struct zdb_time_style
{
	zdb_time_unit unit;
	bool letter;        /* T between date and time, not a space */
	const char *zone;   /* "Z", "+00:00", or NULL for nothing */
	int digits;         /* of fractions of a second at least: 0, 3, 6 */
	bool dated_by_time; /* dates have a time of day, too */
} zdb_time_style;

typedef struct zdb_moment
{
	int64_t us; /* since 1970, UTC */
	bool timed; /* it has a time of day */
	zdb_time_style style;
} zdb_moment;

/* Read "2025-09-01", "2025-09-01 04:13:20.5+02", or the like with a T and a
 * Z. What is no such text, infinite, before year 1 or after 9999 is
 * ZDB_MISMATCH. */
zdb_rc zdb_moment_parse(const char *text, size_t len, zdb_moment *out,
						zdb_err *err);

/* Whole units since 1970; *cut tells that a fraction is lost. */
int64_t zdb_moment_count(const zdb_moment *moment, zdb_time_unit unit,
						 bool *cut);

/* Days as julianday() counts them, to the millisecond. */
double zdb_moment_julian(const zdb_moment *moment, bool *cut);

#define ZDB_MOMENT_BYTES 48

/* Write text in this style; returns its length. */
size_t zdb_moment_text(const zdb_moment *moment, const zdb_time_style *style,
					   char out[ZDB_MOMENT_BYTES]);

/* Which style an integer is in: from 10^11 on, milliseconds. */
zdb_time_unit zdb_time_unit_of(int64_t value);

#endif
