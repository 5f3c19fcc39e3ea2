/*
 * civil - days since 1970 as year, month and day, and back
 *
 * The Gregorian calendar, also before it was introduced (Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms").
 */
#ifndef ZDB_CORE_POLICY_CIVIL_H
#define ZDB_CORE_POLICY_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define ZDB_DAY_S 86400

typedef struct zdb_civil
{
	int64_t year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
} zdb_civil;

int64_t zdb_civil_days(int64_t year, int month, int day);

zdb_civil zdb_civil_of(int64_t days);

/* 0 is Sunday. */
int zdb_civil_weekday(int64_t days);

bool zdb_civil_is_leap(int64_t year);

int zdb_civil_month_days(int64_t year, int month);

/* Divide and round down, also below zero. */
int64_t zdb_civil_floor(int64_t a, int64_t b);

#endif
