/*
 * merge_numbers - the numbers in a policy, digit by digit
 *
 * Keys are compared as they are written. Of a number with a fraction the JSON
 * parser makes a double, and one of more than 64 bits it refuses; so it gets
 * them as marked texts.
 */
#include <string.h>

#include "core/policy/merge_plan.h"

#define MARK "\\u0001" /* as the parser writes it, too */
#define DIGITS "0123456789"
#define DIGITS_MAX 18 /* that fit into 64 bits for certain */

/* Behind a string that begins here. */
static const char *
string_end(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		at += *at == '\\' && at[1];
	return at + (*at == '"');
}

static size_t
number_length(const char *text)
{
	const char *at = text + (*text == '-');

	at += strspn(at, DIGITS);
	if (*at == '.')
		at += 1 + strspn(at + 1, DIGITS);
	if (*at == 'e' || *at == 'E')
	{
		at++;
		at += *at == '+' || *at == '-';
		at += strspn(at, DIGITS);
	}
	return (size_t) (at - text);
}

/* Or refused, as what is no number. */
static bool
is_kept(const char *number, size_t len)
{
	return !strchr(DIGITS, number[len - 1]) ||
		   (len <= DIGITS_MAX && strcspn(number, ".eE") >= len);
}

zdb_rc
zdb_merge_mark_numbers(const char *json, zdb_buf *out, zdb_err *err)
{
	while (*json && !err->code)
	{
		size_t len = strcspn(json, "\"-" DIGITS);
		bool marked = false;

		if (len == 0 && *json == '"')
			len = (size_t) (string_end(json) - json);
		else if (len == 0)
		{
			len = number_length(json);
			marked = !is_kept(json, len);
		}
		if (marked)
			zdb_buf_append(out, "\"" MARK, sizeof MARK, err);
		zdb_buf_append(out, json, len, err);
		if (marked)
			zdb_buf_append(out, "\"", 1, err);
		json += len;
	}
	return err->code ? err->code : zdb_buf_append(out, "", 1, err);
}

void
zdb_merge_unmark_numbers(char *json)
{
	char *to = json;
	const char *at = json;

	while (*at)
	{
		const char *end = *at == '"' ? string_end(at) : at + 1;

		if (*at == '"' && strncmp(at + 1, MARK, sizeof MARK - 1) == 0)
		{
			size_t len = (size_t) (end - at) - sizeof MARK - 1;

			memmove(to, at + sizeof MARK, len);
			to += len;
		}
		else
		{
			memmove(to, at, (size_t) (end - at));
			to += end - at;
		}
		at = end;
	}
	*to = '\0';
}
