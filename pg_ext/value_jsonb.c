/*
 * value_jsonb - jsonb as its output function writes it, escaped for COPY
 *
 * Both escapes at once: what JSON escapes with a backslash, COPY escapes
 * with a second one.
 */
#include "pg_ext/value_text.h"

#include "utils/jsonb.h"

/* The letter of JSON's short escape, or 0. */
static inline char
escape_letter(char c)
{
	switch (c)
	{
		case '\b':
			return 'b';
		case '\f':
			return 'f';
		case '\n':
			return 'n';
		case '\r':
			return 'r';
		case '\t':
			return 't';
		case '"':
			return '"';
		default:
			return 0;
	}
}

static void
put_escape(zdbpg_out *out, char c)
{
	static const char hex[] = "0123456789abcdef";
	char letter = escape_letter(c);

	if (c == '\\')
		zdbpg_out_bytes(out, "\\\\\\\\", 4);
	else if (letter)
	{
		zdbpg_out_bytes(out, "\\\\", 2);
		zdbpg_out_char(out, letter);
	}
	else
	{
		zdbpg_out_bytes(out, "\\\\u00", 5);
		zdbpg_out_char(out, hex[(unsigned char) c >> 4]);
		zdbpg_out_char(out, hex[c & 15]);
	}
}

static void
put_string(zdbpg_out *out, const JsonbValue *value)
{
	const char *text = value->val.string.val;
	size_t len = (size_t) value->val.string.len;

	zdbpg_out_char(out, '"');
	for (;;)
	{
		size_t span = zdbpg_plain_span(text, len, '"');

		zdbpg_out_bytes(out, text, span);
		if (span == len)
			break;
		put_escape(out, text[span]);
		text += span + 1;
		len -= span + 1;
	}
	zdbpg_out_char(out, '"');
}

static void
put_scalar(zdbpg_column *column, zdbpg_out *out, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			zdbpg_out_bytes(out, "null", 4);
			break;
		case jbvString:
			put_string(out, value);
			break;
		case jbvNumeric:
			zdbpg_write_numeric(column, out,
								NumericGetDatum(value->val.numeric));
			break;
		case jbvBool:
			zdbpg_out_text(out, value->val.boolean ? "true" : "false");
			break;
		default:
			elog(ERROR, "unknown jsonb scalar type");
	}
}

static void
put_token(zdbpg_column *column, zdbpg_out *out, JsonbIteratorToken token,
		  const JsonbValue *value, bool *first)
{
	bool opens = token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT;
	bool closes = token == WJB_END_ARRAY || token == WJB_END_OBJECT;

	if (!*first && !closes && token != WJB_VALUE)
		zdbpg_out_bytes(out, ", ", 2);
	*first = opens;
	if (token == WJB_BEGIN_ARRAY)
		zdbpg_out_char(out, '[');
	else if (token == WJB_BEGIN_OBJECT)
		zdbpg_out_char(out, '{');
	else if (token == WJB_END_ARRAY)
		zdbpg_out_char(out, ']');
	else if (token == WJB_END_OBJECT)
		zdbpg_out_char(out, '}');
	else
		put_scalar(column, out, value);
	if (token == WJB_KEY)
	{
		zdbpg_out_bytes(out, ": ", 2);
		*first = true;
	}
}

void
zdbpg_write_jsonb(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	Jsonb *json = DatumGetJsonbP(value);
	JsonbIterator *iterator = JsonbIteratorInit(&json->root);
	bool first = true, scalar = JB_ROOT_IS_SCALAR(json);
	JsonbIteratorToken token;
	JsonbValue part;

	while ((token = JsonbIteratorNext(&iterator, &part, false)) != WJB_DONE)
	{
		/* a scalar stands in an array that is not written */
		if (scalar && token != WJB_ELEM)
			continue;
		put_token(column, out, token, &part, &first);
	}
}
