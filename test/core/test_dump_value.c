/*
 * test_dump_value - values of PostgreSQL become values of SQLite, losing
 * nothing
 */
#include <stdio.h>
#include <string.h>

#include "core/dump/value.h"
#include "test/core/test.h"

#define MS                            \
	{                                 \
		.unit = ZDB_TIME_MILLISECONDS \
	}

/* A value for a column: what is bound, or why not. */
static const struct
{
	zdb_pg_type type;
	zdb_target target;
	const char *text;
	const char *is; /* i5, d1.5, t..., b<hex>, ! and a part of the error */
} values[] = {
	{{.kind = ZDB_PG_BOOLEAN}, {.affinity = ZDB_AFFINITY_NUMERIC}, "t", "i1"},
	{{.kind = ZDB_PG_BOOLEAN}, {.affinity = ZDB_AFFINITY_REAL}, "f", "d0"},
	{{.kind = ZDB_PG_BOOLEAN}, {.affinity = ZDB_AFFINITY_TEXT}, "f", "tfalse"},
	{{.kind = ZDB_PG_BOOLEAN},
	 {.affinity = ZDB_AFFINITY_NONE},
	 "x",
	 "!\"x\" is no boolean"},
	{{.kind = ZDB_PG_INTEGER},
	 {.affinity = ZDB_AFFINITY_INTEGER},
	 "9007199254740993",
	 "i9007199254740993"},
	{{.kind = ZDB_PG_INTEGER},
	 {.affinity = ZDB_AFFINITY_REAL},
	 "9007199254740992",
	 "d9007199254740992"},
	{{.kind = ZDB_PG_INTEGER},
	 {.affinity = ZDB_AFFINITY_REAL},
	 "9007199254740993",
	 "!loses digits"},
	{{.kind = ZDB_PG_INTEGER},
	 {.affinity = ZDB_AFFINITY_REAL},
	 "9223372036854775807",
	 "!loses digits"},
	{{.kind = ZDB_PG_INTEGER}, {.affinity = ZDB_AFFINITY_TEXT}, "12", "t12"},
	{{.kind = ZDB_PG_INTEGER},
	 {.affinity = ZDB_AFFINITY_TEXT},
	 "x",
	 "!no integer"},
	{{.kind = ZDB_PG_NUMERIC},
	 {.affinity = ZDB_AFFINITY_NUMERIC},
	 "3.8200",
	 "d3.82"},
	{{.kind = ZDB_PG_NUMERIC},
	 {.affinity = ZDB_AFFINITY_INTEGER},
	 "12.00",
	 "i12"},
	{{.kind = ZDB_PG_NUMERIC},
	 {.affinity = ZDB_AFFINITY_REAL},
	 "12.00",
	 "d12"},
	{{.kind = ZDB_PG_NUMERIC},
	 {.affinity = ZDB_AFFINITY_TEXT},
	 "12.00",
	 "t12.00"},
	{{.kind = ZDB_PG_NUMERIC},
	 {.affinity = ZDB_AFFINITY_NUMERIC},
	 "12345678901234567890.123456789",
	 "!loses digits"},
	{{.kind = ZDB_PG_NUMERIC},
	 {.affinity = ZDB_AFFINITY_NONE},
	 "12345678901234567890.5",
	 "t12345678901234567890.5"},
	{{.kind = ZDB_PG_NUMERIC}, {.affinity = ZDB_AFFINITY_TEXT}, "NaN", "tNaN"},
	{{.kind = ZDB_PG_NUMERIC},
	 {.affinity = ZDB_AFFINITY_NUMERIC},
	 "NaN",
	 "!no number"},
	{{.kind = ZDB_PG_FLOAT}, {.affinity = ZDB_AFFINITY_REAL}, "0.1", "d0.1"},
	{{.kind = ZDB_PG_FLOAT},
	 {.affinity = ZDB_AFFINITY_NONE},
	 "1e-07",
	 "d1e-07"},
	{{.kind = ZDB_PG_FLOAT},
	 {.affinity = ZDB_AFFINITY_REAL},
	 "-Infinity",
	 "d-inf"},
	{{.kind = ZDB_PG_FLOAT}, {.affinity = ZDB_AFFINITY_NUMERIC}, "5", "i5"},
	{{.kind = ZDB_PG_FLOAT},
	 {.affinity = ZDB_AFFINITY_REAL},
	 "NaN",
	 "!\"NaN\" is no number"},
	{{.kind = ZDB_PG_FLOAT}, {.affinity = ZDB_AFFINITY_TEXT}, "NaN", "tNaN"},
	{{.kind = ZDB_PG_BYTEA},
	 {.affinity = ZDB_AFFINITY_NONE, .blob = true},
	 "\\x00fF",
	 "b00ff"},
	{{.kind = ZDB_PG_BYTEA}, {.affinity = ZDB_AFFINITY_TEXT}, "\\x", "b"},
	{{.kind = ZDB_PG_BYTEA},
	 {.affinity = ZDB_AFFINITY_NONE},
	 "a\\\\b\\001\\377",
	 "b615c6201ff"},
	{{.kind = ZDB_PG_BYTEA},
	 {.affinity = ZDB_AFFINITY_NONE},
	 "\\x0",
	 "!no bytea"},
	{{.kind = ZDB_PG_BYTEA},
	 {.affinity = ZDB_AFFINITY_NONE},
	 "\\x0g",
	 "!no bytea"},
	{{.kind = ZDB_PG_BYTEA},
	 {.affinity = ZDB_AFFINITY_NONE},
	 "\\9",
	 "!no bytea"},
	{{.kind = ZDB_PG_BYTEA},
	 {.affinity = ZDB_AFFINITY_INTEGER},
	 "\\x00",
	 "!column of numbers"},
	{{.kind = ZDB_PG_UUID},
	 {.affinity = ZDB_AFFINITY_TEXT},
	 "00010203-0405-0607-0809-0a0b0c0d0e0f",
	 "t00010203-0405-0607-0809-0a0b0c0d0e0f"},
	{{.kind = ZDB_PG_UUID},
	 {.affinity = ZDB_AFFINITY_NONE, .blob = true},
	 "00010203-0405-0607-0809-0a0b0c0d0e0f",
	 "b000102030405060708090a0b0c0d0e0f"},
	{{.kind = ZDB_PG_UUID},
	 {.affinity = ZDB_AFFINITY_NONE, .blob = true},
	 "00010203",
	 "!no uuid"},
	{{.kind = ZDB_PG_JSONB},
	 {.affinity = ZDB_AFFINITY_TEXT},
	 "{\"a\": [1, 2]}",
	 "t{\"a\":[1,2]}"},
	{{.kind = ZDB_PG_JSONB}, {.affinity = ZDB_AFFINITY_NUMERIC}, "5", "i5"},
	{{.kind = ZDB_PG_TIMESTAMP},
	 {.affinity = ZDB_AFFINITY_NUMERIC, .time = MS},
	 "2025-09-01 04:13:20.005",
	 "i1756700000005"},
	{{.kind = ZDB_PG_TIMESTAMP},
	 {.affinity = ZDB_AFFINITY_NUMERIC, .time = MS},
	 "2025-09-01 04:13:20.005001",
	 "i1756700000005 cut"},
	{{.kind = ZDB_PG_TIMESTAMP},
	 {.affinity = ZDB_AFFINITY_NUMERIC},
	 "2025-09-01 04:13:20+02",
	 "t2025-09-01 02:13:20"},
	{{.kind = ZDB_PG_TIMESTAMP},
	 {.affinity = ZDB_AFFINITY_REAL, .time = {.unit = ZDB_TIME_JULIAN}},
	 "2025-09-01 00:00:00",
	 "d2460919.5"},
	{{.kind = ZDB_PG_DATE},
	 {.affinity = ZDB_AFFINITY_INTEGER, .time = {.unit = ZDB_TIME_SECONDS}},
	 "2025-09-01",
	 "i1756684800"},
	{{.kind = ZDB_PG_TIMESTAMP},
	 {.affinity = ZDB_AFFINITY_TEXT},
	 "infinity",
	 "!years 1 to 9999"},
	{{.kind = ZDB_PG_INTEGER, .array = true},
	 {.affinity = ZDB_AFFINITY_TEXT},
	 "{1,NULL}",
	 "t[1,null]"},
	{{.kind = ZDB_PG_INTEGER, .array = true},
	 {.affinity = ZDB_AFFINITY_INTEGER},
	 "{1}",
	 "!is no number"},
	{{.kind = ZDB_PG_TEXT},
	 {.affinity = ZDB_AFFINITY_NUMERIC},
	 "happy",
	 "thappy"},
	{{.kind = ZDB_PG_TEXT},
	 {.affinity = ZDB_AFFINITY_INTEGER},
	 "happy",
	 "!is no number"},
	{{.kind = ZDB_PG_TEXT}, {.affinity = ZDB_AFFINITY_INTEGER}, "12", "i12"},
	{{.kind = ZDB_PG_TEXT},
	 {.affinity = ZDB_AFFINITY_NUMERIC},
	 "012",
	 "!another number"},
	{{.kind = ZDB_PG_TEXT},
	 {.affinity = ZDB_AFFINITY_NUMERIC},
	 "1e5",
	 "!another number"},
	{{.kind = ZDB_PG_TEXT}, {.affinity = ZDB_AFFINITY_NUMERIC}, "1.5", "d1.5"},
	{{.kind = ZDB_PG_TEXT}, {.affinity = ZDB_AFFINITY_NONE}, "012", "t012"},
	{{.kind = ZDB_PG_TEXT}, {.affinity = ZDB_AFFINITY_TEXT}, "", "t"},
	{{.kind = ZDB_PG_TEXT},
	 {.affinity = ZDB_AFFINITY_TEXT},
	 "\xff",
	 "!not valid UTF-8"},
	{{.kind = ZDB_PG_TEXT},
	 {.affinity = ZDB_AFFINITY_INTEGER},
	 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddd\xe6\xb5\x8b"
	 "eeeeeeeeee",
	 "!\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddd\"..."},
	{{.kind = ZDB_PG_TEXT},
	 {.affinity = ZDB_AFFINITY_NONE, .only = ZDB_CELL_BLOB},
	 "a",
	 "!takes blobs only"},
	{{.kind = ZDB_PG_FLOAT},
	 {.affinity = ZDB_AFFINITY_INTEGER, .only = ZDB_CELL_INTEGER},
	 "1.5",
	 "!takes integers only"},
	{{.kind = ZDB_PG_FLOAT},
	 {.affinity = ZDB_AFFINITY_INTEGER, .only = ZDB_CELL_INTEGER},
	 "1",
	 "i1"},
};

static void
describe(const zdb_cell *cell, char *out)
{
	switch (cell->kind)
	{
		case ZDB_CELL_NULL:
			strcpy(out, "null");
			break;
		case ZDB_CELL_INTEGER:
			sprintf(out, "i%lld", (long long) cell->integer);
			break;
		case ZDB_CELL_REAL:
			sprintf(out, cell->real == 0x1p53 ? "d%.0f" : "d%.15g",
					cell->real);
			break;
		case ZDB_CELL_TEXT:
			sprintf(out, "t%.*s", (int) cell->len, cell->bytes);
			break;
		case ZDB_CELL_BLOB:
			strcpy(out, "b");
			for (size_t i = 0; i < cell->len; i++)
				sprintf(out + 1 + 2 * i, "%02x",
						(unsigned char) cell->bytes[i]);
	}
	if (cell->cut)
		strcat(out, " cut");
}

static void
test_values(void)
{
	zdb_copy_field null = {.null = true};
	zdb_buf buffer = {0};
	zdb_err err = {0};
	zdb_cell cell;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
	{
		char text[100], out[200];
		zdb_copy_field field = {text, strlen(values[i].text), false};

		strcpy(text, values[i].text);
		zdb_err_clear(&err);
		if (zdb_value_convert(&values[i].type, &values[i].target, &field,
							  &buffer, &cell, &err))
		{
			test_err(&err, ZDB_MISMATCH, values[i].is + 1);
			continue;
		}
		describe(&cell, out);
		test_ok(strcmp(out, values[i].is) == 0, "%s is %s", values[i].text,
				out);
	}
	zdb_err_clear(&err);
	zdb_value_convert(&values[0].type, &values[0].target, &null, &buffer,
					  &cell, &err);
	test_ok(!err.code && cell.kind == ZDB_CELL_NULL, "NULL is NULL");
	zdb_buf_clear(&buffer);
}

static const struct
{
	const char *declared;
	zdb_affinity affinity;
} affinities[] = {
	{NULL, ZDB_AFFINITY_NONE},
	{"", ZDB_AFFINITY_NONE},
	{"BIGINT", ZDB_AFFINITY_INTEGER},
	{"varchar(10)", ZDB_AFFINITY_TEXT},
	{"POINT", ZDB_AFFINITY_INTEGER},
	{"blob", ZDB_AFFINITY_NONE},
	{"double", ZDB_AFFINITY_REAL},
	{"DATETIME", ZDB_AFFINITY_NUMERIC},
	{"DECIMAL(10,2)", ZDB_AFFINITY_NUMERIC},
};

static void
test_affinities(void)
{
	for (size_t i = 0; i < sizeof affinities / sizeof *affinities; i++)
		test_ok(zdb_affinity_of(affinities[i].declared) ==
					affinities[i].affinity,
				"affinity of %s", affinities[i].declared);
}

int
main(void)
{
	test_values();
	test_affinities();
	return test_done();
}
