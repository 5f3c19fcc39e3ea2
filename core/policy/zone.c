/*
 * zone - a time zone: what local clocks show, and when they are changed
 */
#include "core/policy/zone.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/policy/zone_rule.h"

#define HEADER_BYTES 44
#define TYPE_BYTES 6
#define OFFSET_MAX_S (26 * 3600) /* RFC 8536, 3.2 */

typedef struct change
{
	int64_t at_s;
	int64_t offset_s; /* from then on */
} change;

struct zdb_zone
{
	int64_t first_s; /* the offset before all changes */
	bool has_rule;
	zdb_zone_rule rule; /* from the last change on */
	size_t count;
	change changes[];
};

/* One of the two blocks of a file: its counts, and where its data begin. */
typedef struct block
{
	uint32_t utc_marks;
	uint32_t standard_marks;
	uint32_t leap_seconds;
	uint32_t times;
	uint32_t types;
	uint32_t name_bytes;
	const uint8_t *data;
	size_t time_bytes; /* 4, or 8 in the second block */
} block;

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 |
		   (uint32_t) p[2] << 8 | p[3];
}

static int64_t
get_time(const block *from, uint32_t i)
{
	const uint8_t *p = from->data + i * from->time_bytes;

	if (from->time_bytes == 4)
		return (int32_t) get32(p);
	return (int64_t) ((uint64_t) get32(p) << 32 | get32(p + 4));
}

static uint64_t
data_bytes(const block *of)
{
	return (uint64_t) of->times * (of->time_bytes + 1) +
		   (uint64_t) of->types * TYPE_BYTES + of->name_bytes +
		   (uint64_t) of->leap_seconds * (of->time_bytes + 4) +
		   of->standard_marks + of->utc_marks;
}

static zdb_rc
not_one(zdb_err *err, const char *why)
{
	return zdb_err_set(err, ZDB_FORMAT, "not a time zone file: %s", why);
}

/* Read the header at *at and step over its block. */
static zdb_rc
take_block(const uint8_t **at, const uint8_t *end, size_t time_bytes,
		   block *into, zdb_err *err)
{
	const uint8_t *p = *at;

	if (end - p < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
		return not_one(err, "it has no header");
	*into = (block){
		.utc_marks = get32(p + 20),
		.standard_marks = get32(p + 24),
		.leap_seconds = get32(p + 28),
		.times = get32(p + 32),
		.types = get32(p + 36),
		.name_bytes = get32(p + 40),
		.data = p + HEADER_BYTES,
		.time_bytes = time_bytes,
	};
	if (data_bytes(into) > (uint64_t) (end - into->data))
		return not_one(err, "it ends early");
	*at = into->data + data_bytes(into);
	return ZDB_OK;
}

static zdb_rc
get_offset(const block *from, uint32_t type, int64_t *offset_s, zdb_err *err)
{
	const uint8_t *types =
		from->data + (size_t) from->times * (from->time_bytes + 1);

	if (type >= from->types)
		return not_one(err, "it has no such type");
	*offset_s = (int32_t) get32(types + (size_t) type * TYPE_BYTES);
	if (*offset_s <= -OFFSET_MAX_S || *offset_s >= OFFSET_MAX_S)
		return not_one(err, "an offset is more than a day");
	return ZDB_OK;
}

/* Some files begin with the Big Bang. */
static int64_t
clamp(int64_t at_s)
{
	if (at_s < -ZDB_ZONE_NEVER_S)
		return -ZDB_ZONE_NEVER_S;
	return at_s > ZDB_ZONE_NEVER_S ? ZDB_ZONE_NEVER_S : at_s;
}

static zdb_rc
take_changes(const block *from, zdb_zone *zone, zdb_err *err)
{
	const uint8_t *type_of =
		from->data + (size_t) from->times * from->time_bytes;

	if (from->leap_seconds > 0)
		return not_one(err, "it counts leap seconds");
	if (get_offset(from, 0, &zone->first_s, err))
		return err->code;
	for (uint32_t i = 0; i < from->times; i++)
	{
		change *next = &zone->changes[i];

		if (i > 0 && get_time(from, i) <= get_time(from, i - 1))
			return not_one(err, "its changes are not in order");
		next->at_s = clamp(get_time(from, i));
		if (get_offset(from, type_of[i], &next->offset_s, err))
			return err->code;
		zone->count++;
	}
	return ZDB_OK;
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n"; empty when nothing is known. */
static zdb_rc
take_footer(const uint8_t *at, const uint8_t *end, zdb_zone *zone,
			zdb_err *err)
{
	const uint8_t *close;

	if (at == end || *at != '\n')
		return not_one(err, "it has no footer");
	at++;
	close = memchr(at, '\n', (size_t) (end - at));
	if (!close)
		return not_one(err, "its footer does not end");
	zone->has_rule = close > at;
	if (!zone->has_rule)
		return ZDB_OK;
	return zdb_zone_rule_parse((const char *) at, (size_t) (close - at),
							   &zone->rule, err);
}

zdb_rc
zdb_zone_parse(const uint8_t *bytes, size_t len, zdb_zone **zone, zdb_err *err)
{
	const uint8_t *at = bytes, *end = bytes + len;
	bool second;
	block from;

	*zone = NULL;
	if (take_block(&at, end, 4, &from, err))
		return err->code;
	second = bytes[4] >= '2';
	if (second && take_block(&at, end, 8, &from, err))
		return err->code;
	*zone = zdb_calloc(1, sizeof **zone + from.times * sizeof(change));
	if (!*zone)
		return zdb_err_nomem(err);
	if (take_changes(&from, *zone, err) ||
		(second && take_footer(at, end, *zone, err)))
	{
		zdb_zone_free(*zone);
		*zone = NULL;
	}
	return err->code;
}

void
zdb_zone_free(zdb_zone *zone)
{
	zdb_free(zone);
}

/* How many changes were before at_s. */
static size_t
count_before(const zdb_zone *zone, int64_t at_s)
{
	size_t low = 0, high = zone->count;

	while (low < high)
	{
		size_t middle = (low + high) / 2;

		if (zone->changes[middle].at_s <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64_t
offset_after(const zdb_zone *zone, size_t changes)
{
	return changes ? zone->changes[changes - 1].offset_s : zone->first_s;
}

zdb_period
zdb_zone_period(const zdb_zone *zone, int64_t at_s)
{
	zdb_period listed = {-ZDB_ZONE_NEVER_S, ZDB_ZONE_NEVER_S, 0, 0};
	zdb_period ruled;
	size_t before;

	if (!zone)
		return listed;
	before = count_before(zone, at_s);
	listed.offset_s = offset_after(zone, before);
	listed.before_s = offset_after(zone, before ? before - 1 : 0);
	if (before > 0)
		listed.start_s = zone->changes[before - 1].at_s;
	if (before < zone->count)
		listed.end_s = zone->changes[before].at_s;
	if (before < zone->count || !zone->has_rule)
		return listed;
	ruled = zdb_zone_rule_period(&zone->rule, at_s);
	if (ruled.start_s <= listed.start_s)
	{
		ruled.start_s = listed.start_s;
		ruled.before_s = listed.before_s;
	}
	return ruled;
}
