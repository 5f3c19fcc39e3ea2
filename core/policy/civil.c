/*
 * civil - days since 1970 as year, month and day, and back
 */
#include "core/policy/civil.h"

#define DAYS_OF_400_YEARS 146097
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 */

int64_t
zdb_civil_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Years begin in March here, so that a leap day is the last of its year. */
int64_t
zdb_civil_days(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = zdb_civil_floor(y, 400);
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * DAYS_OF_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 +
		   of_year - DAYS_BEFORE_1970;
}

zdb_civil
zdb_civil_of(int64_t days)
{
	int64_t from_march = days + DAYS_BEFORE_1970;
	int64_t era = zdb_civil_floor(from_march, DAYS_OF_400_YEARS);
	int64_t of_era = from_march - era * DAYS_OF_400_YEARS;
	int64_t year =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	int from_january = (int) (month < 10 ? month + 3 : month - 9);

	return (zdb_civil){
		.year = year + era * 400 + (from_january <= 2),
		.month = from_january,
		.day = (int) (of_year - (153 * month + 2) / 5 + 1),
	};
}

int
zdb_civil_weekday(int64_t days)
{
	int64_t thursday_first = days + 4; /* 1970 began on a Thursday */

	return (int) (thursday_first - zdb_civil_floor(thursday_first, 7) * 7);
}

bool
zdb_civil_is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
zdb_civil_month_days(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && zdb_civil_is_leap(year));
}
