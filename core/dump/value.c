/*
 * value - a value of PostgreSQL as a column of SQLite takes it
 */
#include "core/dump/value.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "core/dump/array.h"
#include "core/dump/decimal.h"

#define UUID_BYTES 16
#define SHOWN_BYTES 40 /* of a value, in messages */

/* One conversion. */
typedef struct converting
{
	const zdb_target *target;
	char *text;
	size_t len;
	zdb_cell *cell;
	zdb_err *err;
} converting;

/* "<value> <why>" */
static zdb_rc
refuse(converting *self, const char *why)
{
	size_t len = self->len;

	if (len > SHOWN_BYTES)
		for (len = SHOWN_BYTES; len > 0 && (self->text[len] & 0xC0) == 0x80;)
			len--;
	return zdb_err_set(self->err, ZDB_MISMATCH, "\"%.*s\"%s %s", (int) len,
					   self->text, len < self->len ? "..." : "", why);
}

static bool
is_number_only(const zdb_target *target)
{
	return target->affinity == ZDB_AFFINITY_INTEGER ||
		   target->affinity == ZDB_AFFINITY_REAL;
}

static zdb_rc
put_integer(converting *self, int64_t value)
{
	zdb_cell *cell = self->cell;

	if (self->target->affinity == ZDB_AFFINITY_REAL)
	{
		cell->kind = ZDB_CELL_REAL;
		cell->real = (double) value;
		if (cell->real >= 0x1p63 || (int64_t) cell->real != value)
			return refuse(self, "loses digits in a REAL column");
		return ZDB_OK;
	}
	cell->kind = ZDB_CELL_INTEGER;
	cell->integer = value;
	return ZDB_OK;
}

/* Whole numbers become integers in such columns, whoever asks. */
static zdb_rc
put_real(converting *self, double value)
{
	zdb_affinity affinity = self->target->affinity;
	zdb_cell *cell = self->cell;

	cell->kind = ZDB_CELL_REAL;
	cell->real = value;
	if ((affinity == ZDB_AFFINITY_INTEGER ||
		 affinity == ZDB_AFFINITY_NUMERIC) &&
		rint(value) == value && fabs(value) < 0x1p53)
		return put_integer(self, (int64_t) value);
	return ZDB_OK;
}

static zdb_rc
put_plain_text(converting *self)
{
	self->cell->kind = ZDB_CELL_TEXT;
	self->cell->bytes = self->text;
	self->cell->len = self->len;
	return ZDB_OK;
}

/* Text that looks like a number becomes one in a column of numbers: fine, if
 * it comes back as the same text. */
static zdb_rc
put_text(converting *self)
{
	zdb_affinity affinity = self->target->affinity;
	zdb_decimal decimal;
	int64_t integer;
	double real;

	if (affinity == ZDB_AFFINITY_TEXT || affinity == ZDB_AFFINITY_NONE)
		return put_plain_text(self);
	if (!zdb_decimal_parse(self->text, self->len, &decimal))
		return is_number_only(self->target)
				   ? refuse(self, "is no number, but the column is of numbers")
				   : put_plain_text(self);
	if (decimal.canonical && zdb_decimal_integer(&decimal, &integer))
		return put_integer(self, integer);
	if (decimal.canonical && zdb_decimal_real(&decimal, &real))
		return put_real(self, real);
	return refuse(self, "is a text that SQLite would make another number of "
						"in this column");
}

static zdb_rc
put_boolean(converting *self)
{
	bool value = *self->text == 't';

	if (self->len != 1 || (!value && *self->text != 'f'))
		return refuse(self, "is no boolean");
	if (self->target->affinity != ZDB_AFFINITY_TEXT)
		return put_integer(self, value);
	self->text = (char *) (value ? "true" : "false");
	self->len = value ? 4 : 5;
	return put_plain_text(self);
}

static zdb_rc
put_whole(converting *self)
{
	zdb_decimal decimal;
	int64_t value;

	if (!zdb_decimal_parse(self->text, self->len, &decimal) ||
		!zdb_decimal_integer(&decimal, &value))
		return refuse(self, "is no integer of 64 bits");
	return self->target->affinity == ZDB_AFFINITY_TEXT
			   ? put_plain_text(self)
			   : put_integer(self, value);
}

static zdb_rc
put_numeric(converting *self)
{
	zdb_affinity affinity = self->target->affinity;
	zdb_decimal decimal;
	int64_t integer;
	double real;

	if (affinity == ZDB_AFFINITY_TEXT)
		return put_plain_text(self);
	if (!zdb_decimal_parse(self->text, self->len, &decimal))
		return refuse(self, "is no number that SQLite has");
	if (affinity != ZDB_AFFINITY_REAL &&
		zdb_decimal_integer(&decimal, &integer))
		return put_integer(self, integer);
	if (zdb_decimal_real(&decimal, &real))
		return put_real(self, real);
	if (affinity == ZDB_AFFINITY_NONE)
		return put_plain_text(self);
	return refuse(self, "loses digits in this column; a TEXT column keeps "
						"them");
}

static zdb_rc
put_float(converting *self)
{
	zdb_decimal decimal;
	double value;

	if (self->target->affinity == ZDB_AFFINITY_TEXT)
		return put_plain_text(self);
	if (strncasecmp(self->text, "infinity", self->len) == 0 && self->len == 8)
		return put_real(self, INFINITY);
	if (strncasecmp(self->text, "-infinity", self->len) == 0 && self->len == 9)
		return put_real(self, -INFINITY);
	if (!zdb_decimal_parse(self->text, self->len, &decimal) ||
		!zdb_decimal_nearest(&decimal, &value))
		return refuse(self, "is no number that SQLite has");
	return put_real(self, value);
}

/* Two hexadecimal digits, or -1. */
static int
hex_byte(const char *at)
{
	int value = 0;

	for (int i = 0; i < 2; i++)
	{
		int c = tolower((unsigned char) at[i]);

		if (!isxdigit(c))
			return -1;
		value = value * 16 + (isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	return value;
}

static bool
is_octal(const char *at)
{
	return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' &&
		   at[2] >= '0' && at[2] <= '7';
}

/* bytea_output = 'escape', in place. */
static bool
take_escaped_bytes(converting *self)
{
	const char *end = self->text + self->len;
	char *to = self->text;

	for (const char *at = self->text; at < end; at++)
		if (*at != '\\')
			*to++ = *at;
		else if (end - at >= 2 && at[1] == '\\')
			*to++ = *at++;
		else if (end - at >= 4 && is_octal(at + 1))
		{
			*to++ =
				(char) ((at[1] - '0') * 64 + (at[2] - '0') * 8 + at[3] - '0');
			at += 3;
		}
		else
			return false;
	self->len = (size_t) (to - self->text);
	return true;
}

/* Digits from at on, in place. */
static bool
take_hex_bytes(converting *self, const char *at, bool dashes)
{
	const char *end = self->text + self->len;
	char *to = self->text;

	while (at < end)
	{
		int value;

		if (dashes && *at == '-')
		{
			at++;
			continue;
		}
		value = end - at >= 2 ? hex_byte(at) : -1;
		if (value < 0)
			return false;
		*to++ = (char) value;
		at += 2;
	}
	self->len = (size_t) (to - self->text);
	return true;
}

static zdb_rc
put_blob(converting *self)
{
	self->cell->kind = ZDB_CELL_BLOB;
	self->cell->bytes = self->text;
	self->cell->len = self->len;
	return ZDB_OK;
}

static zdb_rc
put_bytea(converting *self)
{
	if (is_number_only(self->target))
		return zdb_err_set(self->err, ZDB_MISMATCH,
						   "bytes do not fit a column of numbers");
	if (self->len >= 2 && memcmp(self->text, "\\x", 2) == 0
			? take_hex_bytes(self, self->text + 2, false)
			: take_escaped_bytes(self))
		return put_blob(self);
	return zdb_err_set(self->err, ZDB_MISMATCH, "it is no bytea");
}

static zdb_rc
put_uuid(converting *self)
{
	if (!self->target->blob)
		return put_text(self);
	if (take_hex_bytes(self, self->text, true) && self->len == UUID_BYTES)
		return put_blob(self);
	return zdb_err_set(self->err, ZDB_MISMATCH, "it is no uuid");
}

static zdb_rc
put_moment(converting *self, zdb_buf *buffer)
{
	const zdb_time_style *style = &self->target->time;
	zdb_moment moment;

	if (zdb_moment_parse(self->text, self->len, &moment, self->err))
		return self->err->code;
	switch (style->unit)
	{
		case ZDB_TIME_SECONDS:
			if (self->target->affinity == ZDB_AFFINITY_REAL)
				return put_real(self, (double) moment.us / 1e6);
			/* FALLTHROUGH */
		case ZDB_TIME_MILLISECONDS:
			return put_integer(self, zdb_moment_count(&moment, style->unit,
													  &self->cell->cut));
		case ZDB_TIME_JULIAN:
			return put_real(self,
							zdb_moment_julian(&moment, &self->cell->cut));
		case ZDB_TIME_TEXT:
			break;
	}
	if (zdb_buf_reserve(buffer, ZDB_MOMENT_BYTES, self->err))
		return self->err->code;
	self->text = (char *) buffer->data;
	self->len = zdb_moment_text(&moment, style, self->text);
	return put_text(self);
}

static zdb_rc
put_array(converting *self, zdb_pg_kind kind, zdb_buf *buffer)
{
	if (zdb_array_json(self->text, self->len, kind, buffer, self->err))
		return self->err->code;
	self->text = (char *) buffer->data;
	self->len = buffer->len;
	return put_text(self);
}

static zdb_rc
put(converting *self, const zdb_pg_type *type, zdb_buf *buffer)
{
	if (type->array)
		return put_array(self, type->kind, buffer);
	switch (type->kind)
	{
		case ZDB_PG_BOOLEAN:
			return put_boolean(self);
		case ZDB_PG_INTEGER:
			return put_whole(self);
		case ZDB_PG_NUMERIC:
			return put_numeric(self);
		case ZDB_PG_FLOAT:
			return put_float(self);
		case ZDB_PG_BYTEA:
			return put_bytea(self);
		case ZDB_PG_UUID:
			return put_uuid(self);
		case ZDB_PG_DATE:
		case ZDB_PG_TIMESTAMP:
			return put_moment(self, buffer);
		case ZDB_PG_JSONB:
			self->len = zdb_json_minify(self->text, self->len);
			return put_text(self);
		case ZDB_PG_TEXT:
			break;
	}
	return put_text(self);
}

/* What a STRICT table, or a rowid, allows. */
static zdb_rc
check_only(converting *self)
{
	static const char *const names[] = {"NULL", "integers", "real numbers",
										"texts", "blobs"};
	zdb_cell_kind only = self->target->only;

	if (only == ZDB_CELL_NULL || self->cell->kind == only ||
		self->cell->kind == ZDB_CELL_NULL)
		return ZDB_OK;
	return zdb_err_set(self->err, ZDB_MISMATCH,
					   "the column takes %s only, and this is one of %s",
					   names[only], names[self->cell->kind]);
}

zdb_rc
zdb_value_convert(const zdb_pg_type *type, const zdb_target *target,
				  zdb_copy_field *field, zdb_buf *buffer, zdb_cell *cell,
				  zdb_err *err)
{
	converting self = {target, field->bytes, field->len, cell, err};

	*cell = (zdb_cell){0};
	buffer->len = 0;
	if (field->null)
		return ZDB_OK;
	if (memchr(field->bytes, 0, field->len))
		return zdb_err_set(err, ZDB_MISMATCH,
						   "it has a zero byte, which no text of PostgreSQL "
						   "has");
	if (!zdb_utf8_valid(field->bytes, field->len))
		return zdb_err_set(err, ZDB_MISMATCH, "it is not valid UTF-8");
	if (put(&self, type, buffer))
		return err->code;
	return check_only(&self);
}

static bool
contains(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; *text; text++)
		if (strncasecmp(text, word, len) == 0)
			return true;
	return false;
}

/* https://www.sqlite.org/datatype3.html, 3.1 */
zdb_affinity
zdb_affinity_of(const char *declared)
{
	if (!declared || !*declared)
		return ZDB_AFFINITY_NONE;
	if (contains(declared, "INT"))
		return ZDB_AFFINITY_INTEGER;
	if (contains(declared, "CHAR") || contains(declared, "CLOB") ||
		contains(declared, "TEXT"))
		return ZDB_AFFINITY_TEXT;
	if (contains(declared, "BLOB"))
		return ZDB_AFFINITY_NONE;
	if (contains(declared, "REAL") || contains(declared, "FLOA") ||
		contains(declared, "DOUB"))
		return ZDB_AFFINITY_REAL;
	return ZDB_AFFINITY_NUMERIC;
}
