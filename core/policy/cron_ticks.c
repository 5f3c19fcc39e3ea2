/*
 * cron_ticks - when a job is due: for a scheduler without time zones
 *
 * Zones differ by whole hours, most of them. So a job that is due at five past
 * something is due at five past something everywhere, and looking once an hour
 * is enough.
 */
#include <stdio.h>

#include "core/policy/civil.h"
#include "core/policy/cron.h"

#define YEARS 5
#define YEAR_S 31622400
#define TRIES_MAX 2000
#define EVERY_MINUTE ((UINT64_C(1) << 60) - 1)

/* The minute of the scheduler's hour. */
static int
minute_of(const zdb_zone *own, int64_t at_s)
{
	int64_t local_s = at_s + zdb_zone_period(own, at_s).offset_s;
	int64_t minutes = zdb_civil_floor(local_s, 60);

	return (int) (minutes - zdb_civil_floor(minutes, 60) * 60);
}

void
zdb_cron_ticks(const zdb_cron *cron, const zdb_zone *zone, const zdb_zone *own,
			   int64_t now_s, char out[ZDB_CRON_TICKS_BYTES])
{
	int64_t due_s = now_s;
	uint64_t minutes = 0;
	size_t used = 0;

	for (int i = 0; i < TRIES_MAX && due_s < now_s + YEARS * (int64_t) YEAR_S;
		 i++)
	{
		due_s = zdb_cron_next(cron, zone, due_s);
		minutes |= UINT64_C(1) << minute_of(own, due_s);
	}
	if (minutes == EVERY_MINUTE)
		used = (size_t) sprintf(out, "*");
	for (int i = 0; minutes != EVERY_MINUTE && i < 60; i++)
		if (minutes >> i & 1)
			used += (size_t) sprintf(out + used, "%s%d", used ? "," : "", i);
	sprintf(out + used, " * * * *");
}

bool
zdb_cron_since(const zdb_cron *cron, const zdb_zone *zone,
			   const zdb_cron *ticks, const zdb_zone *own, int64_t now_s)
{
	int64_t tick_s = zdb_cron_previous(ticks, own, now_s);
	int64_t before_s = zdb_cron_previous(ticks, own, tick_s - 1);

	return zdb_cron_previous(cron, zone, now_s) > before_s;
}
