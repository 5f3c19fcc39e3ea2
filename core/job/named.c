/*
 * named - what the name of a backup tells, when the file itself does not
 */
#include "core/job/named.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/job/path.h"

/* Cut suffix off the text's end, if it stands there. */
static bool
cut(char *text, const char *suffix)
{
	size_t len = strlen(text), suffix_len = strlen(suffix);

	if (len < suffix_len || strcmp(text + len - suffix_len, suffix) != 0)
		return false;
	text[len - suffix_len] = '\0';
	return true;
}

/* Cut off the last word and the "_" before it; NULL when there is none. */
static char *
cut_word(char *text)
{
	char *bar = strrchr(text, '_');

	if (!bar)
		return NULL;
	*bar = '\0';
	return bar + 1;
}

static bool
is_number(const char *text, size_t digits)
{
	size_t len = strspn(text, "0123456789");

	return text[len] == '\0' && len > 0 && (digits == 0 || len == digits);
}

static bool
read_moment(const char *date, const char *time_of_day, int64_t *us)
{
	struct tm utc = {0}, again;
	time_t seconds;

	if (!is_number(date, 8) || !is_number(time_of_day, 6) ||
		sscanf(date, "%4d%2d%2d", &utc.tm_year, &utc.tm_mon, &utc.tm_mday) !=
			3 ||
		sscanf(time_of_day, "%2d%2d%2d", &utc.tm_hour, &utc.tm_min,
			   &utc.tm_sec) != 3)
		return false;
	utc.tm_year -= 1900;
	utc.tm_mon -= 1;
	again = utc;
	seconds = timegm(&again);
	*us = (int64_t) seconds * 1000000;
	return again.tm_mon == utc.tm_mon && again.tm_mday == utc.tm_mday &&
		   again.tm_hour == utc.tm_hour && again.tm_sec == utc.tm_sec &&
		   again.tm_min == utc.tm_min;
}

bool
zdb_named_read(const char *name, zdb_arena *arena, zdb_named *named)
{
	const char *slash = strrchr(name, '/');
	char *text =
		(char *) zdb_arena_format(arena, "%s", slash ? slash + 1 : name);
	const char *date, *time_of_day;
	char *type;

	cut(text, ".age");
	named->codec = cut(text, ".gz")    ? ZDB_CODEC_GZIP
				   : cut(text, ".zst") ? ZDB_CODEC_ZSTD
									   : ZDB_CODEC_NONE;
	named->image = cut(text, ".db");
	if (!named->image && !cut(text, ".sql"))
		return false;
	time_of_day = cut_word(text);
	if (time_of_day && !is_number(time_of_day, 6) && is_number(time_of_day, 0))
		time_of_day = cut_word(text); /* "_2": another of that second */
	date = cut_word(text);
	type = cut_word(text);
	named->partial = type && cut(type, ZDB_PARTIAL_SUFFIX);
	named->type = type;
	named->database = text;
	return time_of_day && date && type && *type && *text &&
		   read_moment(date, time_of_day, &named->created_us);
}
