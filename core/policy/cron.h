/*
 * cron - when a job is due
 *
 * An expression has five fields, each a list of numbers, ranges (1-5), all
 * (*), and steps of the latter two (1-31/2):
 *
 *   minute 0-59   hour 0-23   day 1-31   month 1-12   weekday 0-7
 *
 * Months and weekdays have names, too (jan, mon); 0 and 7 are Sunday. Instead:
 * @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually. When
 * neither the day nor the weekday begins with a *, one of them has to match,
 * else both: as crontab(5) has it, and pg_cron.
 *
 * Where clocks are changed, a job of every hour (* or 0-23) goes by the clock
 * that ticks. Any other goes by the calendar: local times that are skipped
 * count as one run right after the gap, of repeated ones only the first
 * counts.
 */
#ifndef ZDB_CORE_POLICY_CRON_H
#define ZDB_CORE_POLICY_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/policy/zone.h"

/* Sets of numbers: bit n stands for n. */
typedef struct zdb_cron
{
	uint64_t minutes;
	uint64_t hours;
	uint64_t days;
	uint64_t months;
	uint64_t weekdays; /* 0 to 6 */
	bool either_day;   /* a day or a weekday is enough */
} zdb_cron;

/* Read an expression. ZDB_USAGE names the field, the character and what is
 * possible; also when it names days that never come (30 February). */
zdb_rc zdb_cron_parse(const char *text, zdb_cron *cron, zdb_err *err);

/* The first due time after after_s, the last one at or before at_s: seconds
 * since 1970, UTC, within some million years. zone NULL is UTC. */
int64_t zdb_cron_next(const zdb_cron *cron, const zdb_zone *zone,
					  int64_t after_s);
int64_t zdb_cron_previous(const zdb_cron *cron, const zdb_zone *zone,
						  int64_t at_s);

/*
 * For a scheduler that knows no time zones: write an expression that is due
 * in every hour at which the job may be, in the scheduler's own time. Whether
 * the job itself is due must then be asked each time, see zdb_cron_since().
 */
#define ZDB_CRON_TICKS_BYTES 200
void zdb_cron_ticks(const zdb_cron *cron, const zdb_zone *zone,
					const zdb_zone *own, int64_t now_s,
					char out[ZDB_CRON_TICKS_BYTES]);

/* Since the tick before the last one, was the job due? */
bool zdb_cron_since(const zdb_cron *cron, const zdb_zone *zone,
					const zdb_cron *ticks, const zdb_zone *own, int64_t now_s);

#endif
