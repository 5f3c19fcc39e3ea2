/*
 * token - the words of one statement of PostgreSQL
 */
#include "core/dump/token.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool
begins_word(char c)
{
	return isalpha((unsigned char) c) || c == '_' || (c & 0x80);
}

static bool
is_word(char c)
{
	return begins_word(c) || isdigit((unsigned char) c) || c == '$';
}

/* Behind a comment that begins here; NULL: none does. */
static const char *
comment_end(const char *at, const char *end)
{
	int depth = 0;

	if (end - at < 2)
		return NULL;
	if (at[0] == '-' && at[1] == '-')
	{
		at = memchr(at, '\n', (size_t) (end - at));
		return at ? at : end;
	}
	if (at[0] != '/' || at[1] != '*')
		return NULL;
	for (; end - at >= 2; at++)
		if (at[0] == '/' && at[1] == '*')
		{
			depth++;
			at++;
		}
		else if (at[0] == '*' && at[1] == '/')
		{
			at++;
			if (--depth == 0)
				return at + 1;
		}
	return end;
}

static const char *
skip_blank(const char *at, const char *end)
{
	const char *behind;

	for (;;)
		if (at < end && isspace((unsigned char) *at))
			at++;
		else if ((behind = comment_end(at, end)) != NULL)
			at = behind;
		else
			return at;
}

/* Behind a quoted token that begins here with its quote. */
static const char *
quoted_end(const char *at, const char *end, bool escapes)
{
	char quote = *at++;

	for (; at < end; at++)
		if (escapes && *at == '\\' && at + 1 < end)
			at++;
		else if (*at == quote && (at + 1 == end || at[1] != quote))
			return at + 1;
		else if (*at == quote)
			at++;
	return end;
}

/* Behind a dollar quote; NULL: this dollar sign begins none. */
static const char *
dollar_end(const char *at, const char *end)
{
	const char *tag = at + 1;
	size_t len;

	while (tag < end && *tag != '$' && is_word(*tag))
		tag++;
	if (tag == end || *tag != '$' || isdigit((unsigned char) at[1]))
		return NULL;
	len = (size_t) (tag + 1 - at);
	tag = memmem(tag + 1, (size_t) (end - tag - 1), at, len);
	return tag ? tag + len : end;
}

static zdb_token_kind
scan(const char *at, const char *end, const char **behind)
{
	*behind = at + 1;
	if ((*at == 'e' || *at == 'E') && end - at > 1 && at[1] == '\'')
	{
		*behind = quoted_end(at + 1, end, true);
		return ZDB_TOKEN_STRING;
	}
	if (begins_word(*at) || isdigit((unsigned char) *at))
	{
		bool word = begins_word(*at);

		while (*behind < end &&
			   (is_word(**behind) || (!word && **behind == '.')))
			++*behind;
		return word ? ZDB_TOKEN_WORD : ZDB_TOKEN_NUMBER;
	}
	if (*at == '\'' || *at == '"')
	{
		*behind = quoted_end(at, end, false);
		return *at == '"' ? ZDB_TOKEN_NAME : ZDB_TOKEN_STRING;
	}
	if (*at == '$' && dollar_end(at, end))
	{
		*behind = dollar_end(at, end);
		return ZDB_TOKEN_STRING;
	}
	return ZDB_TOKEN_SYMBOL;
}

void
zdb_tokens_open(zdb_tokens *tokens, const char *sql, size_t len)
{
	*tokens = (zdb_tokens){.at = sql, .end = sql + len};
	zdb_tokens_next(tokens);
}

void
zdb_tokens_next(zdb_tokens *tokens)
{
	tokens->text = tokens->at = skip_blank(tokens->at, tokens->end);
	tokens->kind = ZDB_TOKEN_END;
	if (tokens->at < tokens->end)
		tokens->kind = scan(tokens->at, tokens->end, &tokens->at);
	tokens->len = (size_t) (tokens->at - tokens->text);
}

bool
zdb_token_is(const zdb_tokens *tokens, const char *word)
{
	return (tokens->kind == ZDB_TOKEN_WORD ||
			tokens->kind == ZDB_TOKEN_SYMBOL) &&
		   strlen(word) == tokens->len &&
		   strncasecmp(word, tokens->text, tokens->len) == 0;
}

bool
zdb_token_take(zdb_tokens *tokens, const char *word)
{
	if (!zdb_token_is(tokens, word))
		return false;
	zdb_tokens_next(tokens);
	return true;
}

/* What stands between the quotes, doubled ones taken out. */
static char *
inside(const zdb_tokens *tokens, zdb_arena *arena)
{
	char *copy = zdb_arena_alloc(arena, tokens->len), *to = copy;

	for (size_t i = 1; copy && i + 1 < tokens->len; i++)
	{
		*to++ = tokens->text[i];
		if (tokens->text[i] == tokens->text[0])
			i++;
	}
	return copy;
}

const char *
zdb_token_name(zdb_tokens *tokens, zdb_arena *arena)
{
	char *name = NULL;

	if (tokens->kind == ZDB_TOKEN_NAME)
		name = inside(tokens, arena);
	else if (tokens->kind == ZDB_TOKEN_WORD)
	{
		name = zdb_arena_alloc(arena, tokens->len + 1);
		for (size_t i = 0; name && i < tokens->len; i++)
		{
			char c = tokens->text[i];

			name[i] = c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c;
		}
	}
	if (name)
		zdb_tokens_next(tokens);
	return name;
}

const char *
zdb_token_string(zdb_tokens *tokens, zdb_arena *arena)
{
	const char *text = NULL;

	if (tokens->kind == ZDB_TOKEN_STRING && *tokens->text == '\'')
		text = inside(tokens, arena);
	if (text)
		zdb_tokens_next(tokens);
	return text;
}

void
zdb_tokens_skip(zdb_tokens *tokens)
{
	int depth = 0;

	do
	{
		depth += zdb_token_is(tokens, "(");
		depth -= zdb_token_is(tokens, ")");
		zdb_tokens_next(tokens);
	} while (depth > 0 && tokens->kind != ZDB_TOKEN_END);
}
