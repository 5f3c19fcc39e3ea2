/*
 * fuzz_cron - whatever is read as an expression is due in a sensible order
 *
 * The bytes are an expression and, after a line's end, a time zone file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy/cron.h"

#define LONGEST_BYTES 200
#define MOMENTS 3

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
check(const zdb_cron *cron, const zdb_zone *zone, int64_t at_s)
{
	for (int i = 0; i < MOMENTS; i++)
	{
		int64_t last_s = zdb_cron_previous(cron, zone, at_s);
		int64_t next_s = zdb_cron_next(cron, zone, at_s);

		if (last_s > at_s || next_s <= at_s ||
			zdb_cron_previous(cron, zone, next_s) != next_s ||
			zdb_cron_previous(cron, zone, next_s - 1) != last_s ||
			zdb_cron_next(cron, zone, last_s) != next_s)
			abort();
		at_s = next_s;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const uint8_t *line = len ? memchr(bytes, '\n', len) : NULL;
	size_t text_len = line ? (size_t) (line - bytes) : len;
	char text[LONGEST_BYTES];
	zdb_zone *zone = NULL;
	zdb_err err = {0};
	zdb_cron cron;

	if (text_len >= sizeof text)
		return 0;
	memcpy(text, bytes, text_len);
	text[text_len] = '\0';
	if (line)
		zdb_zone_parse(line + 1, len - text_len - 1, &zone, &err);
	zdb_err_clear(&err);
	if (zdb_cron_parse(text, &cron, &err) == ZDB_OK)
	{
		check(&cron, zone, 1742000000);
		check(&cron, zone, 4000000000);
	}
	zdb_zone_free(zone);
	return 0;
}
