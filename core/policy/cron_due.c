/*
 * cron_due - when a job is due: finding the time
 *
 * Everything is searched in local time, in which an expression is meant, one
 * period between two changes of the clocks after the other.
 */
#include "core/policy/civil.h"
#include "core/policy/cron.h"

#define MINUTE_S 60
#define HOUR_MINUTES 60
#define DAY_MINUTES 1440
#define EVERY_HOUR ((UINT64_C(1) << 24) - 1)

static bool
has(uint64_t set, int64_t member)
{
	return set >> member & 1;
}

/* days since 1970, local */
static bool
is_day(const zdb_cron *cron, int64_t days)
{
	zdb_civil date = zdb_civil_of(days);
	bool day = has(cron->days, date.day);
	bool weekday = has(cron->weekdays, zdb_civil_weekday(days));

	return has(cron->months, date.month) &&
		   (cron->either_day ? day || weekday : day && weekday);
}

static bool
is_minute(const zdb_cron *cron, int64_t of_day)
{
	return has(cron->hours, of_day / HOUR_MINUTES) &&
		   has(cron->minutes, of_day % HOUR_MINUTES);
}

/* The first match from minute low on, before minute end. */
static bool
first_match(const zdb_cron *cron, int64_t low, int64_t end, int64_t *found)
{
	int64_t day = zdb_civil_floor(low, DAY_MINUTES);
	int64_t of_day = low - day * DAY_MINUTES;

	for (; day * DAY_MINUTES < end; day++, of_day = 0)
	{
		if (!is_day(cron, day))
			continue;
		while (of_day < DAY_MINUTES && !is_minute(cron, of_day))
			of_day++;
		*found = day * DAY_MINUTES + of_day;
		if (of_day < DAY_MINUTES)
			return *found < end;
	}
	return false;
}

/* The last match at or before minute high, not before minute begin. */
static bool
last_match(const zdb_cron *cron, int64_t begin, int64_t high, int64_t *found)
{
	int64_t day = zdb_civil_floor(high, DAY_MINUTES);
	int64_t of_day = high - day * DAY_MINUTES;

	for (; (day + 1) * DAY_MINUTES > begin; day--, of_day = DAY_MINUTES - 1)
	{
		if (!is_day(cron, day))
			continue;
		while (of_day >= 0 && !is_minute(cron, of_day))
			of_day--;
		*found = day * DAY_MINUTES + of_day;
		if (of_day >= 0)
			return *found >= begin;
	}
	return false;
}

static int64_t
minute_from(int64_t local_s)
{
	return -zdb_civil_floor(-local_s, MINUTE_S);
}

/* A period as a job sees it, in local minutes. */
typedef struct span
{
	int64_t begin; /* repeated times left out */
	int64_t end;
	bool catches_up; /* when it begins, for a time that was skipped */
} span;

static span
span_of(const zdb_cron *cron, const zdb_period *period)
{
	int64_t new_s = period->start_s + period->offset_s;
	int64_t old_s = period->start_s + period->before_s;
	bool by_calendar = (cron->hours & EVERY_HOUR) != EVERY_HOUR;
	int64_t skipped;

	return (span){
		.begin = minute_from(by_calendar && old_s > new_s ? old_s : new_s),
		.end = minute_from(period->end_s + period->offset_s),
		.catches_up = by_calendar && first_match(cron, minute_from(old_s),
												 minute_from(new_s), &skipped),
	};
}

static bool
first_due(const zdb_cron *cron, const zdb_period *period, int64_t from_s,
		  int64_t *due_s)
{
	span in = span_of(cron, period);
	int64_t minute = minute_from(from_s + period->offset_s);

	if (in.catches_up && from_s <= period->start_s)
	{
		*due_s = period->start_s;
		return true;
	}
	if (!first_match(cron, minute > in.begin ? minute : in.begin, in.end,
					 &minute))
		return false;
	*due_s = minute * MINUTE_S - period->offset_s;
	return true;
}

static bool
last_due(const zdb_cron *cron, const zdb_period *period, int64_t at_s,
		 int64_t *due_s)
{
	span in = span_of(cron, period);
	int64_t minute = zdb_civil_floor(at_s + period->offset_s, MINUTE_S);

	if (minute >= in.begin && last_match(cron, in.begin, minute, &minute))
		*due_s = minute * MINUTE_S - period->offset_s;
	else if (in.catches_up)
		*due_s = period->start_s;
	else
		return false;
	return true;
}

int64_t
zdb_cron_next(const zdb_cron *cron, const zdb_zone *zone, int64_t after_s)
{
	int64_t due_s, from_s = after_s + 1;

	for (;;)
	{
		zdb_period period = zdb_zone_period(zone, from_s);

		if (first_due(cron, &period, from_s, &due_s))
			return due_s;
		from_s = period.end_s;
	}
}

int64_t
zdb_cron_previous(const zdb_cron *cron, const zdb_zone *zone, int64_t at_s)
{
	int64_t due_s;

	for (;;)
	{
		zdb_period period = zdb_zone_period(zone, at_s);

		if (last_due(cron, &period, at_s, &due_s))
			return due_s;
		at_s = period.start_s - 1;
	}
}
