/*
 * script_value - a value as an SQL literal that gives exactly it back
 */
#include "sqlite_ext/script_value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "sqlite_ext/sql.h"

zdb_rc
zdblite_values_open(zdblite_values *values, sqlite3 *db,
					zdblite_encoding encoding, zdb_err *err)
{
	*values = (zdblite_values){.db = db, .encoding = encoding};
	return zdblite_prepare(db, &values->read_real, err,
						   "SELECT CAST(?1 AS REAL)");
}

void
zdblite_values_close(zdblite_values *values)
{
	sqlite3_finalize(values->read_real);
	values->read_real = NULL;
}

/* Does SQLite read exactly this value out of the text? */
static bool
reads_back(zdblite_values *values, const char *literal, double value)
{
	double got = 0;

	sqlite3_bind_text(values->read_real, 1, literal, -1, SQLITE_STATIC);
	if (sqlite3_step(values->read_real) == SQLITE_ROW)
		got = sqlite3_column_double(values->read_real, 0);
	sqlite3_reset(values->read_real);
	return memcmp(&got, &value, sizeof got) == 0;
}

/* SQLite before 3.43 may read 17 digits wrong in the last bit. Then the value
 * is written as a whole number times powers of two, which are exact. */
static void
put_scaled(double value, zdblite_text *text)
{
	int exponent;
	double mantissa = frexp(value, &exponent);
	const char *operator= exponent<53 ? "/" : "*";
	int power = exponent < 53 ? 53 - exponent : exponent - 53;

	zdblite_text_printf(text, "(%lld.0", (sqlite3_int64) ldexp(mantissa, 53));
	for (; power > 0; power -= power < 52 ? power : 52)
		zdblite_text_printf(text, "%s%lld.0", operator,
							1LL <<(power < 52 ? power : 52));
	zdblite_text_puts(text, ")");
}

static void
put_real(zdblite_values *values, double value, zdblite_text *text)
{
	char literal[40];

	if (isinf(value))
	{
		zdblite_text_puts(text, value > 0 ? "9e999" : "-9e999");
		return;
	}
	for (int digits = 15; digits <= 17; digits++)
	{
		snprintf(literal, sizeof literal, "%.*g", digits, value);
		if (!strpbrk(literal, ".e"))
			strcat(literal, ".0");
		if (reads_back(values, literal, value))
		{
			zdblite_text_puts(text, literal);
			return;
		}
	}
	put_scaled(value, text);
}

static void
put_quoted(const char *bytes, size_t len, zdblite_text *text)
{
	zdblite_text_puts(text, "'");
	while (len > 0)
	{
		const char *quote = memchr(bytes, '\'', len);
		size_t part = quote ? (size_t) (quote - bytes) + 1 : len;

		zdblite_text_put(text, bytes, part);
		if (quote)
			zdblite_text_puts(text, "'");
		bytes += part;
		len -= part;
	}
	zdblite_text_puts(text, "'");
}

static void
put_cast(const void *bytes, size_t len, zdblite_text *text)
{
	zdblite_text_puts(text, "CAST(");
	zdblite_text_hex(text, bytes, len);
	zdblite_text_puts(text, " AS TEXT)");
}

static bool
is_plain(const char *bytes, size_t len)
{
	return !memchr(bytes, '\0', len) && !memchr(bytes, '\r', len) &&
		   zdb_utf8_valid(bytes, len);
}

/* UTF-16 in the machine's order: are all surrogates in pairs? */
static bool
is_paired(const uint16_t *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		bool high = units[i] >= 0xD800 && units[i] <= 0xDBFF;
		bool low = units[i] >= 0xDC00 && units[i] <= 0xDFFF;

		if (low || (high && (i + 1 == count || units[i + 1] < 0xDC00 ||
							 units[i + 1] > 0xDFFF)))
			return false;
		i += high;
	}
	return true;
}

/* The bytes as the database holds them: CAST reads them that way. */
static void
put_cast_utf16(const uint16_t *units, size_t count, bool big_endian,
			   zdblite_text *text)
{
	uint8_t *bytes = zdb_malloc(2 * count + 1);

	if (!bytes)
	{
		zdb_err_nomem(text->err);
		return;
	}
	for (size_t i = 0; i < count; i++)
	{
		bytes[2 * i + big_endian] = (uint8_t) units[i];
		bytes[2 * i + !big_endian] = (uint8_t) (units[i] >> 8);
	}
	put_cast(bytes, 2 * count, text);
	zdb_free(bytes);
}

static void
put_text(zdblite_values *values, sqlite3_stmt *row, int i, zdblite_text *text)
{
	const char *bytes;
	size_t len;

	if (values->encoding != ZDBLITE_UTF8)
	{
		const uint16_t *units = sqlite3_column_text16(row, i);
		size_t count = (size_t) sqlite3_column_bytes16(row, i) / 2;
		bool plain = units && is_paired(units, count);

		for (size_t at = 0; plain && at < count; at++)
			plain = units[at] != 0 && units[at] != '\r';
		if (units && !plain)
		{
			put_cast_utf16(units, count, values->encoding == ZDBLITE_UTF16BE,
						   text);
			return;
		}
	}
	bytes = (const char *) sqlite3_column_text(row, i);
	len = (size_t) sqlite3_column_bytes(row, i);
	if (!bytes)
		zdb_err_nomem(text->err);
	else if (values->encoding == ZDBLITE_UTF8 && !is_plain(bytes, len))
		put_cast(bytes, len, text);
	else
		put_quoted(bytes, len, text);
}

void
zdblite_values_put(zdblite_values *values, sqlite3_stmt *row, int i,
				   zdblite_text *text)
{
	const void *blob;

	switch (sqlite3_column_type(row, i))
	{
		case SQLITE_INTEGER:
			zdblite_text_printf(text, "%lld", sqlite3_column_int64(row, i));
			break;
		case SQLITE_FLOAT:
			put_real(values, sqlite3_column_double(row, i), text);
			break;
		case SQLITE_TEXT:
			put_text(values, row, i, text);
			break;
		case SQLITE_BLOB:
			blob = sqlite3_column_blob(row, i);
			if (!blob && sqlite3_column_bytes(row, i) > 0)
				zdb_err_nomem(text->err);
			else
				zdblite_text_hex(text, blob,
								 (size_t) sqlite3_column_bytes(row, i));
			break;
		default:
			zdblite_text_puts(text, "NULL");
			break;
	}
}
