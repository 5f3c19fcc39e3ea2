/*
 * text - clocks and moments as text, and UTF-8
 */
#ifndef ZDB_CORE_BASE_TEXT_H
#define ZDB_CORE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZDB_ISO8601_BYTES 32

/* Write "2026-11-23T21:05:00Z" for microseconds since 1970; years 1970 to
 * 9999, others are clamped. */
void zdb_text_iso8601(int64_t us, char out[ZDB_ISO8601_BYTES]);

/*
 * Read a moment in ISO 8601, date and time apart by "T" or a space:
 * "2025-09-03", "2025-09-03 12:00", "2025-09-03T12:00:30.5+02:00", "...Z".
 * Without a zone it is UTC. What is left out is 0; *unit_us tells how long the
 * smallest given part is, such as 1000000 for seconds. Returns whether it is a
 * moment of the years 1970 to 9999.
 */
bool zdb_text_parse_time(const char *text, int64_t *us, int64_t *unit_us);

/* The real clock: microseconds since 1970, UTC. */
int64_t zdb_now_us(void);

/* Seconds on a clock that never goes back; only differences mean something. */
double zdb_monotonic_s(void);

/* Is it well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms)? */
bool zdb_utf8_valid(const void *bytes, size_t len);

/* Put '?' in the place of every byte that is not part of it. */
void zdb_utf8_repair(char *text);

#endif
