/*
 * retain - which backups stay
 */
#include "core/policy/retain.h"

#include <stdlib.h>
#include <string.h>

#include "core/policy/civil.h"

#define SECOND_US 1000000
#define THURSDAY 3 /* 1970-01-01 was three days after a Monday */
#define COUNT_MAX 100000

static const char *const names[ZDB_KEEP_REASONS] = {
	[ZDB_KEEP_LAST] = "last",
	[ZDB_KEEP_DAYS] = "days",
	[ZDB_KEEP_DAILY] = "daily",
	[ZDB_KEEP_WEEKLY] = "weekly",
	[ZDB_KEEP_MONTHLY] = "monthly",
	[ZDB_KEEP_YEARLY] = "yearly",
	[ZDB_KEEP_NEWEST] = "newest",
	[ZDB_KEEP_VERIFIED] = "newest verified",
	[ZDB_KEEP_BASE] = "base of another",
	[ZDB_KEEP_LABEL] = "label",
	[ZDB_KEEP_FUTURE] = "from the future",
	[ZDB_KEEP_OUTSIDE] = "not concerned",
};

const char *
zdb_keep_reason(zdb_keep_rule rule)
{
	return names[rule];
}

static int
find_rule(const char *name)
{
	for (int rule = 0; rule < ZDB_KEEP_RULES; rule++)
		if (strcmp(names[rule], name) == 0)
			return rule;
	return -1;
}

static zdb_rc
take_count(const json_t *value, const char *name, int *count, zdb_err *err)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 1 || number > COUNT_MAX)
		return zdb_err_set(err, ZDB_USAGE,
						   "\"%s\" must be a whole number from 1 to %d", name,
						   COUNT_MAX);
	*count = (int) number;
	return ZDB_OK;
}

zdb_rc
zdb_keep_parse(const json_t *value, zdb_keep *keep, zdb_err *err)
{
	const char *name;
	json_t *count;

	*keep = (zdb_keep){0};
	if (json_is_integer(value))
		return take_count(value, "keep", &keep->count[ZDB_KEEP_DAYS], err);
	if (!json_is_object(value) || json_object_size(value) == 0)
	{
		zdb_err_set(err, ZDB_USAGE,
					"\"keep\" must be a number of days or rules");
		zdb_err_hint(err, "Such as 30, or {\"daily\": 7, \"weekly\": 5, "
						  "\"monthly\": 12}.");
		return err->code;
	}
	json_object_foreach ((json_t *) value, name, count)
	{
		int rule = find_rule(name);

		if (rule < 0)
		{
			zdb_err_set(err, ZDB_USAGE, "unknown rule \"%s\" in \"keep\"",
						name);
			zdb_err_hint(err, "The rules are: last, days, daily, weekly, "
							  "monthly, yearly.");
			return err->code;
		}
		if (take_count(count, name, &keep->count[rule], err))
			return err->code;
	}
	return ZDB_OK;
}

json_t *
zdb_keep_json(const zdb_keep *keep)
{
	json_t *object = json_pack("{}");

	for (int rule = 0; object && rule < ZDB_KEEP_RULES; rule++)
		if (keep->count[rule])
			json_object_set_new(object, names[rule],
								json_integer(keep->count[rule]));
	return object;
}

/* By series, in it the newest first. Those that no series claims are last. */
static int
compare(const void *a, const void *b)
{
	const zdb_retained *one = *(zdb_retained *const *) a;
	const zdb_retained *other = *(zdb_retained *const *) b;
	int differ;

	if (!one->series || !other->series)
		return (one->series ? 0 : 1) - (other->series ? 0 : 1);
	differ = strcmp(one->series, other->series);
	if (differ)
		return differ;
	if (one->created_us != other->created_us)
		return one->created_us < other->created_us ? 1 : -1;
	return strcmp(other->name, one->name);
}

/* Which day, week, month or year a moment is in, as a number. */
static int64_t
period_of(zdb_keep_rule rule, int64_t us)
{
	int64_t days = zdb_civil_floor(zdb_civil_floor(us, SECOND_US), ZDB_DAY_S);
	zdb_civil date = zdb_civil_of(days);

	switch (rule)
	{
		case ZDB_KEEP_DAILY:
			return days;
		case ZDB_KEEP_WEEKLY:
			return zdb_civil_floor(days + THURSDAY, 7);
		case ZDB_KEEP_MONTHLY:
			return date.year * 12 + date.month;
		case ZDB_KEEP_YEARLY:
			return date.year;
		case ZDB_KEEP_LAST:
		case ZDB_KEEP_DAYS:
		case ZDB_KEEP_NEWEST:
		case ZDB_KEEP_VERIFIED:
		case ZDB_KEEP_BASE:
		case ZDB_KEEP_LABEL:
		case ZDB_KEEP_FUTURE:
		case ZDB_KEEP_OUTSIDE:
		case ZDB_KEEP_REASONS:
			break;
	}
	return us; /* each its own */
}

/* How far a walk through a series, newest first, has come. */
typedef struct walk
{
	const char *series;
	bool verified; /* one has been seen */
	int used[ZDB_KEEP_RULES];
	int64_t period[ZDB_KEEP_RULES]; /* the last one that was used */
} walk;

static unsigned
bit(zdb_keep_rule rule)
{
	return 1u << rule;
}

/* One backup more of a period that is kept already keeps none. */
static void
apply_rule(const zdb_keep *keep, zdb_keep_rule rule, walk *self,
		   zdb_retained *each)
{
	int64_t period = period_of(rule, each->created_us);

	if (self->used[rule] >= keep->count[rule] ||
		(rule != ZDB_KEEP_LAST && self->used[rule] > 0 &&
		 self->period[rule] == period))
		return;
	self->used[rule]++;
	self->period[rule] = period;
	each->reasons |= bit(rule);
}

static void
apply_rules(const zdb_keep *keep, int64_t now_us, walk *self,
			zdb_retained *each)
{
	int64_t span_us =
		keep->count[ZDB_KEEP_DAYS] * (int64_t) ZDB_DAY_S * SECOND_US;

	if (!self->series || strcmp(self->series, each->series) != 0)
	{
		*self = (walk){.series = each->series};
		each->reasons |= bit(ZDB_KEEP_NEWEST);
	}
	if (each->verified && !self->verified)
	{
		self->verified = true;
		each->reasons |= bit(ZDB_KEEP_VERIFIED);
	}
	if (each->created_us > now_us - span_us)
		each->reasons |= bit(ZDB_KEEP_DAYS);
	for (int rule = 0; rule < ZDB_KEEP_RULES; rule++)
		if (rule != ZDB_KEEP_DAYS)
			apply_rule(keep, (zdb_keep_rule) rule, self, each);
}

/* Whoever stays needs its base, and that its own. */
static void
keep_bases(zdb_retained *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (zdb_retained *each = list[i].reasons ? list[i].base : NULL;
			 each && !(each->reasons & bit(ZDB_KEEP_BASE)); each = each->base)
			each->reasons |= bit(ZDB_KEEP_BASE);
}

void
zdb_retain(const zdb_keep *keep, zdb_retained *list, size_t count,
		   int64_t now_us, zdb_retained **order)
{
	walk self = {0};

	for (size_t i = 0; i < count; i++)
	{
		order[i] = &list[i];
		list[i].reasons = 0;
	}
	if (count > 0)
		qsort(order, count, sizeof *order, compare);
	for (size_t i = 0; i < count; i++)
	{
		zdb_retained *each = order[i];

		if (each->labelled)
			each->reasons |= bit(ZDB_KEEP_LABEL);
		if (!each->series)
			each->reasons |= bit(ZDB_KEEP_OUTSIDE);
		else if (each->created_us > now_us)
			each->reasons |= bit(ZDB_KEEP_FUTURE);
		else
			apply_rules(keep, now_us, &self, each);
	}
	keep_bases(list, count);
}
