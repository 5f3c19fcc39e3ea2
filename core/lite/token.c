/*
 * token - the words of SQLite's SQL
 */
#include "core/lite/token.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool
is_word_byte(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' || (c & 0x80);
}

static const char *
skip_space(const char *at)
{
	for (;;)
	{
		const char *end;

		if (isspace((unsigned char) *at))
			at++;
		else if (at[0] == '-' && at[1] == '-')
			at += strcspn(at, "\n");
		else if (at[0] == '/' && at[1] == '*')
		{
			end = strstr(at + 2, "*/");
			at = end ? end + 2 : at + strlen(at);
		}
		else
			return at;
	}
}

/* Behind the closing quote; one that is doubled does not close. */
static const char *
skip_quoted(const char *at)
{
	char close = *at == '[' ? ']' : *at;

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

static const char *
skip_digits(const char *at)
{
	while (isdigit((unsigned char) *at))
		at++;
	return at;
}

static const char *
skip_number(const char *at)
{
	const char *exponent;

	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X') &&
		isxdigit((unsigned char) at[2]))
	{
		for (at += 2; isxdigit((unsigned char) *at);)
			at++;
		return at;
	}
	at = skip_digits(at);
	if (*at == '.')
		at = skip_digits(at + 1);
	if (*at != 'e' && *at != 'E')
		return at;
	exponent = at + 1;
	if (*exponent == '+' || *exponent == '-')
		exponent++;
	return isdigit((unsigned char) *exponent) ? skip_digits(exponent) : at;
}

static const char *
skip_sign(const char *at)
{
	static const char *const longer[] = {"->>", "->", "||", "<<", ">>",
										 "<=",  ">=", "<>", "==", "!="};

	for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++)
		if (strncmp(at, longer[i], strlen(longer[i])) == 0)
			return at + strlen(longer[i]);
	return at + 1;
}

static zdb_lite_kind
kind_at(const char *at)
{
	if (!*at)
		return ZDB_LITE_END;
	if (*at == '\'')
		return ZDB_LITE_STRING;
	if (*at == '"' || *at == '`' || *at == '[')
		return ZDB_LITE_NAME;
	if ((*at == 'x' || *at == 'X') && at[1] == '\'')
		return ZDB_LITE_BLOB;
	if (isdigit((unsigned char) *at) ||
		(*at == '.' && isdigit((unsigned char) at[1])))
		return ZDB_LITE_NUMBER;
	return is_word_byte(*at) && *at != '$' ? ZDB_LITE_WORD : ZDB_LITE_SIGN;
}

static const char *
skip(zdb_lite_kind kind, const char *at)
{
	switch (kind)
	{
		case ZDB_LITE_END:
			return at;
		case ZDB_LITE_WORD:
			while (is_word_byte(*at))
				at++;
			return at;
		case ZDB_LITE_NAME:
		case ZDB_LITE_STRING:
			return skip_quoted(at);
		case ZDB_LITE_BLOB:
			return skip_quoted(at + 1);
		case ZDB_LITE_NUMBER:
			return skip_number(at);
		case ZDB_LITE_SIGN:
			return skip_sign(at);
	}
	return at;
}

zdb_lite_token
zdb_lite_next(const char **sql)
{
	const char *at = skip_space(*sql);
	zdb_lite_kind kind = kind_at(at);

	*sql = skip(kind, at);
	return (zdb_lite_token){kind, at, (size_t) (*sql - at)};
}

bool
zdb_lite_is(const zdb_lite_token *token, const char *text)
{
	return (token->kind == ZDB_LITE_WORD || token->kind == ZDB_LITE_SIGN) &&
		   strlen(text) == token->len &&
		   strncasecmp(token->at, text, token->len) == 0;
}

const char *
zdb_lite_text(zdb_arena *arena, const zdb_lite_token *token)
{
	char *text = zdb_arena_alloc(arena, token->len + 1), *to = text;
	char close;

	if (!text)
		return "";
	memcpy(text, token->at, token->len);
	if (token->kind != ZDB_LITE_NAME && token->kind != ZDB_LITE_STRING)
		return text;
	close = *token->at == '[' ? ']' : *token->at;
	for (const char *at = token->at + 1; at < token->at + token->len; at++)
	{
		if (*at == close && *++at != close)
			break;
		*to++ = *at;
	}
	*to = '\0';
	return text;
}

bool
zdb_lite_same(const char *one, const char *other)
{
	return strcasecmp(one, other) == 0;
}
