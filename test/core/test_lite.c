/*
 * test_lite - SQLite's types, values and expressions, for PostgreSQL
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/lite/expr.h"
#include "core/lite/moment.h"
#include "core/lite/parts.h"
#include "core/lite/values.h"
#include "test/core/test.h"

static const struct
{
	const char *sql, *parts;
} tables[] = {
	{"CREATE TABLE t(a)", ""},
	{"CREATE TABLE \"t(\" (a INT CHECK (a > ')'), b)", "check a: a > ')';"},
	{"CREATE TABLE t(a CONSTRAINT c CHECK(a), CHECK (b) CHECK(c))",
	 "check c a: a;check: b;check: c;"},
	{"CREATE TABLE t(a INT GENERATED ALWAYS AS (b+(1)) STORED,"
	 " [b c] AS (1))",
	 "generated a: b+(1);generated b c: 1;"},
	{"CREATE TABLE t(a REFERENCES p DEFERRABLE INITIALLY DEFERRED,"
	 " b CONSTRAINT k REFERENCES q(x) ON DELETE SET NULL NOT DEFERRABLE"
	 " INITIALLY DEFERRED, CONSTRAINT \"k\"\"2\" FOREIGN KEY(a, b)"
	 " REFERENCES \"CHECK\"(c, d) ON UPDATE CASCADE DEFERRABLE INITIALLY"
	 " DEFERRED CHECK(1))",
	 "foreign deferred a: ;foreign k b: ;foreign deferred k\"2: ;"
	 "check: 1;"},
	{"CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE, b NOT NULL ON CONFLICT"
	 " ABORT, PRIMARY KEY(a) ON CONFLICT ignore)",
	 "conflict a: REPLACE;conflict: ignore;"},
	{"CREATE TABLE t(a DEFAULT (CHECK), b DEFAULT -1 CHECK(b), c DEFAULT"
	 " 'CHECK(1)', d varchar(10) COLLATE \"check\") WITHOUT ROWID",
	 "check b: b;"},
	{"CREATE TABLE t(a /* CHECK(1), */ -- CHECK(2)\n, b)", ""},
	{"CREATE TABLE t(", ""},
	{"CREATE TABLE t(a CHECK (1", "check a: 1;"},
	{"", ""},
};

static void
test_parts(void)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
	{
		static const char *const kinds[] = {"check", "generated", "foreign",
											"conflict"};
		zdb_arena arena = {0};
		char out[400] = "";

		for (const zdb_lite_part *part =
				 zdb_lite_table_parts(&arena, tables[i].sql);
			 part; part = part->next)
			snprintf(out + strlen(out), sizeof out - strlen(out),
					 "%s%s%s%s%s%s: %s;", kinds[part->kind],
					 part->deferred ? " deferred" : "", part->name ? " " : "",
					 part->name ? part->name : "", part->column ? " " : "",
					 part->column ? part->column : "",
					 part->sql ? part->sql : "");
		test_ok(strcmp(out, tables[i].parts) == 0, "statement %zu: %s", i,
				out);
		zdb_arena_clear(&arena);
	}
}

static void
test_index_parts(void)
{
	static const struct
	{
		const char *sql, *parts;
	} cases[] = {
		{"CREATE INDEX i ON t(a)", "a|"},
		{"CREATE UNIQUE INDEX i ON t(lower(a, b) COLLATE nocase DESC, b asc,"
		 " (c+1) COLLATE x, \"COLLATE\" DESC) WHERE d > 0",
		 "lower(a, b)|b|(c+1)|\"COLLATE\"|where d > 0|"},
		{"CREATE INDEX i ON t(a COLLATE binary = b)", "a COLLATE binary = b|"},
		{"CREATE INDEX i", "|"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		zdb_arena arena = {0};
		char out[400] = "";

		for (const zdb_lite_part *part =
				 zdb_lite_index_parts(&arena, cases[i].sql);
			 part; part = part->next)
			snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s|",
					 part->kind == ZDB_LITE_WHERE ? "where" : "", part->sql);
		test_ok(strcmp(out, cases[i].parts) == 0, "statement %zu: %s", i, out);
		zdb_arena_clear(&arena);
	}
}

static const zdb_lite_column columns[] = {
	{"name", "\"Name\"", ZDB_LITE_TEXT}, {"n", "n", ZDB_LITE_BIGINT},
	{"flag", "flag", ZDB_LITE_BOOLEAN},  {"data", "data", ZDB_LITE_JSONB},
	{"end", "\"end\"", ZDB_LITE_BIGINT},
};

static const struct
{
	const char *sql, *written; /* or NULL */
} expressions[] = {
	{"n > 0 and N<=10", " n > 0 AND n <= 10"},
	{"name == 'it''s' OR [name] != \"no column\"",
	 " \"Name\" = 'it''s' OR \"Name\" <> 'no column'"},
	{"flag IN (0,1)", " flag IN ( false , true )"},
	{"flag = 1 AND n = 1", " flag = true AND n = 1"},
	{"t.n IS NOT NULL", " n IS NOT NULL"},
	{"n NOT NULL AND n ISNULL", " n IS NOT NULL AND n IS NULL"},
	{"name LIKE 'a\\%'", " \"Name\" ILIKE 'a\\%' ESCAPE ''"},
	{"name NOT LIKE '!%' ESCAPE '!'", " \"Name\" NOT ILIKE '!%' ESCAPE '!'"},
	{"length(trim(name)) BETWEEN 1 AND 0x10",
	 " length ( btrim ( \"Name\" COLLATE \"C\" ) ) BETWEEN 1 AND 16"},
	{"name > 'm'", " \"Name\" COLLATE \"C\" > 'm'"},
	{"CASE WHEN n THEN x'00fF' ELSE NULL END",
	 " CASE WHEN n THEN '\\x00fF'::bytea ELSE NULL END"},
	{"end = CASE n WHEN 1 THEN 2 END", " \"end\" = CASE n WHEN 1 THEN 2 END"},
	{"json_valid(data) OR data IS NULL", " true OR data IS NULL"},
	{"CAST(n AS TEXT) || name", " CAST ( n AS text ) || \"Name\""},
	{"flag IS NOT TRUE", " flag IS NOT TRUE"},
	{"n - -1", " n - - 1"},
	{"name COLLATE BINARY = 'a'", " \"Name\" = 'a'"},
	{"json_valid(name)", NULL},
	{"n IS 1", NULL},
	{"CAST(n AS INTEGER)", NULL},
	{"name || n + 1", NULL},
	{"name LIKE n", NULL},
	{"name GLOB 'a*'", NULL},
	{"name COLLATE NOCASE = 'a'", NULL},
	{"u.n = 1", NULL},
	{"nothing", NULL},
	{"`nothing`", NULL},
	{"pg_sleep(1)", NULL},
	{"(SELECT 1)", NULL},
	{"n; DROP TABLE t", NULL},
	{"?1", NULL},
	{":n", NULL},
	{"data ->> '$.a'", NULL},
};

static void
test_expressions(void)
{
	static const zdb_lite_scope scope = {"t", columns,
										 sizeof columns / sizeof columns[0]};

	for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++)
	{
		zdb_arena arena = {0};
		const char *reason = NULL;
		const char *out =
			zdb_lite_expr(&arena, &scope, expressions[i].sql, &reason);

		test_ok(expressions[i].written
					? out && strcmp(out, expressions[i].written) == 0 &&
						  !reason
					: !out && reason,
				"%s: %s", expressions[i].sql, out ? out : reason);
		zdb_arena_clear(&arena);
	}
}

static void
test_defaults(void)
{
	static const struct
	{
		zdb_lite_type type;
		const char *sql, *written;
	} cases[] = {
		{ZDB_LITE_BOOLEAN, "1", "true"},
		{ZDB_LITE_BOOLEAN, "false", "false"},
		{ZDB_LITE_BIGINT, "TRUE", "1"},
		{ZDB_LITE_BIGINT, "-5", " - 5"},
		{ZDB_LITE_TEXT, "\"draft\"", " 'draft'"},
		{ZDB_LITE_TEXT, "'CURRENT_TIMESTAMP'", " 'CURRENT_TIMESTAMP'"},
		{ZDB_LITE_TIMESTAMPTZ, "current_timestamp", "CURRENT_TIMESTAMP"},
		{ZDB_LITE_TIMESTAMP, "datetime ( 'now' )",
		 "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')"},
		{ZDB_LITE_TEXT, "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
		 "to_char((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'), "
		 "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"},
		{ZDB_LITE_BIGINT, "strftime('%s', \"now\")",
		 "(floor(extract(epoch FROM CURRENT_TIMESTAMP)))::bigint"},
		{ZDB_LITE_BIGINT, "strftime('%S', 'now')", NULL},
		{ZDB_LITE_BIGINT, "CURRENT_TIMESTAMP", NULL},
		{ZDB_LITE_TEXT, "lower(hex(randomblob(16)))", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		zdb_arena arena = {0};
		const char *reason = NULL;
		const char *out =
			zdb_lite_default(&arena, cases[i].type, cases[i].sql, &reason);

		test_ok(cases[i].written ? out && strcmp(out, cases[i].written) == 0
								 : !out && reason,
				"default %s: %s", cases[i].sql, out ? out : reason);
		zdb_arena_clear(&arena);
	}
}

static void
test_declared(void)
{
	static const char *const cases[][2] = {
		{"", "text"},
		{"INTEGER", "bigint"},
		{"unsigned big int", "bigint"},
		{"Boolean", "boolean"},
		{"varchar ( 10 )", "varchar(10)"},
		{"NVARCHAR(MAX)", "text"},
		{"CHARACTER VARYING(3)", "varchar(3)"},
		{"TEXT", "text"},
		{"DECIMAL(10, 2)", "numeric(10,2)"},
		{"DECIMAL(5)", "numeric(5,0)"},
		{"DECIMAL(2,5)", "numeric"},
		{"DOUBLE PRECISION", "double precision"},
		{"DATETIME(6)", "timestamp without time zone"},
		{"timestamp  with\ttime zone", "timestamp with time zone"},
		{"DATE", "date"},
		{"BLOB", "bytea"},
		{"UUID", "text"},
		{"JSONB", "jsonb"},
		{"no such type of anybody, and far longer than a name should be",
		 "text"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		char name[ZDB_LITE_TYPE_BYTES];

		zdb_lite_type_name(zdb_lite_declared_of(cases[i][0]), name);
		test_ok(strcmp(name, cases[i][1]) == 0, "\"%s\" is %s", cases[i][0],
				name);
	}
}

/* One value: an integer, a real (with a point), a text or a blob (x...). */
static void
see(zdb_lite_values *values, const char *value)
{
	long long integer;
	double real;
	char rest;

	if (*value == 'x')
		zdb_lite_see_blob(values, value + 1, strlen(value + 1));
	else if (*value == '\'')
		zdb_lite_see_text(values, value + 1, strlen(value + 1));
	else if (sscanf(value, "%lld%c", &integer, &rest) == 1)
		zdb_lite_see_integer(values, integer);
	else if (sscanf(value, "%lf%c", &real, &rest) == 1)
		zdb_lite_see_real(values, real);
}

static const struct
{
	const char *declared;
	const char *values[4];
	const char *chosen; /* "!": and that is reported */
} ladder_cases[] = {
	{"BOOLEAN", {"0", "1", "'true"}, "boolean"},
	{"BOOLEAN", {"2"}, "!bigint"},
	{"BOOLEAN", {"'yes"}, "!text"},
	{"INTEGER", {"NULL"}, "bigint"},
	{"INTEGER", {"1", "9223372036854775807"}, "bigint"},
	{"INTEGER", {"1", "1.5"}, "!double precision"},
	{"INTEGER", {"9223372036854775807", "1.5"}, "!numeric"},
	{"INTEGER", {"1", "'a"}, "!text"},
	{"INTEGER", {"1", "'12345678901234567890"}, "!numeric"},
	{"INTEGER", {"1", "x\xff"}, "!bytea"},
	{"REAL", {"1.5", "inf"}, "double precision"},
	{"DECIMAL(10,2)", {"3.82", "12345678.9"}, "numeric(10,2)"},
	{"DECIMAL(10,2)", {"3.825"}, "!numeric"},
	{"DECIMAL(10,2)", {"123456789"}, "!numeric"},
	{"DECIMAL(4,3)", {"0.05", "9.0"}, "numeric(4,3)"},
	{"DECIMAL(10,2)", {"inf"}, "!double precision"},
	{"DECIMAL", {"'12345678901234567890.1234567890"}, "numeric"},
	{"DECIMAL", {"'1e5"}, "!text"},
	{"DECIMAL", {"'007"}, "!text"},
	{"VARCHAR(3)",
	 {"'abc", "'\xe6\xb5\x8b\xe6\xb5\x8b\xe6\xb5\x8b"},
	 "varchar(3)"},
	{"VARCHAR(3)", {"'abcd"}, "!text"},
	{"TEXT", {"'a", "xbytes"}, "!text"},
	{"TEXT", {"'a", "x\xff"}, "!bytea"},
	{"BLOB", {"x\xff", "xtext"}, "bytea"},
	{"BLOB", {"'a"}, "!text"},
	{"BLOB", {"'a", "xb"}, "!bytea"},
	{"BLOB", {"7"}, "!bigint"},
	{"DATETIME",
	 {"1756700000005", "'2025-09-01 04:13:20"},
	 "timestamp without time zone"},
	{"DATETIME",
	 {"'2025-09-01T04:13:20Z", "'2025-09-01"},
	 "!timestamp with time zone"},
	{"DATETIME", {"1756700000", "0"}, "timestamp without time zone"},
	{"DATETIME", {"1756700000", "1756700000005"}, "!bigint"},
	{"DATETIME", {"20250901"}, "!bigint"},
	{"DATETIME", {"20250901041320"}, "!bigint"},
	{"DATETIME", {"202509010413"}, "!bigint"},
	{"DATETIME", {"1756700000005000"}, "!bigint"},
	{"DATETIME",
	 {"253402214400000", "1756700000005"},
	 "timestamp without time zone"},
	{"DATETIME", {"2460919.5"}, "timestamp without time zone"},
	{"DATETIME", {"1756700000.25"}, "timestamp without time zone"},
	{"DATETIME", {"12.5"}, "!double precision"},
	{"DATETIME", {"'yesterday"}, "!text"},
	{"DATETIME", {"'2025-09-01 04:13:20.1234567"}, "!text"},
	{"DATE", {"'2025-09-01", "1756684800000"}, "date"},
	{"DATE", {"1756684800001"}, "!timestamp without time zone"},
	{"DATE", {"'2025-02-29"}, "!text"},
	{"TIME", {"'04:13", "'04:13:20.5"}, "time"},
	{"TIME", {"'25:00"}, "!text"},
	{"JSON", {"'{\"a\": 1, \"a\": 2}", "5"}, "json"},
	{"JSONB", {"'{\"a\": 1, \"a\": 2}"}, "!json"},
	{"JSONB", {"'[1e400]"}, "!text"},
	{"JSONB", {"'{"}, "!text"},
	{"JSONB", {"inf"}, "!double precision"},
	{"", {"1", "2"}, "bigint"},
	{"", {"1", "2.5"}, "double precision"},
	{"", {"x\xff"}, "bytea"},
	{"", {"'a"}, "text"},
	{"", {"'a", "1"}, "!text"},
	{"", {"x\xff", "1"}, "!bytea"},
	{"", {"NULL"}, "text"},
};

static void
test_ladders(void)
{
	for (size_t i = 0; i < sizeof ladder_cases / sizeof ladder_cases[0]; i++)
	{
		zdb_lite_values values = {
			.declared = zdb_lite_declared_of(ladder_cases[i].declared)};
		char out[ZDB_LITE_TYPE_BYTES + 1] = "!",
									   summary[ZDB_LITE_SUMMARY_BYTES];
		zdb_lite_declared chosen;
		bool widened;

		for (int k = 0; k < 4 && ladder_cases[i].values[k]; k++)
			see(&values, ladder_cases[i].values[k]);
		chosen = zdb_lite_choose(&values);
		widened = zdb_lite_is_widened(&values, chosen);
		zdb_lite_type_name(chosen, out + widened);
		zdb_lite_summary(&values, summary);
		test_ok(strcmp(out, ladder_cases[i].chosen) == 0,
				"%s with %s: %s (%s)", ladder_cases[i].declared, summary,
				ladder_cases[i].chosen, out);
	}
}

static void
test_moments(void)
{
	static const char *const good[] = {"2025-09-01",
									   "2024-02-29 23:59",
									   "2025-09-01T04:13:20.123456+14:00",
									   "0001-01-01 00:00:00Z",
									   "04:13:20-0230",
									   "2025-09-01 04:13:20+02",
									   "2025-09-01 04:13:20.1000000"};
	static const char *const bad[] = {"",
									  "2025",
									  "2025-13-01",
									  "2025-09-31",
									  "2025-09-01 24:00",
									  "2025-09-01 04:60",
									  "2025-09-01 04:13:60",
									  "2025-09-01 04:13 +02",
									  "2025-09-01T",
									  "2025-09-01Z",
									  "0000-01-01",
									  "2025-9-1",
									  "04:13:20.",
									  "2025-09-01 04:13:20+15:00",
									  "2025-09-01 04:13:20 UTC"};
	zdb_lite_moment moment;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		test_ok(zdb_lite_moment_of(good[i], strlen(good[i]), &moment),
				"\"%s\" is a moment", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		test_ok(!zdb_lite_moment_of(bad[i], strlen(bad[i]), &moment),
				"\"%s\" is none", bad[i]);
}

static zdb_rc
write_much(void *arg, zdb_err *err)
{
	static const zdb_lite_scope scope = {"t", columns,
										 sizeof columns / sizeof columns[0]};
	zdb_arena arena = {0};
	const char *reason;

	zdb_lite_table_parts(&arena, arg);
	zdb_lite_index_parts(&arena, "CREATE INDEX i ON t(a) WHERE b");
	zdb_lite_expr(&arena, &scope, "lower(name) = 'a' AND n > 1", &reason);
	zdb_lite_default(&arena, ZDB_LITE_TEXT, "datetime('now')", &reason);
	if (zdb_arena_failed(&arena))
		zdb_err_nomem(err);
	zdb_arena_clear(&arena);
	return err->code;
}

int
main(void)
{
	test_parts();
	test_index_parts();
	test_expressions();
	test_defaults();
	test_declared();
	test_ladders();
	test_moments();
	test_break_each("reading and writing", write_much,
					"CREATE TABLE t(a CONSTRAINT c CHECK(a > 0), b REFERENCES "
					"p DEFERRABLE, c AS (a))");
	return test_done();
}
