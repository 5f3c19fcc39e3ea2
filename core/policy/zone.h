/*
 * zone - a time zone: what local clocks show, and when they are changed
 *
 * Read from a TZif file (RFC 8536), which has a list of changes and, for the
 * years after, a rule as POSIX's TZ has it ("CET-1CEST,M3.5.0,M10.5.0/3").
 */
#ifndef ZDB_CORE_POLICY_ZONE_H
#define ZDB_CORE_POLICY_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* Far beyond every change, far from overflow. */
#define ZDB_ZONE_NEVER_S ((int64_t) 1 << 55)

/* A time without a change: local = UTC + offset_s from start_s on, before
 * end_s. */
typedef struct zdb_period
{
	int64_t start_s; /* -ZDB_ZONE_NEVER_S: always */
	int64_t end_s;   /* ZDB_ZONE_NEVER_S: for ever */
	int64_t offset_s;
	int64_t before_s; /* the offset until start_s */
} zdb_period;

typedef struct zdb_zone zdb_zone;

/* Read a TZif file's bytes; ZDB_FORMAT when they are not one, or one that
 * counts leap seconds. Free *zone with zdb_zone_free(). */
zdb_rc zdb_zone_parse(const uint8_t *bytes, size_t len, zdb_zone **zone,
					  zdb_err *err);

void zdb_zone_free(zdb_zone *zone);

/* The period that at_s (seconds since 1970, UTC) is in. NULL is UTC. */
zdb_period zdb_zone_period(const zdb_zone *zone, int64_t at_s);

#endif
