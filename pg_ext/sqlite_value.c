/*
 * sqlite_value - a value of SQLite as a PostgreSQL type reads it
 */
#include "pg_ext/sqlite_value.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "pg_ext/json.h"
#include "pg_ext/zdbpg.h"

/* Smaller integers are seconds: 10^11 of them are the year 5138. */
#define MILLISECONDS_FROM INT64CONST(100000000000)

#define UUID_BYTES 16

/* What SQLite's own functions take for days. */
#define JULIAN_FIRST 1721059.5
#define JULIAN_LAST 5373484.5
#define JULIAN_1970 2440587.5

/* From 1970 to 2000, in microseconds. */
#define EPOCH_GAP                   \
	(SECS_PER_DAY * USECS_PER_SEC * \
	 (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE))

static void
pg_attribute_noreturn() refuse(const char *what, Oid type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("%s does not fit type %s", what, format_type_be(type)),
			 errhint("Change it in SQLite, or the type of the column "
					 "here.")));
}

static bool
is_time(Oid type)
{
	return type == TIMESTAMPOID || type == TIMESTAMPTZOID || type == DATEOID;
}

/* A moment as text; dates have none of the day. */
static char *
moment(TimestampTz at, Oid type)
{
	struct pg_tm tm;
	fsec_t fsec;

	if (TIMESTAMP_NOT_FINITE(at))
		return pstrdup(at < 0 ? "-infinity" : "infinity");
	if (type == DATEOID)
	{
		if (timestamp2tm(at, NULL, &tm, &fsec, NULL, NULL) != 0 ||
			tm.tm_hour || tm.tm_min || tm.tm_sec || fsec)
			refuse("a time of day", type);
		return DatumGetCString(DirectFunctionCall1(
			date_out,
			DirectFunctionCall1(timestamp_date, TimestampGetDatum(at))));
	}
	/* sessions are in UTC here: both types read the same text */
	return DatumGetCString(
		DirectFunctionCall1(timestamp_out, TimestampGetDatum(at)));
}

/* Microseconds since 1970. */
static char *
moment_of(double microseconds, Oid type)
{
	if (!(fabs(microseconds) < 8e18) ||
		!IS_VALID_TIMESTAMP((int64) microseconds - EPOCH_GAP))
		refuse("a number outside the range of times", type);
	return moment((int64) microseconds - EPOCH_GAP, type);
}

static char *
integer_time(int64 value, Oid type)
{
	int64 unit = value >= MILLISECONDS_FROM || value <= -MILLISECONDS_FROM
					 ? 1000
					 : USECS_PER_SEC;
	int64 microseconds;

	if (__builtin_mul_overflow(value, unit, &microseconds) ||
		__builtin_sub_overflow(microseconds, EPOCH_GAP, &microseconds) ||
		!IS_VALID_TIMESTAMP(microseconds))
		refuse("a number outside the range of times", type);
	return moment(microseconds, type);
}

static char *
real_time(double value, Oid type)
{
	if (value >= JULIAN_FIRST && value <= JULIAN_LAST)
		return moment_of(
			rint((value - JULIAN_1970) * SECS_PER_DAY * 1e3) * 1e3, type);
	return moment_of(
		rint(value * (fabs(value) >= MILLISECONDS_FROM ? 1e3 : 1e6)), type);
}

static char *
integer_text(int64 value, Oid type)
{
	if (type == BOOLOID)
	{
		if (value != 0 && value != 1)
			refuse("a number other than 0 and 1", type);
		return pstrdup(value ? "t" : "f");
	}
	if (is_time(type))
		return integer_time(value, type);
	if (type == BYTEAOID)
		refuse("a number", type);
	return psprintf(INT64_FORMAT, value);
}

static char *
real_text(double value, Oid type)
{
	char *text;

	if (is_time(type))
		return real_time(value, type);
	if (type == BOOLOID || type == BYTEAOID)
		refuse("a number", type);
	if (isinf(value))
		return pstrdup(value < 0 ? "-Infinity" : "Infinity");
	if ((type == INT2OID || type == INT4OID || type == INT8OID) &&
		rint(value) == value && fabs(value) < 9e18)
		return psprintf(INT64_FORMAT, (int64) value);
	text = palloc(DOUBLE_SHORTEST_DECIMAL_LEN);
	double_to_shortest_decimal_buf(value, text);
	return text;
}

/* Bytes that are to be text, in the server's encoding. */
static char *
checked_text(const char *bytes, int len, Oid type)
{
	if (memchr(bytes, 0, (size_t) len))
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("the text has a zero byte, which PostgreSQL cannot "
						"hold (byte %d of %d)",
						(int) ((const char *) memchr(bytes, 0, (size_t) len) -
							   bytes),
						len),
				 errhint("Change it in SQLite, or make the column bytea.")));
	pg_verify_mbstr(PG_UTF8, bytes, len, false);
	return zdbpg_from_utf8(pnstrdup(bytes, (Size) len));
}

static char *
hex_text(const char *bytes, int len)
{
	char *text;

	if (len > (int) (MaxAllocSize / 2) - 4)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a value of %d bytes is too long", len)));
	text = palloc(2 * (Size) len + 3);
	text[0] = '\\';
	text[1] = 'x';
	text[2 + hex_encode(bytes, (size_t) len, text + 2)] = '\0';
	return text;
}

/* ["a", null, 1] as {"a",NULL,1}; nested arrays likewise. */
static void
append_array(StringInfo into, json_t *array, Oid type)
{
	json_t *item;
	size_t i;

	appendStringInfoChar(into, '{');
	json_array_foreach (array, i, item)
	{
		char *number = NULL;

		if (i > 0)
			appendStringInfoChar(into, ',');
		if (json_is_array(item))
			append_array(into, item, type);
		else if (json_is_null(item))
			appendStringInfoString(into, "NULL");
		else if (json_is_string(item))
		{
			const char *at = zdbpg_from_utf8(json_string_value(item));

			appendStringInfoChar(into, '"');
			for (; *at; at++)
			{
				if (*at == '"' || *at == '\\')
					appendStringInfoChar(into, '\\');
				appendStringInfoChar(into, *at);
			}
			appendStringInfoChar(into, '"');
		}
		else if (json_is_object(item))
			refuse("an object in an array", type);
		else if (json_is_real(item) && type != FLOAT8ARRAYOID)
			refuse("a fraction, unless it is written as a string,", type);
		else
		{
			number = json_dumps(item, JSON_ENCODE_ANY);
			appendStringInfoString(into, number ? number : "");
			free(number);
		}
	}
	appendStringInfoChar(into, '}');
}

static char *
array_text(char *text, Oid type)
{
	json_t **array;
	StringInfoData literal;
	json_error_t error;

	if (text[strspn(text, " \t\r\n")] != '[')
		return text;
	array = palloc0(sizeof *array);
	zdbpg_own((void **) array, (zdbpg_release) json_decref);
	*array = json_loads(zdbpg_to_utf8(text), 0, &error);
	if (!json_is_array(*array))
		refuse("a text that is no JSON array", type);
	initStringInfo(&literal);
	append_array(&literal, *array, type);
	return literal.data;
}

static char *
text_text(const char *bytes, int len, Oid type)
{
	char *text;

	if (type == BYTEAOID)
		return hex_text(bytes, len);
	text = checked_text(bytes, len, type);
	if (is_time(type))
		return moment(DatumGetTimestampTz(DirectFunctionCall3(
						  timestamptz_in, CStringGetDatum(text),
						  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1))),
					  type);
	if (OidIsValid(get_element_type(type)))
		return array_text(text, type);
	return text;
}

char *
zdbpg_sqlite_text(sqlite3_stmt *stmt, int column, Oid type)
{
	const char *bytes;
	int len;

	switch (sqlite3_column_type(stmt, column))
	{
		case SQLITE_NULL:
			return NULL;
		case SQLITE_INTEGER:
			return integer_text(sqlite3_column_int64(stmt, column), type);
		case SQLITE_FLOAT:
			return real_text(sqlite3_column_double(stmt, column), type);
		case SQLITE_BLOB:
			bytes = sqlite3_column_blob(stmt, column);
			len = sqlite3_column_bytes(stmt, column);
			if (!bytes)
				bytes = "";
			if (type == BYTEAOID || (type == UUIDOID && len == UUID_BYTES))
				return hex_text(bytes, len) + (type == UUIDOID ? 2 : 0);
			return text_text(bytes, len, type);
		default:
			bytes = (const char *) sqlite3_column_text(stmt, column);
			if (!bytes)
				ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY),
								errmsg("out of memory")));
			return text_text(bytes, sqlite3_column_bytes(stmt, column), type);
	}
}
