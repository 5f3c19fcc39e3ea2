/*
 * html - a page under construction
 */
#include "core/html/html.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"

#define RAW_CHARS 1024

void
zdb_html_raw(zdb_html *html, const char *fmt, ...)
{
	char text[RAW_CHARS];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (html->err.code)
		return;
	if (len < 0 || len >= RAW_CHARS)
		zdb_err_set(&html->err, ZDB_INTERNAL, "markup of %d bytes", len);
	else
		zdb_buf_append(&html->buf, text, (size_t) len, &html->err);
}

static bool
is_plain(unsigned char c)
{
	return c < 0x80 && !strchr("&<>\"'", c);
}

/* The character at text as a number, and where the next one begins. What is
 * not well formed is taken byte by byte. */
static unsigned long
next_character(const char **text)
{
	const unsigned char *at = (const unsigned char *) *text;
	int more = at[0] < 0xC0 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3;
	unsigned long character = at[0] & (more ? 0x3F >> more : 0xFF);

	(*text)++;
	for (; more > 0 && (**text & 0xC0) == 0x80; more--, (*text)++)
		character = character << 6 | (unsigned long) (**text & 0x3F);
	return character;
}

void
zdb_html_text(zdb_html *html, const char *text)
{
	while (text && *text && !html->err.code)
	{
		size_t plain = 0;

		while (text[plain] && is_plain((unsigned char) text[plain]))
			plain++;
		zdb_buf_append(&html->buf, text, plain, &html->err);
		text += plain;
		if (*text)
			zdb_html_raw(html, "&#%lu;", next_character(&text));
	}
}

/* A number with one digit behind the point while it is small. */
static void
word_number(double value, const char *unit, char out[ZDB_HTML_WORD])
{
	long tenths = lround(value * 10);

	if (value < 9.95 && tenths % 10 != 0)
		snprintf(out, ZDB_HTML_WORD, "%ld.%ld %s", tenths / 10, tenths % 10,
				 unit);
	else
		snprintf(out, ZDB_HTML_WORD, "%ld %s", lround(value), unit);
}

/* "2 h 5 min", "2 h" */
static void
word_pair(long small, long many, const char *large_unit,
		  const char *small_unit, char out[ZDB_HTML_WORD])
{
	if (small % many)
		snprintf(out, ZDB_HTML_WORD, "%ld %s %ld %s", small / many, large_unit,
				 small % many, small_unit);
	else
		snprintf(out, ZDB_HTML_WORD, "%ld %s", small / many, large_unit);
}

void
zdb_word_bytes(double bytes, char out[ZDB_HTML_WORD])
{
	static const char *const units[] = {"B", "KB", "MB", "GB", "TB", "PB"};
	int unit = 0;

	for (; bytes >= 999.5 && unit < 5; unit++)
		bytes /= 1000;
	word_number(bytes, units[unit], out);
}

void
zdb_word_seconds(double seconds, char out[ZDB_HTML_WORD])
{
	long whole = lround(seconds);

	if (seconds < 0.0995)
		word_number(seconds * 1000, "ms", out);
	else if (seconds < 59.5)
		word_number(seconds, "s", out);
	else if (whole < 3600)
		word_pair(whole, 60, "min", "s", out);
	else if (whole < 172800)
		word_pair(whole / 60, 60, "h", "min", out);
	else
		word_number(seconds / 86400, "days", out);
}

void
zdb_word_seconds_short(double seconds, char out[ZDB_HTML_WORD])
{
	if (seconds < 59.5)
		zdb_word_seconds(seconds, out);
	else if (seconds < 3570)
		word_number(seconds / 60, "min", out);
	else
		word_number(seconds / 3600, "h", out);
}

void
zdb_word_percent(double share, char out[ZDB_HTML_WORD])
{
	long tenths = lround(share * 1000);

	if (tenths % 10)
		snprintf(out, ZDB_HTML_WORD, "%ld.%ld %%", tenths / 10, tenths % 10);
	else
		snprintf(out, ZDB_HTML_WORD, "%ld %%", tenths / 10);
}

void
zdb_word_moment(int64_t us, bool time_too, char out[ZDB_HTML_WORD])
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
										 "May", "Jun", "Jul", "Aug",
										 "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t) (us / 1000000);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	if (time_too)
		snprintf(out, ZDB_HTML_WORD, "%d %s %02d:%02d", utc.tm_mday,
				 months[utc.tm_mon], utc.tm_hour, utc.tm_min);
	else
		snprintf(out, ZDB_HTML_WORD, "%d %s", utc.tm_mday, months[utc.tm_mon]);
}
