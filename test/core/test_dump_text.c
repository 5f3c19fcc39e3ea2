/*
 * test_dump_text - rows, numbers, times and arrays in PostgreSQL's text
 */
#include <stdio.h>
#include <string.h>

#include "core/dump/array.h"
#include "core/dump/copy.h"
#include "core/dump/decimal.h"
#include "core/dump/moment.h"
#include "test/core/test.h"

/* A row, and its values in brackets; NULL as (null). */
static const struct
{
	const char *line;
	const char *fields;
} rows[] = {
	{"a\tb", "[a][b]"},
	{"", "[]"},
	{"\t", "[][]"},
	{"\\N", "(null)"},
	{"\\N\t\\N\t\\Nx\tx\\N", "(null)(null)[Nx][xN]"},
	{"a\\tb\\nc\\\\d", "[a\tb\nc\\d]"},
	{"\\b\\f\\r\\v", "[\b\f\r\v]"},
	{"\\101\\60x\\7\\18", "[A0x\a\1"
						  "8]"},
	{"\\x41\\x4a4\\xg\\x", "[AJ4xgx]"},
	{"\\q\\.\\\"", "[q.\"]"},
	{"a\\\tb", "[a\tb]"},
	{"a\\\nb\tc", "[a\nb][c]"},
	{"a\\", "[a\\]"},
	{"\\\\N\t\\\\.", "[\\N][\\.]"},
	{"\xe6\xb5\x8b\\344\\270\\200", "[\xe6\xb5\x8b\xe4\xb8\x80]"},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
	{
		zdb_copy_field fields[8];
		char line[100], out[200] = "";
		size_t count;

		strcpy(line, rows[i].line);
		count = zdb_copy_split(line, strlen(line), fields, 8);
		for (size_t f = 0; f < count; f++)
			if (fields[f].null)
				strcat(out, "(null)");
			else
				sprintf(out + strlen(out), "[%.*s]", (int) fields[f].len,
						fields[f].bytes);
		test_ok(strcmp(out, rows[i].fields) == 0, "row %zu", i);
	}
	test_ok(zdb_copy_split((char[]){"a\tb\tc"}, 5, NULL, 0) == 3,
			"more values than there is room for are counted");
	test_ok(!zdb_copy_continues("a\\\\", 3) && zdb_copy_continues("\\", 1) &&
				!zdb_copy_continues("", 0),
			"a line goes on behind an odd number of backslashes");
}

/* A number's text; what it is exactly: an integer, a double, or text. */
static const struct
{
	const char *text;
	const char *is;
	bool canonical;
} numbers[] = {
	{"0", "i0", true},
	{"-0", "i0", false},
	{"007", "i7", false},
	{" 7 ", "i7", false},
	{"+7", "i7", false},
	{"120", "i120", true},
	{"1.20", "d1.2", false},
	{"1.5", "d1.5", true},
	{".5", "d0.5", false},
	{"5.", "i5", false},
	{"5.000", "i5", false},
	{"12e3", "i12000", false},
	{"1e-2", "d0.01", false},
	{"9223372036854775807", "i9223372036854775807", true},
	{"-9223372036854775808", "i-9223372036854775808", true},
	{"9223372036854775808", "text", true},
	{"9223372036854775808000", "text", true},
	{"9007199254740993.5", "text", true},
	{"3.820000000000000000000000000000", "d3.82", false},
	{"0.1", "d0.1", true},
	{"0.30000000000000004", "d0.30000000000000004", true},
	{"0.30000000000000005", "text", true},
	{"0.1000000000000000055511151231257827", "text", true},
	{"12345678901234567890.123456789", "text", true},
	{"1e300", "d1e+300", false},
	{"1e400", "text", false},
	{"1e-400", "text", false},
	{"1e99999999999999999999", "text", false},
	{"", NULL, false},
	{"-", NULL, false},
	{".", NULL, false},
	{"1e", NULL, false},
	{"1x", NULL, false},
	{"NaN", NULL, false},
	{"0x10", NULL, false},
	{"1 2", NULL, false},
};

static void
test_numbers(void)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
	{
		const char *text = numbers[i].text;
		char is[60] = "text";
		zdb_decimal decimal;
		int64_t integer;
		double real;

		if (!zdb_decimal_parse(text, strlen(text), &decimal))
		{
			test_ok(!numbers[i].is, "\"%s\" is no number", text);
			continue;
		}
		if (zdb_decimal_integer(&decimal, &integer))
			sprintf(is, "i%lld", (long long) integer);
		else if (zdb_decimal_real(&decimal, &real))
			sprintf(is, "d%.17g", real);
		if (*is == 'd' && strlen(numbers[i].is) < 17)
			sprintf(is, "d%.15g", real);
		test_ok(numbers[i].is && strcmp(is, numbers[i].is) == 0 &&
					decimal.canonical == numbers[i].canonical,
				"\"%s\" is %s", text, is);
	}
}

/* A moment; as text in the style of another one, as milliseconds. */
static const struct
{
	const char *text;
	const char *like;
	const char *out;
	long long ms;
} moments[] = {
	{"2025-09-01 04:13:20", "2001-01-01 00:00:00", "2025-09-01 04:13:20",
	 1756700000000},
	{"2025-09-01 04:13:20.5", "2001-01-01 00:00:00", "2025-09-01 04:13:20.500",
	 1756700000500},
	{"2025-09-01 04:13:20.000001", "2001-01-01 00:00:00",
	 "2025-09-01 04:13:20.000001", 1756700000000},
	{"2025-09-01 06:13:20.5+02", "2001-01-01 00:00:00",
	 "2025-09-01 04:13:20.500", 1756700000500},
	{"2025-08-31 22:43:20-05:30", "2001-01-01 00:00:00", "2025-09-01 04:13:20",
	 1756700000000},
	{"2025-09-01 04:13:20+00:00:01", "2001-01-01 00:00:00",
	 "2025-09-01 04:13:19", 1756699999000},
	{"2025-09-01 04:13:20", "2001-01-01T00:00:00.000Z",
	 "2025-09-01T04:13:20.000Z", 1756700000000},
	{"2025-09-01 04:13:20.5", "2001-01-01T00:00:00.000+00:00",
	 "2025-09-01T04:13:20.500+00:00", 1756700000500},
	{"2025-09-01 04:13:20.123456", "2001-01-01T00:00:00.000Z",
	 "2025-09-01T04:13:20.123456Z", 1756700000123},
	{"2025-09-01", "2001-01-01", "2025-09-01", 1756684800000},
	{"2025-09-01", "2001-01-01T00:00:00Z", "2025-09-01T00:00:00Z",
	 1756684800000},
	{"1969-12-31 23:59:59.9999", "2001-01-01", "1969-12-31 23:59:59.999900",
	 -1},
	{"0001-01-01 00:00:00", "2001-01-01", "0001-01-01 00:00:00",
	 -62135596800000},
	{"9999-12-31 23:59:59", "2001-01-01", "9999-12-31 23:59:59",
	 253402300799000},
	{"2024-02-29 24:00:00", "2001-01-01", "2024-03-01 00:00:00",
	 1709251200000},
	{"2000-02-29", "2001-01-01", "2000-02-29", 951782400000},
	{"1900-02-29", NULL, "no date", 0},
	{"2025-02-30", NULL, "no date", 0},
	{"2025-13-01", NULL, "no date", 0},
	{"01/02/2025", NULL, "no date", 0},
	{"2025-09-01 04:13:20 CET", NULL, "no date", 0},
	{"2025-09-01 ", NULL, "no date", 0},
	{"", NULL, "no date", 0},
	{"infinity", NULL, "years 1 to 9999", 0},
	{"-infinity", NULL, "years 1 to 9999", 0},
	{"0044-03-15 BC", NULL, "years 1 to 9999", 0},
	{"10000-01-01", NULL, "years 1 to 9999", 0},
};

static void
test_moments(void)
{
	zdb_moment moment, like;
	zdb_err err = {0};
	bool cut;

	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
	{
		char out[ZDB_MOMENT_BYTES];

		zdb_err_clear(&err);
		zdb_moment_parse(moments[i].text, strlen(moments[i].text), &moment,
						 &err);
		if (!moments[i].like)
		{
			test_err(&err, ZDB_MISMATCH, moments[i].out);
			continue;
		}
		zdb_moment_parse(moments[i].like, strlen(moments[i].like), &like,
						 &err);
		zdb_moment_text(&moment, &like.style, out);
		test_ok(!err.code && strcmp(out, moments[i].out) == 0 &&
					zdb_moment_count(&moment, ZDB_TIME_MILLISECONDS, &cut) ==
						moments[i].ms,
				"%s is %s", moments[i].text, out);
	}
	zdb_err_clear(&err);
	zdb_moment_parse("2025-09-01 00:00:00", 19, &moment, &err);
	test_ok(zdb_moment_julian(&moment, &cut) == 2460919.5 && !cut,
			"Julian days");
	zdb_moment_parse("1969-12-31 23:59:59.5", 21, &moment, &err);
	test_ok(zdb_moment_count(&moment, ZDB_TIME_SECONDS, &cut) == -1 && cut,
			"fractions are cut downwards, which is told");
	test_ok(zdb_time_unit_of(1756700000) == ZDB_TIME_SECONDS &&
				zdb_time_unit_of(-1756700000000) == ZDB_TIME_MILLISECONDS,
			"large integers are milliseconds");
}

static const struct
{
	const char *array;
	zdb_pg_kind kind;
	const char *json; /* or an error */
} arrays[] = {
	{"{}", ZDB_PG_TEXT, "[]"},
	{"{a,b}", ZDB_PG_TEXT, "[\"a\",\"b\"]"},
	{"{\"a,b\",\"q\\\"\\\\\",NULL,\"NULL\",null,\"\"}", ZDB_PG_TEXT,
	 "[\"a,b\",\"q\\\"\\\\\",null,\"NULL\",null,\"\"]"},
	{"{\"a\nb\x01\"}", ZDB_PG_TEXT, "[\"a\\nb\\u0001\"]"},
	{"{a b,\xe6\xb5\x8b}", ZDB_PG_TEXT, "[\"a b\",\"\xe6\xb5\x8b\"]"},
	{"{1,-2,9223372036854775807}", ZDB_PG_INTEGER,
	 "[1,-2,9223372036854775807]"},
	{"{{1,2},{3,4}}", ZDB_PG_INTEGER, "[[1,2],[3,4]]"},
	{"{{},{}}", ZDB_PG_INTEGER, "[[],[]]"},
	{"{1,2.50,12345678901234567890,NaN}", ZDB_PG_NUMERIC,
	 "[1,\"2.50\",\"12345678901234567890\",\"NaN\"]"},
	{"{0.1,1e+20,Infinity}", ZDB_PG_FLOAT, "[0.1,1e+20,\"Infinity\"]"},
	{"{t,f,NULL}", ZDB_PG_BOOLEAN, "[true,false,null]"},
	{"{1,2}", ZDB_PG_TEXT, "[\"1\",\"2\"]"},
	{"[0:1]={1,2}", ZDB_PG_INTEGER, "!bounds"},
	{"", ZDB_PG_TEXT, "!no array"},
	{"a", ZDB_PG_TEXT, "!no array"},
	{"{", ZDB_PG_TEXT, "!well formed"},
	{"{a", ZDB_PG_TEXT, "!inside an element"},
	{"{\"a}", ZDB_PG_TEXT, "!inside an element"},
	{"{a\\", ZDB_PG_TEXT, "!inside an element"},
	{"{a,}", ZDB_PG_TEXT, "!empty element"},
	{"{a}}", ZDB_PG_TEXT, "!well formed"},
	{"{a}{b}", ZDB_PG_TEXT, "!well formed"},
	{"{\"a\"b}", ZDB_PG_TEXT, "!well formed"},
	{"{{{{{{{{{{{{{{{{{{{{1}}}}}}}}}}}}}}}}}}}}", ZDB_PG_TEXT, "!well formed"},
};

static zdb_rc
array_json(void *arg, zdb_err *err)
{
	zdb_buf json = {0};

	zdb_array_json(arg, strlen(arg), ZDB_PG_TEXT, &json, err);
	zdb_buf_clear(&json);
	return err->code;
}

static void
test_arrays(void)
{
	char text[] = " { \"a b\" : [ 1 , \"\\\" \" ] }\n";
	const char *minified = "{\"a b\":[1,\"\\\" \"]}";
	size_t len = zdb_json_minify(text, strlen(text));

	for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
	{
		const char *array = arrays[i].array;
		zdb_buf json = {0};
		zdb_err err = {0};

		if (zdb_array_json(array, strlen(array), arrays[i].kind, &json, &err))
			test_err(&err, ZDB_MISMATCH, arrays[i].json + 1);
		else
			test_ok(json.len == strlen(arrays[i].json) &&
						memcmp(json.data, arrays[i].json, json.len) == 0,
					"array %zu", i);
		zdb_buf_clear(&json);
	}
	test_break_each("an array", array_json, (void *) "{{a,\"b\n\"},{c,d}}");
	test_ok(len == strlen(minified) && memcmp(text, minified, len) == 0,
			"JSON without its spaces: %.*s", (int) len, text);
}

int
main(void)
{
	test_rows();
	test_numbers();
	test_moments();
	test_arrays();
	return test_done();
}
