/*
 * array - an array of PostgreSQL as JSON text
 */
#include "core/dump/array.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/dump/decimal.h"

#define DEPTH_MAX 16 /* PostgreSQL's is 6 */

typedef struct writing
{
	const char *at, *end;
	zdb_pg_kind kind;
	zdb_buf *json;
	zdb_buf element;
	zdb_err *err;
} writing;

static zdb_rc
put(writing *self, const char *bytes, size_t len)
{
	return zdb_buf_append(self->json, bytes, len, self->err);
}

static zdb_rc
put_escaped(writing *self, char c)
{
	char text[8];

	if (c == '"' || c == '\\')
		snprintf(text, sizeof text, "\\%c", c);
	else if (c == '\n' || c == '\r' || c == '\t')
		snprintf(text, sizeof text, "\\%c",
				 c == '\n'   ? 'n'
				 : c == '\r' ? 'r'
							 : 't');
	else
		snprintf(text, sizeof text, "\\u%04x", c);
	return put(self, text, strlen(text));
}

static zdb_rc
put_string(writing *self, const char *bytes, size_t len)
{
	size_t begin = 0;

	put(self, "\"", 1);
	for (size_t i = 0; i < len && !self->err->code; i++)
	{
		if ((unsigned char) bytes[i] >= 0x20 && bytes[i] != '"' &&
			bytes[i] != '\\')
			continue;
		if (put(self, bytes + begin, i - begin) == ZDB_OK)
			put_escaped(self, bytes[i]);
		begin = i + 1;
	}
	if (self->err->code || put(self, bytes + begin, len - begin))
		return self->err->code;
	return put(self, "\"", 1);
}

/* Is it a number that JSON has, and everybody keeps? */
static bool
is_number(zdb_pg_kind kind, const char *bytes, size_t len)
{
	zdb_decimal decimal;
	int64_t integer;

	if (!zdb_decimal_parse(bytes, len, &decimal) || isspace(bytes[0]) ||
		isspace(bytes[len - 1]) || bytes[0] == '+' || bytes[0] == '.')
		return false;
	if (kind == ZDB_PG_FLOAT)
		return true;
	return (kind == ZDB_PG_INTEGER || kind == ZDB_PG_NUMERIC) &&
		   decimal.canonical && zdb_decimal_integer(&decimal, &integer);
}

static zdb_rc
put_element(writing *self, bool quoted)
{
	const char *bytes = (const char *) self->element.data;
	size_t len = self->element.len;

	if (!quoted && len == 4 && strncasecmp(bytes, "null", 4) == 0)
		return put(self, "null", 4);
	if (self->kind == ZDB_PG_BOOLEAN && len == 1 && *bytes == 't')
		return put(self, "true", 4);
	if (self->kind == ZDB_PG_BOOLEAN && len == 1 && *bytes == 'f')
		return put(self, "false", 5);
	if (is_number(self->kind, bytes, len))
		return put(self, bytes, len);
	return put_string(self, bytes, len);
}

static zdb_rc
refuse(writing *self, const char *why)
{
	return zdb_err_set(self->err, ZDB_MISMATCH, "%s", why);
}

/* The characters of an element, up to its closing quote, or to what ends one
 * without quotes. */
static zdb_rc
take_characters(writing *self, bool quoted)
{
	while (self->at < self->end &&
		   !(quoted ? *self->at == '"' : strchr(",{}\"", *self->at) != NULL))
	{
		if (*self->at == '\\' && ++self->at == self->end)
			break;
		if (zdb_buf_append(&self->element, self->at++, 1, self->err))
			return self->err->code;
	}
	if (self->at == self->end || (quoted && *self->at++ != '"'))
		return refuse(self, "the array ends inside an element");
	return ZDB_OK;
}

static zdb_rc
take_element(writing *self)
{
	bool quoted = *self->at == '"';

	self->element.len = 0;
	self->at += quoted;
	/* an empty element has its place in memory, too */
	if (zdb_buf_reserve(&self->element, 1, self->err) ||
		take_characters(self, quoted))
		return self->err->code;
	if (!quoted && self->element.len == 0)
		return refuse(self, "the array has an empty element");
	return put_element(self, quoted);
}

/* After an element or an inner array: a comma, or the end of this level.
 * Returns whether another element follows. */
static bool
take_separator(writing *self, int *depth)
{
	while (*depth > 0 && self->at < self->end && *self->at == '}')
	{
		++self->at;
		--*depth;
		put(self, "]", 1);
	}
	if (*depth == 0)
		return false;
	if (self->at == self->end || *self->at++ != ',')
	{
		refuse(self, "the array is not well formed");
		return false;
	}
	put(self, ",", 1);
	return self->err->code == ZDB_OK;
}

static zdb_rc
take_array(writing *self)
{
	int depth = 0;

	do
	{
		while (self->at < self->end && *self->at == '{' && depth < DEPTH_MAX)
		{
			self->at++;
			depth++;
			put(self, "[", 1);
		}
		if (self->at == self->end || *self->at == '{')
			return refuse(self, "the array is not well formed");
		if ((*self->at != '}' || self->at[-1] != '{') && take_element(self))
			return self->err->code;
	} while (take_separator(self, &depth));
	if (!self->err->code && self->at != self->end)
		refuse(self, "the array is not well formed");
	return self->err->code;
}

zdb_rc
zdb_array_json(const char *text, size_t len, zdb_pg_kind kind, zdb_buf *json,
			   zdb_err *err)
{
	writing self = {text, text + len, kind, json, {0}, err};

	if (len > 0 && *text == '[')
		return refuse(&self, "the array has bounds of its own, which JSON "
							 "cannot express");
	if (len == 0 || *text != '{')
		return refuse(&self, "it is no array");
	take_array(&self);
	zdb_buf_clear(&self.element);
	return err->code;
}

size_t
zdb_json_minify(char *text, size_t len)
{
	bool quoted = false;
	size_t to = 0;

	for (size_t i = 0; i < len; i++)
	{
		if (!quoted && strchr(" \t\r\n", text[i]) && text[i])
			continue;
		if (text[i] == '"')
			quoted = !quoted;
		text[to++] = text[i];
		if (quoted && text[i] == '\\' && i + 1 < len)
			text[to++] = text[++i];
	}
	return to;
}
