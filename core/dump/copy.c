/*
 * copy - a line of a COPY block in text format
 */
#include "core/dump/copy.h"

#include <ctype.h>
#include <string.h>

/* The value of a digit of this base, or -1. */
static int
digit_of(char c, int base)
{
	int value = isdigit((unsigned char) c) ? c - '0'
				: isxdigit((unsigned char) c)
					? tolower((unsigned char) c) - 'a' + 10
					: 16;

	return value < base ? value : -1;
}

/* Up to max digits; *at is moved behind them. */
static char
number(const char **at, const char *end, int base, int max)
{
	int value = 0;

	for (; max > 0 && *at < end && digit_of(**at, base) >= 0; max--)
		value = value * base + digit_of(*(*at)++, base);
	return (char) value;
}

/* What stands behind a backslash; *at is moved behind it. */
static char
unescape(const char **at, const char *end)
{
	static const char names[] = "bfnrtv", values[] = "\b\f\n\r\t\v";
	const char *name;
	char c = **at;

	if (digit_of(c, 8) >= 0)
		return number(at, end, 8, 3);
	++*at;
	if (c == 'x' && *at < end && digit_of(**at, 16) >= 0)
		return number(at, end, 16, 2);
	name = strchr(names, c);
	return c && name ? values[name - names] : c;
}

/* One value from *at on; *at is moved to the tab behind it, or to the end. */
static zdb_copy_field
take_field(char **at, char *end)
{
	zdb_copy_field field = {.bytes = *at};
	const char *from = *at;
	char *to = *at;

	while (from < end && *from != '\t')
	{
		if (*from != '\\' || from + 1 == end)
		{
			*to++ = *from++;
			continue;
		}
		from++;
		*to++ = unescape(&from, end);
	}
	field.len = (size_t) (to - field.bytes);
	*at = (char *) from;
	return field;
}

size_t
zdb_copy_split(char *line, size_t len, zdb_copy_field *fields, size_t cap)
{
	char *end = line + len, *at = line;
	size_t count = 0;

	for (;; at++)
	{
		bool null = end - at >= 2 && memcmp(at, "\\N", 2) == 0 &&
					(end - at == 2 || at[2] == '\t');
		zdb_copy_field field = take_field(&at, end);

		field.null = null;
		if (count < cap)
			fields[count] = field;
		count++;
		if (at == end)
			return count;
	}
}

bool
zdb_copy_continues(const char *line, size_t len)
{
	size_t backslashes = 0;

	while (backslashes < len && line[len - 1 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2 == 1;
}
