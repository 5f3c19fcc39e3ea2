/*
 * moment - dates and times as programs write them into SQLite
 *
 * ISO 8601 and its usual relaxations: "2025-09-01", "2025-09-01 04:13",
 * "2025-09-01T04:13:20.5Z", "2025-09-01 04:13:20+02:00", "04:13:20". The years
 * 1 to 9999, at most microseconds: what PostgreSQL reads without loss.
 */
#ifndef ZDB_CORE_LITE_MOMENT_H
#define ZDB_CORE_LITE_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct zdb_lite_moment
{
	bool date, time, zone; /* which parts it has */
	bool midnight;         /* the time says nothing */
} zdb_lite_moment;

/* Is the text one? Then *out tells what it has. */
bool zdb_lite_moment_of(const char *bytes, size_t len, zdb_lite_moment *out);

/* Milliseconds since 1970 from here on, else seconds from the second on;
 * negative ones likewise. */
#define ZDB_LITE_MILLISECONDS_FROM INT64_C(100000000000)
#define ZDB_LITE_SECONDS_FROM INT64_C(100000000)

/* From the year 1 to the year 10000. */
#define ZDB_LITE_MILLISECONDS_FIRST INT64_C(-62135596800000)
#define ZDB_LITE_MILLISECONDS_END INT64_C(253402300800000)

/* Days of SQLite's own functions. */
#define ZDB_LITE_JULIAN_FIRST 1721059.5
#define ZDB_LITE_JULIAN_LAST 5373484.5

#endif
