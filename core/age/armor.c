/*
 * armor - age files as text: PEM (RFC 7468), strictly
 */
#include "core/age/armor.h"

#include <string.h>

#include "core/age/base64.h"
#include "core/base/buf.h"
#include "core/base/mem.h"

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----"
#define END "-----END AGE ENCRYPTED FILE-----"
#define COLUMNS 64
#define SPACE_MAX 1024 /* of white space around it */

typedef struct armor_source
{
	zdb_source base;
	uint8_t bytes[];
} armor_source;

static zdb_rc
armor_read(zdb_source *source, uint64_t offset, void *into, size_t len,
		   zdb_err *err)
{
	(void) err;
	if (len)
		memcpy(into, ((armor_source *) source)->bytes + offset, len);
	return ZDB_OK;
}

static void
armor_free(zdb_source *source)
{
	zdb_free(source);
}

static const zdb_source_ops armor_ops = {.read = armor_read,
										 .free = armor_free};

static size_t
skip_space(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && at < SPACE_MAX && memchr(" \t\r\n\v\f", text[at], 6))
		at++;
	return at;
}

bool
zdb_age_armor_is(const char *head, size_t len)
{
	size_t space = skip_space(head, len), left = len - space;

	return left >= strlen(BEGIN) &&
		   memcmp(head + space, BEGIN, strlen(BEGIN)) == 0;
}

/* The text, line by line. */
typedef struct lines
{
	const char *at;
	const char *end;
	const char *line;
	size_t len;
} lines;

static bool
next_line(lines *self)
{
	const char *stop = memchr(self->at, '\n', (size_t) (self->end - self->at));
	const char *next = stop ? stop + 1 : self->end;

	if (self->at == self->end)
		return false;
	stop = stop ? stop : self->end;
	if (stop > self->at && stop[-1] == '\r')
		stop--;
	self->line = self->at;
	self->len = (size_t) (stop - self->at);
	self->at = next;
	return true;
}

static bool
is_line(const lines *self, const char *text)
{
	return self->len == strlen(text) &&
		   memcmp(self->line, text, self->len) == 0;
}

/* Decode all; NULL, or why it cannot be. */
static const char *
decode(lines *text, uint8_t *out, size_t *len)
{
	bool full = true;

	*len = 0;
	text->at += skip_space(text->at, (size_t) (text->end - text->at));
	if (!next_line(text) || !is_line(text, BEGIN))
		return "its first line";
	for (;;)
	{
		size_t got;

		if (!next_line(text))
			return "its last line is missing";
		if (is_line(text, END))
			break;
		if (!full || text->len == 0 || text->len > COLUMNS)
			return "a line does not have 64 characters";
		if (!zdb_age_base64_decode_padded(text->line, text->len, out + *len,
										  &got))
			return "a line is not canonical base64";
		*len += got;
		full = got == COLUMNS / 4 * 3;
	}
	text->at += skip_space(text->at, (size_t) (text->end - text->at));
	return text->at < text->end ? "something follows it" : NULL;
}

static zdb_rc
refuse(const zdb_source *under, const char *why, zdb_err *err)
{
	zdb_err_set(err, ZDB_DAMAGED,
				"\"%s\" is damaged: its armor is not well formed: %s",
				under->name, why);
	zdb_err_hint(err, "Use another copy or an older backup.");
	return err->code;
}

static zdb_rc
decode_into(zdb_source *under, const char *text, zdb_source **out,
			zdb_err *err)
{
	size_t len = (size_t) under->bytes;
	armor_source *self = zdb_calloc(1, sizeof *self + len);
	lines all = {.at = text, .end = text + len};
	const char *why;

	if (!self)
		return zdb_err_nomem(err);
	self->base =
		(zdb_source){.ops = &armor_ops, .name = under->name, .under = under};
	why = decode(&all, self->bytes, &len);
	self->base.bytes = len;
	if (!why)
	{
		*out = &self->base;
		return ZDB_OK;
	}
	zdb_free(self);
	return refuse(under, why, err);
}

zdb_rc
zdb_age_armor_open(zdb_source *under, zdb_source **out, zdb_err *err)
{
	char *text;

	*out = NULL;
	if (under->bytes > ZDB_AGE_ARMOR_BYTES_MAX)
	{
		zdb_err_set(err, ZDB_UNSUPPORTED,
					"\"%s\" is armored, and too long for that", under->name);
		zdb_err_hint(err, "Decrypt it with age -d.");
		return err->code;
	}
	text = zdb_malloc((size_t) under->bytes + 1);
	if (!text)
		return zdb_err_nomem(err);
	if (zdb_source_read(under, 0, text, (size_t) under->bytes, err) == ZDB_OK)
		decode_into(under, text, out, err);
	zdb_free(text);
	return err->code;
}
