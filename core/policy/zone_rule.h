/*
 * zone_rule - a yearly rule for the clocks, as POSIX's TZ variable writes it
 */
#ifndef ZDB_CORE_POLICY_ZONE_RULE_H
#define ZDB_CORE_POLICY_ZONE_RULE_H

#include "core/policy/zone.h"

typedef enum zdb_zone_day_kind
{
	ZDB_ZONE_DAY_WEEK,   /* M3.5.0: a weekday of a week of a month */
	ZDB_ZONE_DAY_JULIAN, /* J60: 29 February is never counted */
	ZDB_ZONE_DAY_COUNT,  /* 59: from 0, 29 February is counted */
} zdb_zone_day_kind;

/* One change a year. */
typedef struct zdb_zone_change
{
	zdb_zone_day_kind kind;
	int month;
	int week; /* 5: the last */
	int day;  /* of the week (0 is Sunday) or of the year */
	int64_t time_s;
} zdb_zone_change;

typedef struct zdb_zone_rule
{
	int64_t standard_s; /* offsets from UTC */
	int64_t summer_s;
	bool changes; /* else it is standard time all year */
	zdb_zone_change to_summer;
	zdb_zone_change to_standard;
} zdb_zone_rule;

/* Read a rule; ZDB_FORMAT when it is none. */
zdb_rc zdb_zone_rule_parse(const char *text, size_t len, zdb_zone_rule *rule,
						   zdb_err *err);

/* The period that at_s is in, if the rule had always been in force. */
zdb_period zdb_zone_rule_period(const zdb_zone_rule *rule, int64_t at_s);

#endif
