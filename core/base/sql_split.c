/*
 * sql_split - where one SQL statement ends and the next begins
 */
#include "core/base/sql_split.h"

#include <ctype.h>
#include <string.h>

/* How far into a statement, as far as its end is concerned. */
enum
{
	STATE_START,
	STATE_EXPLAIN,
	STATE_CREATE,
	STATE_NORMAL,
	STATE_TRIGGER,
	STATE_TRIGGER_SEMI,
	STATE_TRIGGER_END,
};

static bool
word_is(const zdb_sql_split *split, const char *upper)
{
	return split->word_len == strlen(upper) &&
		   memcmp(split->word, upper, split->word_len) == 0;
}

/* A word, number or punctuation that is no semicolon. */
static void
take_token(zdb_sql_split *split)
{
	switch (split->state)
	{
		case STATE_START:
			if (word_is(split, "EXPLAIN"))
				split->state = STATE_EXPLAIN;
			else
				split->state =
					word_is(split, "CREATE") ? STATE_CREATE : STATE_NORMAL;
			break;
		case STATE_EXPLAIN:
			if (word_is(split, "CREATE"))
				split->state = STATE_CREATE;
			else if (!word_is(split, "QUERY") && !word_is(split, "PLAN"))
				split->state = STATE_NORMAL;
			break;
		case STATE_CREATE:
			if (word_is(split, "TRIGGER"))
				split->state = STATE_TRIGGER;
			else if (!word_is(split, "TEMP") && !word_is(split, "TEMPORARY"))
				split->state = STATE_NORMAL;
			break;
		case STATE_NORMAL:
		case STATE_TRIGGER:
			break;
		case STATE_TRIGGER_SEMI:
			split->state =
				word_is(split, "END") ? STATE_TRIGGER_END : STATE_TRIGGER;
			break;
		case STATE_TRIGGER_END:
			split->state = STATE_TRIGGER;
			break;
	}
	split->word_len = 0;
}

/* Returns whether the statement ends here. */
static bool
take_semicolon(zdb_sql_split *split)
{
	if (split->state == STATE_TRIGGER || split->state == STATE_TRIGGER_SEMI)
	{
		split->state = STATE_TRIGGER_SEMI;
		return false;
	}
	split->state = STATE_START;
	return true;
}

/* One byte inside a string, identifier or comment. */
static void
take_inside(zdb_sql_split *split, char c)
{
	if (split->inside == '-'
			? c == '\n'
			: (split->inside == '*' ? split->last == '*' && c == '/'
									: c == split->inside))
	{
		split->inside = 0;
		c = 0; /* what ends a comment begins nothing */
	}
	split->last = c;
}

static bool
is_word(char c)
{
	return isalnum((unsigned char) c) || c == '_' || (c & 0x80);
}

/* One byte outside; returns whether the statement ends with it. */
static bool
take_outside(zdb_sql_split *split, char c)
{
	char last = split->last;

	split->last = c;
	if (is_word(c))
	{
		if (split->word_len < ZDB_SQL_WORD_MAX)
			split->word[split->word_len] = (char) toupper((unsigned char) c);
		split->word_len++;
		return false;
	}
	if (split->word_len > 0)
		take_token(split);
	if ((c == '-' && last == '-') || (c == '*' && last == '/'))
	{
		split->inside = c;
		split->last = 0;
		return false;
	}
	if (c == ';')
		return take_semicolon(split);
	if (c == '-' || c == '/' || isspace((unsigned char) c))
		return false; /* perhaps a comment: no token by itself */
	if (c == '\'' || c == '"' || c == '`')
		split->inside = c;
	else if (c == '[')
		split->inside = ']';
	take_token(split);
	return false;
}

size_t
zdb_sql_split_feed(zdb_sql_split *split, const char *bytes, size_t len,
				   bool *complete)
{
	*complete = false;
	for (size_t i = 0; i < len; i++)
	{
		if (split->inside)
			take_inside(split, bytes[i]);
		else if (take_outside(split, bytes[i]))
		{
			*complete = true;
			return i + 1;
		}
	}
	return len;
}

bool
zdb_sql_split_inside(const zdb_sql_split *split)
{
	return split->state != STATE_START || split->word_len > 0 ||
		   (split->inside && split->inside != '-');
}
