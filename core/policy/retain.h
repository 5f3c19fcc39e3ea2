/*
 * retain - which backups stay
 *
 * Pure. A backup stays when any rule keeps it:
 *
 *   last     the newest n
 *   days     those of the last n times 24 hours
 *   daily, weekly, monthly, yearly
 *            the newest of each of the last n days (ISO weeks, months, years,
 *            UTC) that have one
 *
 * Rules count within a series: the backups of one database and type. Whatever
 * they say, these stay, too: the newest of a series, the newest verified one,
 * a base on which one that stays depends, one that somebody labelled so, and
 * one whose time is still to come: when a clock has been wrong, its age is
 * not known, and it must not push out the others.
 */
#ifndef ZDB_CORE_POLICY_RETAIN_H
#define ZDB_CORE_POLICY_RETAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

typedef enum zdb_keep_rule
{
	ZDB_KEEP_LAST,
	ZDB_KEEP_DAYS,
	ZDB_KEEP_DAILY,
	ZDB_KEEP_WEEKLY,
	ZDB_KEEP_MONTHLY,
	ZDB_KEEP_YEARLY,
	ZDB_KEEP_RULES,
	/* not rules of the user's */
	ZDB_KEEP_NEWEST = ZDB_KEEP_RULES,
	ZDB_KEEP_VERIFIED,
	ZDB_KEEP_BASE,
	ZDB_KEEP_LABEL,
	ZDB_KEEP_FUTURE,
	ZDB_KEEP_OUTSIDE,
	ZDB_KEEP_REASONS,
} zdb_keep_rule;

/* How many each rule keeps; 0: the rule is not there. */
typedef struct zdb_keep
{
	int count[ZDB_KEEP_RULES];
} zdb_keep;

typedef struct zdb_retained
{
	const char *series; /* NULL: outside, nobody's to remove */
	const char *name;   /* decides between backups of one moment */
	int64_t created_us;
	bool verified;
	bool labelled;             /* to be kept */
	struct zdb_retained *base; /* or NULL */
	unsigned reasons;          /* out: bits 1 << zdb_keep_rule; 0: it goes */
} zdb_retained;

/* Read a number of days, or an object of rules; ZDB_USAGE names the key. */
zdb_rc zdb_keep_parse(const json_t *value, zdb_keep *keep, zdb_err *err);

/* The same as JSON; NULL without memory. */
json_t *zdb_keep_json(const zdb_keep *keep);

/* Fill in the reasons of all. order is room for count pointers. */
void zdb_retain(const zdb_keep *keep, zdb_retained *list, size_t count,
				int64_t now_us, zdb_retained **order);

/* "last", "newest verified", ...: for people. */
const char *zdb_keep_reason(zdb_keep_rule rule);

#endif
