/*
 * xml - the answers of S3 and Azure, element by element
 */
#include "core/net/xml.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

#define NAME_BYTES 64
#define DEPTH_MAX 16

typedef struct parser
{
	const char *at;
	const char *end;
	zdb_buf text; /* since the last tag */
	int depth;
	char path[DEPTH_MAX][NAME_BYTES];
	zdb_xml_visit visit;
	void *arg;
} parser;

static zdb_rc
malformed(zdb_err *err)
{
	return zdb_err_set(err, ZDB_FORMAT,
					   "the server's answer is not well-formed XML");
}

static bool
begins_with(const parser *xml, const char *text)
{
	size_t len = strlen(text);

	return (size_t) (xml->end - xml->at) >= len &&
		   memcmp(xml->at, text, len) == 0;
}

/* Where mark begins, or NULL. */
static const char *
find(const parser *xml, const char *mark)
{
	return xml->at < xml->end ? memmem(xml->at, (size_t) (xml->end - xml->at),
									   mark, strlen(mark))
							  : NULL;
}

static zdb_rc
append_utf8(zdb_buf *out, unsigned long c, zdb_err *err)
{
	unsigned char bytes[4];
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return malformed(err);
	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		bytes[i] = (unsigned char) (0x80 | (c & 0x3F));
	bytes[0] = (unsigned char) (len == 1 ? c : (0xF00 >> len & 0xF0) | c);
	return zdb_buf_append(out, bytes, len, err);
}

/* The entity that begins at "&"; its name is between there and end. */
static zdb_rc
append_entity(zdb_buf *out, const char *name, size_t len, zdb_err *err)
{
	static const struct
	{
		const char *name;
		char value;
	} known[] = {
		{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
	char digits[12] = "", *stop;
	bool hex = len > 1 && name[1] == 'x';
	unsigned long c;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i].name) == len &&
			memcmp(known[i].name, name, len) == 0)
			return zdb_buf_append(out, &known[i].value, 1, err);
	if (len < 2 || len >= sizeof digits || name[0] != '#')
		return malformed(err);
	memcpy(digits, name + 1 + hex, len - 1 - hex);
	if (!strchr("0123456789abcdefABCDEF", digits[0]))
		return malformed(err); /* strtoul takes blanks and signs */
	c = strtoul(digits, &stop, hex ? 16 : 10);
	return *digits && !*stop ? append_utf8(out, c, err) : malformed(err);
}

/* Text up to the next tag. */
static zdb_rc
take_text(parser *xml, zdb_err *err)
{
	const char *stop = find(xml, "<");

	if (!stop)
		stop = xml->end;
	while (xml->at < stop)
	{
		size_t len = (size_t) (stop - xml->at);
		const char *entity = memchr(xml->at, '&', len), *semicolon;

		if (entity != xml->at)
		{
			len = entity ? (size_t) (entity - xml->at) : len;
			if (zdb_buf_append(&xml->text, xml->at, len, err))
				return err->code;
			xml->at += len;
			continue;
		}
		semicolon = memchr(entity, ';', len);
		if (!semicolon)
			return malformed(err);
		if (append_entity(&xml->text, entity + 1,
						  (size_t) (semicolon - entity - 1), err))
			return err->code;
		xml->at = semicolon + 1;
	}
	return ZDB_OK;
}

/* Pass over what ends in mark, which must be there. */
static zdb_rc
skip_past(parser *xml, const char *mark, zdb_err *err)
{
	const char *found = find(xml, mark);

	if (!found)
		return malformed(err);
	xml->at = found + strlen(mark);
	return ZDB_OK;
}

static zdb_rc
take_cdata(parser *xml, zdb_err *err)
{
	const char *begin = xml->at + strlen("<![CDATA[");

	if (skip_past(xml, "]]>", err))
		return err->code;
	return zdb_buf_append(&xml->text, begin,
						  (size_t) (xml->at - strlen("]]>") - begin), err);
}

/* Where the tag ends; ">" inside a quoted attribute is none. */
static const char *
tag_end(const parser *xml)
{
	char quote = '\0';

	for (const char *at = xml->at; at < xml->end; at++)
		if (quote && *at == quote)
			quote = '\0';
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
		else if (!quote && *at == '>')
			return at;
	return NULL;
}

/* "Key" of "Key a='b'" or of "s3:Key"; prefixes of namespaces mean nothing. */
static zdb_rc
copy_name(const char *from, const char *end, char name[NAME_BYTES],
		  zdb_err *err)
{
	size_t len = 0;

	for (; from < end && !strchr(" \t\r\n/", *from); from++)
		if (*from == ':')
			len = 0;
		else if (len == NAME_BYTES - 1)
			return malformed(err);
		else
			name[len++] = *from;
	name[len] = '\0';
	return len ? ZDB_OK : malformed(err);
}

/* Tell of the innermost element, which ends, and leave it. */
static zdb_rc
end_element(parser *xml, zdb_err *err)
{
	int depth = xml->depth;

	if (zdb_buf_append(&xml->text, "", 1, err))
		return err->code;
	xml->visit(xml->arg, depth > 1 ? xml->path[depth - 2] : "",
			   xml->path[depth - 1], (const char *) xml->text.data, err);
	xml->depth--;
	return err->code;
}

static zdb_rc
take_end_tag(parser *xml, const char *end, zdb_err *err)
{
	char name[NAME_BYTES];

	if (xml->depth == 0 || copy_name(xml->at + 2, end, name, err) ||
		strcmp(name, xml->path[xml->depth - 1]) != 0)
		return malformed(err);
	return end_element(xml, err);
}

static zdb_rc
take_begin_tag(parser *xml, const char *end, zdb_err *err)
{
	if (xml->depth == DEPTH_MAX ||
		copy_name(xml->at + 1, end, xml->path[xml->depth], err))
		return malformed(err);
	xml->text.len = 0;
	xml->depth++;
	return end[-1] == '/' ? end_element(xml, err) : ZDB_OK;
}

static zdb_rc
take_tag(parser *xml, zdb_err *err)
{
	const char *end = tag_end(xml);

	if (!end)
		return malformed(err);
	if (begins_with(xml, "</") ? take_end_tag(xml, end, err)
							   : take_begin_tag(xml, end, err))
		return err->code;
	xml->text.len = 0;
	xml->at = end + 1;
	return ZDB_OK;
}

static zdb_rc
take_markup(parser *xml, zdb_err *err)
{
	if (begins_with(xml, "<![CDATA["))
		return take_cdata(xml, err);
	if (begins_with(xml, "<!--"))
		return skip_past(xml, "-->", err);
	if (begins_with(xml, "<?"))
		return skip_past(xml, "?>", err);
	if (begins_with(xml, "<!"))
		return malformed(err);
	return take_tag(xml, err);
}

zdb_rc
zdb_xml_each(const void *bytes, size_t len, zdb_xml_visit visit, void *arg,
			 zdb_err *err)
{
	static const char mark[] = "\xEF\xBB\xBF"; /* Azure sends one */
	parser *xml = zdb_calloc(1, sizeof *xml);

	if (!xml)
		return zdb_err_nomem(err);
	*xml = (parser){.at = bytes,
					.end = (const char *) bytes + len,
					.visit = visit,
					.arg = arg};
	if (begins_with(xml, mark))
		xml->at += strlen(mark);
	if (len > 0 && memchr(bytes, '\0', len)) /* texts would end there */
		malformed(err);
	while (!err->code && xml->at < xml->end)
		if (*xml->at == '<')
			take_markup(xml, err);
		else
			take_text(xml, err);
	if (xml->depth > 0)
		malformed(err);
	zdb_buf_clear(&xml->text);
	zdb_free(xml);
	return err->code;
}
