/*
 * pg_split - where one statement of a psql script ends
 */
#include "core/base/pg_split.h"

#include <ctype.h>
#include <string.h>

enum
{
	OUTSIDE,
	STRING,        /* '...' */
	ESCAPE_STRING, /* E'...' */
	ESCAPE_END,    /* after its quote, which may be doubled */
	IDENTIFIER,    /* "..." */
	LINE_COMMENT,
	COMMENT,
	DOLLAR_TAG, /* after a $ that may begin a quote */
	DOLLAR,     /* $tag$...$tag$ */
};

static bool
is_word_start(char c)
{
	return isalpha((unsigned char) c) || c == '_' || (c & 0x80);
}

static bool
is_word(char c)
{
	return is_word_start(c) || isdigit((unsigned char) c) || c == '$';
}

static bool
word_is(const zdb_pg_split *split, const char *upper)
{
	return split->word_len == strlen(upper) &&
		   memcmp(split->word, upper, split->word_len) == 0;
}

/* psql looks at the first four words for CREATE [OR REPLACE] FUNCTION, then
 * counts BEGIN, CASE and END. */
static void
take_word(zdb_pg_split *split)
{
	split->words++;
	if (split->words == 1)
		split->creates = word_is(split, "CREATE");
	else if (split->words <= 4 && split->creates && split->begins == 0 &&
			 (word_is(split, "FUNCTION") || word_is(split, "PROCEDURE")))
		split->begins = -1; /* a body may come */
	else if (split->begins != 0 && split->parens == 0)
	{
		int open = split->begins < 0 ? 0 : split->begins;

		if (word_is(split, "BEGIN"))
			split->begins = open + 1;
		else if (word_is(split, "CASE") && open > 0)
			split->begins = open + 1;
		else if (word_is(split, "END") && open > 0)
			split->begins = open == 1 ? -1 : open - 1;
	}
	split->word_len = 0;
}

static void
end_word(zdb_pg_split *split)
{
	if (split->word_len > 0)
		take_word(split);
}

static void
add_to_word(zdb_pg_split *split, char c)
{
	if (split->word_len < ZDB_PG_WORD_MAX)
		split->word[split->word_len++] = (char) toupper((unsigned char) c);
}

static void
begin_string(zdb_pg_split *split)
{
	split->state = word_is(split, "E") ? ESCAPE_STRING : STRING;
	split->word_len = 0; /* a prefix is no word */
	split->last = 0;
}

static void
end_statement(zdb_pg_split *split)
{
	*split = (zdb_pg_split){0};
}

/* A byte that is no part of a word. Returns whether the statement ends. */
static bool
take_symbol(zdb_pg_split *split, char c)
{
	char last = split->last;

	if (c == '\'')
	{
		split->begun = true;
		begin_string(split);
		return false;
	}
	end_word(split);
	split->last = c;
	if ((c == '-' && last == '-') || (c == '*' && last == '/'))
	{
		split->state = c == '-' ? LINE_COMMENT : COMMENT;
		split->nesting = 1;
		split->last = 0;
		return false;
	}
	if (last == '-' || last == '/')
		split->begun = true; /* it was an operator */
	if (isspace((unsigned char) c) || c == '-' || c == '/')
		return false;
	split->begun = true;
	if (c == '"')
		split->state = IDENTIFIER;
	else if (c == '(')
		split->parens++;
	else if (c == ')' && split->parens > 0)
		split->parens--;
	return c == ';' && split->parens == 0 && split->begins <= 0;
}

static bool
take_outside(zdb_pg_split *split, char c)
{
	if (c == '$' && split->word_len == 0)
	{
		split->begun = true;
		split->state = DOLLAR_TAG;
		split->tag_len = 0;
		split->last = 0;
		return false;
	}
	if (split->word_len > 0 ? is_word(c) : is_word_start(c))
	{
		split->begun = true;
		split->last = 0;
		add_to_word(split, c);
		return false;
	}
	if (isdigit((unsigned char) c))
	{
		split->begun = true;
		split->last = 0;
		add_to_word(split, c); /* 1$ begins no quote */
		return false;
	}
	return take_symbol(split, c);
}

/* After a dollar sign: the tag, its closing dollar, or something else. */
static bool
take_tag(zdb_pg_split *split, char c)
{
	if (c == '$')
	{
		split->state = DOLLAR;
		split->tag_at = 0;
		split->last = 0;
		return false;
	}
	if ((split->tag_len == 0 ? is_word_start(c) : is_word(c)) &&
		split->tag_len < ZDB_PG_WORD_MAX)
	{
		split->tag[split->tag_len++] = c;
		return false;
	}
	split->state = OUTSIDE; /* $1, or an operator */
	if (isdigit((unsigned char) c))
	{
		add_to_word(split, c);
		return false;
	}
	return take_outside(split, c);
}

/* Inside a dollar quote: tag_at counts what is matched of $tag$. */
static void
take_dollar(zdb_pg_split *split, char c)
{
	if (c == '$' && split->tag_at == split->tag_len + 1)
	{
		split->state = OUTSIDE;
		split->last = 0;
	}
	else if (c == '$')
		split->tag_at = 1;
	else if (split->tag_at > 0 && split->tag_at <= split->tag_len &&
			 split->tag[split->tag_at - 1] == c)
		split->tag_at++;
	else
		split->tag_at = 0;
}

static void
take_comment(zdb_pg_split *split, char c)
{
	char last = split->last;

	split->last = c;
	if (last == '/' && c == '*')
		split->nesting++;
	else if (last == '*' && c == '/')
		split->nesting--;
	else
		return;
	split->last = 0;
	if (split->nesting == 0)
		split->state = OUTSIDE;
}

static void
take_quoted(zdb_pg_split *split, char c)
{
	if (split->state == ESCAPE_STRING && split->last == '\\')
		split->last = 0; /* whatever it is, it ends nothing */
	else if (c == (split->state == IDENTIFIER ? '"' : '\''))
	{
		/* a doubled quote begins the same again */
		split->state = split->state == ESCAPE_STRING ? ESCAPE_END : OUTSIDE;
		split->last = 0;
	}
	else
		split->last = c;
}

/* Returns whether the statement ends with this byte. */
static bool
take(zdb_pg_split *split, char c)
{
	switch (split->state)
	{
		case OUTSIDE:
			return take_outside(split, c);
		case LINE_COMMENT:
			if (c == '\n')
				split->state = OUTSIDE;
			return false;
		case ESCAPE_END:
			split->state = c == '\'' ? ESCAPE_STRING : OUTSIDE;
			return c == '\'' ? false : take_outside(split, c);
		case COMMENT:
			take_comment(split, c);
			return false;
		case DOLLAR_TAG:
			return take_tag(split, c);
		case DOLLAR:
			take_dollar(split, c);
			return false;
		default:
			take_quoted(split, c);
			return false;
	}
}

size_t
zdb_pg_split_feed(zdb_pg_split *split, const char *bytes, size_t len,
				  bool *complete)
{
	*complete = false;
	for (size_t i = 0; i < len; i++)
		if (take(split, bytes[i]))
		{
			end_statement(split);
			*complete = true;
			return i + 1;
		}
	return len;
}

bool
zdb_pg_split_inside(const zdb_pg_split *split)
{
	return split->begun || split->state == COMMENT || split->last == '-' ||
		   split->last == '/';
}
