/*
 * index_sql - the parts of CREATE INDEX that no PRAGMA tells
 *
 * SQLite stores the statement as it was written, comments left out of account
 * only by luck; so they are skipped here, too.
 */
#include "sqlite_ext/index_sql.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *
skip_comment(const char *at)
{
	const char *end;

	if (at[0] == '-' && at[1] == '-')
	{
		end = strchr(at, '\n');
		return end ? end + 1 : at + strlen(at);
	}
	end = strstr(at + 2, "*/");
	return end ? end + 2 : at + strlen(at);
}

static int
is_word(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' ||
		   (unsigned char) c >= 0x80;
}

/* The end of the token at "at": a quoted text, a word, or one character. */
static const char *
skip_token(const char *at)
{
	char close = *at == '[' ? ']' : *at;

	if ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'))
		return skip_comment(at);
	if (strchr("'\"`[", *at))
	{
		for (at++; *at; at++)
		{
			if (*at != close)
				continue;
			if (close == ']' || at[1] != close)
				return at + 1;
			at++;
		}
		return at;
	}
	if (!is_word(*at))
		return at + 1;
	while (is_word(*at))
		at++;
	return at;
}

static int
word_is(const char *at, const char *end, const char *word)
{
	return (size_t) (end - at) == strlen(word) &&
		   strncasecmp(at, word, (size_t) (end - at)) == 0;
}

/* After the "(" of the list of columns. */
static const char *
list_of(const char *sql)
{
	int seen_on = 0;

	while (*sql)
	{
		const char *end = skip_token(sql);

		if (word_is(sql, end, "ON"))
			seen_on = 1;
		else if (seen_on && *sql == '(')
			return end;
		sql = end;
	}
	return sql;
}

/* The end of an element: a comma or ")" outside parentheses. */
static const char *
end_of_element(const char *at)
{
	int depth = 0;

	for (; *at; at = skip_token(at))
	{
		if (depth == 0 && (*at == ',' || *at == ')'))
			break;
		depth += (*at == '(') - (*at == ')');
	}
	return at;
}

static const char *
without_direction(const char *from, const char *end)
{
	const char *last = end, *at = from;

	while (at < end)
	{
		const char *next = skip_token(at);

		if (word_is(at, next, "ASC") || word_is(at, next, "DESC"))
			last = at;
		at = next;
	}
	return last;
}

const char *
zdblite_index_element(zdb_arena *arena, const char *sql, int place)
{
	const char *at = list_of(sql), *end = end_of_element(at);

	for (; place > 0 && *end == ','; place--)
	{
		at = end + 1;
		end = end_of_element(at);
	}
	if (place > 0 || !*end)
		return NULL;
	end = without_direction(at, end);
	return zdb_arena_format(arena, "%.*s", (int) (end - at), at);
}

const char *
zdblite_index_where(zdb_arena *arena, const char *sql)
{
	const char *at = list_of(sql);

	do
		at = end_of_element(at);
	while (*at++ == ',');
	while (*at)
	{
		const char *end = skip_token(at);

		if (word_is(at, end, "WHERE"))
			return zdb_arena_format(arena, "%s", end);
		at = end;
	}
	return NULL;
}

int
zdblite_index_mentions(const char *expression, const char *column)
{
	size_t len = strlen(column);

	for (const char *at = expression; *at;)
	{
		const char *end = skip_token(at);

		if (word_is(at, end, column) ||
			(strchr("\"`[", *at) && (size_t) (end - at) == len + 2 &&
			 strncasecmp(at + 1, column, len) == 0))
			return 1;
		at = end;
	}
	return 0;
}
