/*
 * text - clocks and moments as text, and UTF-8
 */
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_SECOND 253402300799 /* 9999-12-31T23:59:59Z */

void
zdb_text_iso8601(int64_t us, char out[ZDB_ISO8601_BYTES])
{
	int64_t seconds = us / 1000000;
	time_t clamped;
	struct tm utc;

	if (seconds < 0)
		seconds = 0;
	if (seconds > LAST_SECOND)
		seconds = LAST_SECOND;
	clamped = (time_t) seconds;
	gmtime_r(&clamped, &utc);
	strftime(out, ZDB_ISO8601_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

int64_t
zdb_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

double
zdb_monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* The length of the character at p, 0 when it is not well formed. */
static size_t
utf8_char(const uint8_t *p, size_t len)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

	if (n == 1)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
		(p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	return n;
}

bool
zdb_utf8_valid(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	while (len > 0)
	{
		size_t n = utf8_char(p, len);

		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

void
zdb_utf8_repair(char *text)
{
	size_t left = strlen(text);

	while (left > 0)
	{
		size_t n = utf8_char((const uint8_t *) text, left);

		if (n == 0)
		{
			*text = '?';
			n = 1;
		}
		text += n;
		left -= n;
	}
}
