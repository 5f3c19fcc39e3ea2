/*
 * test_dump - what pg_dump writes is read as PostgreSQL means it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dump/catalog.h"
#include "core/dump/script.h"
#include "test/core/test.h"

#define OPEN "CREATE TABLE \""

static const char script[] =
	"-- Name: t\n"
	"SET client_encoding = 'UTF8';\n"
	"SET search_path = app, pg_catalog;\n"
	"CREATE DOMAIN public.positive AS integer CHECK ((VALUE > 0));\n"
	"CREATE DOMAIN mine AS numeric(10,2)[];\n"
	"CREATE UNLOGGED TABLE t (\n"
	"    id bigint NOT NULL,\n"
	"    \"Sp \"\"alte\" character varying(20) DEFAULT 'NOT NULL'::text,\n"
	"    at timestamp(3) without time zone DEFAULT now() NOT NULL,\n"
	"    price numeric(10, 2), /* , */ tags text[] COLLATE \"C\",\n"
	"    p public.positive, m mine, d double precision,\n"
	"    g integer GENERATED ALWAYS AS ((id + 1)) STORED,\n"
	"    n integer GENERATED ALWAYS AS IDENTITY,\n"
	"    u public.date REFERENCES public.other(x) ON DELETE SET NULL (u),\n"
	"    CONSTRAINT c CHECK ((id > 0 AND price <> ALL (ARRAY[1, 2]))),\n"
	"    CONSTRAINT nn NOT NULL price,\n"
	"    UNIQUE NULLS NOT DISTINCT (\"Sp \"\"alte\", at)\n"
	");\n"
	"ALTER TABLE ONLY app.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n"
	"ALTER TABLE t ALTER COLUMN d SET NOT NULL, ADD COLUMN late bytea;\n"
	"CREATE UNIQUE INDEX i ON app.t USING btree (price DESC, d);\n"
	"CREATE UNIQUE INDEX j ON app.t USING btree (lower(p));\n"
	"CREATE UNIQUE INDEX k ON app.t USING btree (p) WHERE (p > 5);\n"
	"CREATE UNIQUE INDEX l ON app.t (m COLLATE \"C\");\n"
	"ALTER TABLE ONLY t ADD CONSTRAINT f FOREIGN KEY (d, p) REFERENCES\n"
	"    public.other(a, b) ON UPDATE CASCADE ON DELETE RESTRICT;\n"
	"CREATE TABLE child (x uuid) INHERITS (t, public.other);\n"
	"CREATE TABLE part PARTITION OF app.t FOR VALUES IN (1);\n"
	"CREATE TABLE part2 (id bigint);\n"
	"ALTER TABLE ONLY t ATTACH PARTITION app.part2 DEFAULT;\n"
	"ALTER TABLE a ATTACH PARTITION a;\n"
	"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ CREATE TABLE no(x int)"
	"; $$;\n"
	"CREATE TABLE ; CREATE TABLE x (); ALTER TABLE;" OPEN;

static zdb_rc
read_all(void *arg, zdb_err *err)
{
	zdb_catalog *catalog = arg, own = {0};
	zdb_script *reading = NULL;
	zdb_reader *reader = NULL;
	zdb_source *source;
	zdb_script_item item;

	if (zdb_source_memory_open("it", script,
							   sizeof script - (catalog ? 1 : sizeof OPEN),
							   &source, err))
		return err->code;
	if (zdb_reader_open_source(source, NULL, NULL, &reader, err) == ZDB_OK &&
		zdb_script_open(reader, 0, 0, NULL, &reading, err) == ZDB_OK)
		while (zdb_script_next(reading, &item, err) == ZDB_OK &&
			   item.kind != ZDB_SCRIPT_END)
			if (zdb_catalog_take(catalog ? catalog : &own, item.text, item.len,
								 err))
				break;
	zdb_script_free(reading);
	zdb_reader_free(reader);
	zdb_catalog_clear(&own);
	return err->code;
}

static void
join(const zdb_pg_name *name, char *out)
{
	for (*out = '\0'; name; name = name->next)
		sprintf(out + strlen(out), "%s%s", name->text, name->next ? "," : "");
}

static void
check_columns(const zdb_pg_table *t)
{
	static const struct
	{
		const char *name;
		zdb_pg_type type;
		bool not_null, generated;
	} is[] = {
		{"id", {.kind = ZDB_PG_INTEGER}, true, false},
		{"Sp \"alte",
		 {.kind = ZDB_PG_TEXT, .text = true, .precision = 20},
		 false,
		 false},
		{"at", {.kind = ZDB_PG_TIMESTAMP}, true, false},
		{"price",
		 {.kind = ZDB_PG_NUMERIC, .precision = 10, .scale = 2},
		 true,
		 false},
		{"tags",
		 {.kind = ZDB_PG_TEXT, .array = true, .text = true},
		 false,
		 false},
		{"p", {.kind = ZDB_PG_INTEGER}, false, false},
		{"m",
		 {.kind = ZDB_PG_NUMERIC, .array = true, .precision = 10, .scale = 2},
		 false,
		 false},
		{"d", {.kind = ZDB_PG_FLOAT}, true, false},
		{"g", {.kind = ZDB_PG_INTEGER}, false, true},
		{"n", {.kind = ZDB_PG_INTEGER}, false, false},
		{"u", {.kind = ZDB_PG_TEXT}, false, false},
		{"late", {.kind = ZDB_PG_BYTEA}, false, false},
	};
	const zdb_pg_column *column = t->columns;

	for (size_t i = 0; i < sizeof is / sizeof *is; i++)
	{
		test_ok(column && strcmp(column->name, is[i].name) == 0 &&
					column->type.kind == is[i].type.kind &&
					column->type.array == is[i].type.array &&
					column->type.text == is[i].type.text &&
					column->type.precision == is[i].type.precision &&
					column->type.scale == is[i].type.scale &&
					column->not_null == is[i].not_null &&
					column->generated == is[i].generated,
				"column %s", is[i].name);
		column = column ? column->next : NULL;
	}
	test_ok(!column, "no other columns");
}

static void
check_keys(const zdb_pg_table *t, const zdb_pg_table *other)
{
	static const char *const keys[] = {"price,d", "id", "Sp \"alte,at"};
	const zdb_pg_key *key = t->keys;
	char names[100];

	for (size_t i = 0; i < 3; i++, key = key ? key->next : NULL)
	{
		join(key ? key->columns : NULL, names);
		test_ok(key && strcmp(names, keys[i]) == 0 && key->primary == (i == 1),
				"key %s", names);
	}
	test_ok(!key, "partial indexes and expressions are no keys");
	join(t->foreign->columns, names);
	test_ok(strcmp(names, "d,p") == 0 && t->foreign->parent == other &&
				strcmp(t->foreign->on_delete, "RESTRICT") == 0 &&
				strcmp(t->foreign->on_update, "CASCADE") == 0,
			"foreign key");
	join(t->foreign->next->parent_columns, names);
	test_ok(strcmp(names, "x") == 0 &&
				strcmp(t->foreign->next->on_delete, "SET NULL") == 0,
			"foreign key of a column");
}

static void
check_parents(const zdb_catalog *catalog, const zdb_pg_table *t)
{
	const zdb_pg_column *column =
		zdb_pg_table_column(zdb_catalog_find(catalog, "app", "child"), "tags");
	zdb_pg_table *own = zdb_catalog_find(catalog, "app", "a");

	test_ok(column && column->type.array, "an inherited column");
	for (size_t i = 0; i < 2; i++)
		test_ok(zdb_pg_table_root(zdb_catalog_find(catalog, "app",
												   i ? "part" : "part2")) == t,
				"the root of a partition");
	test_ok(zdb_pg_table_root(own) == own && !zdb_pg_table_column(own, "x"),
			"a partition of itself ends");
}

static void
test_catalog(void)
{
	zdb_catalog catalog = {0};
	zdb_err err = {0};
	zdb_pg_table *t, *other;

	read_all(&catalog, &err);
	test_err(&err, ZDB_DAMAGED, "ends inside the statement of line");
	t = zdb_catalog_find(&catalog, "app", "t");
	other = zdb_catalog_find(&catalog, "public", "other");
	if (!test_ok(t && t->made && other && !other->made,
				 "app.t is made, public.other is only named"))
		exit(test_done());
	check_columns(t);
	check_keys(t, other);
	check_parents(&catalog, t);
	test_ok(strcmp(catalog.encoding, "UTF8") == 0, "encoding");
	test_ok(!zdb_catalog_find(&catalog, "app", "no"),
			"the body of a function is none of ours");
	zdb_catalog_clear(&catalog);
}

static void
test_copy_header(void)
{
	static const struct
	{
		const char *sql;
		const char *is;
	} headers[] = {
		{"COPY app.t (id, \"Sp\") FROM stdin;", "app.t(id,Sp)"},
		{"copy T from STDIN;", "public.t()"},
		{"COPY t (a) FROM stdin WITH CSV;", "public.t(a)!"},
		{"COPY t TO stdout;", NULL},
		{"COPY t FROM '/x';", NULL},
		{"COPY (SELECT 1) TO stdout;", NULL},
		{"COPYRIGHT;", NULL},
		{"", NULL},
	};
	zdb_catalog catalog = {0};

	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
	{
		const char *sql = headers[i].sql;
		char names[100], is[200];
		zdb_arena arena = {0};
		zdb_pg_copy copy;

		if (zdb_catalog_copy(&catalog, sql, strlen(sql), &arena, &copy))
		{
			join(copy.columns, names);
			sprintf(is, "%s.%s(%s)%s", copy.schema, copy.name, names,
					copy.plain ? "" : "!");
			test_ok(headers[i].is && strcmp(is, headers[i].is) == 0, "%s", is);
		}
		else
			test_ok(!headers[i].is, "no rows follow %s", sql);
		zdb_arena_clear(&arena);
	}
}

/* A script, and what comes of it: statements in (), commands in <>, rows in
 * [], the end of rows as ., or an error. */
static const struct
{
	const char *script;
	const char *is;
} scripts[] = {
	{"", ""},
	{"-- c\n\n/* a\n; */ a;\n b;c;\n", "(/* a\n; */ a;)( b;)(c;)"},
	{"\xEF\xBB\xBF"
	 "a;",
	 "(a;)"},
	{"\\restrict x\na;\n\\unrestrict x",
	 "<\\restrict x\n>(a;)<\\unrestrict x>"},
	{"'\n\\x\n';", "('\n\\x\n';)"},
	{"COPY t FROM stdin; -- c\n1\t2\n\\N\n\\.\nb;",
	 "(COPY t FROM stdin;)[1\t2][\\N].(b;)"},
	{"COPY t FROM stdin;\n\\.\n", "(COPY t FROM stdin;)."},
	{"COPY t FROM stdin;\n\n\\.\n\n\n\nCOPY u FROM stdin;\n1\n\\.\n\n",
	 "(COPY t FROM stdin;)[].(COPY u FROM stdin;)[1]."},
	{"COPY t FROM stdin;\r\n1\r\n\\.\r\n", "(COPY t FROM stdin;)[1]."},
	{"COPY t FROM stdin;\na\\\nb\n\\.", "(COPY t FROM stdin;)[a\\\nb]."},
	{"COPY t FROM stdin;\n\\.x\n\\\\.\n\\.\n",
	 "(COPY t FROM stdin;)[\\.x][\\\\.]."},
	{"a", "!inside the statement of line 1"},
	{"a;\n\n 'b", "(a;)!inside the statement of line 3"},
	{"/* a", "!inside the statement of line 1"},
	{"COPY t FROM stdin;\n1\n2\n",
	 "(COPY t FROM stdin;)[1][2]!rows of a COPY block, at line 3"},
	{"COPY t FROM stdin;\n1\n2", "(COPY t FROM stdin;)[1]!row of line 3"},
	{"COPY t FROM stdin;",
	 "(COPY t FROM stdin;)!rows of a COPY block, at line 1"},
	{"--\n-- PostgreSQL database dump\n--\na;\n",
	 "(a;)!lacks their last line"},
	{"-- PostgreSQL database dump\na;\n-- PostgreSQL database dump complete",
	 "(a;)"},
};

static zdb_rc
read_rows(zdb_script *reading, char *out, zdb_err *err)
{
	char *row;
	size_t len;

	while (zdb_script_row(reading, &row, &len, err) == ZDB_OK && row)
		sprintf(out + strlen(out), "[%s]", row);
	if (!err->code)
		strcat(out, ".");
	return err->code;
}

static void
describe(const char *text, size_t len, char *out)
{
	zdb_script *reading = NULL;
	zdb_reader *reader = NULL;
	zdb_source *source;
	zdb_script_item item;
	zdb_err err = {0};

	*out = '\0';
	/* an empty file is no backup; an empty line is a script */
	zdb_source_memory_open("it", len ? text : "\n", len ? len : 1, &source,
						   &err);
	zdb_reader_open_source(source, NULL, NULL, &reader, &err);
	zdb_script_open(reader, 0, 0, NULL, &reading, &err);
	while (!err.code && zdb_script_next(reading, &item, &err) == ZDB_OK &&
		   item.kind != ZDB_SCRIPT_END)
	{
		bool statement = item.kind == ZDB_SCRIPT_STATEMENT;

		sprintf(out + strlen(out), statement ? "(%.*s)" : "<%.*s>",
				(int) item.len, item.text);
		if (statement && strncmp(item.text, "COPY", 4) == 0)
			read_rows(reading, out, &err);
	}
	if (err.code)
		sprintf(out + strlen(out), "!%s", err.msg);
	zdb_script_free(reading);
	zdb_reader_free(reader);
}

static bool
ends_as(const char *out, const char *is)
{
	const char *error = strchr(is, '!');

	return error ? strncmp(out, is, (size_t) (error - is) + 1) == 0 &&
					   strstr(out, error + 1) != NULL
				 : strcmp(out, is) == 0;
}

static void
test_scripts(void)
{
	size_t cap = 3 << 20, len = 0;
	char *text = malloc(cap), *out = malloc(cap);

	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
	{
		describe(scripts[i].script, strlen(scripts[i].script), out);
		if (!test_ok(ends_as(out, scripts[i].is), "script %zu", i))
			fprintf(stderr, "%s\n", out);
	}
	/* rows of all lengths, cut by the pieces they are read in */
	len += (size_t) sprintf(text, "COPY t FROM stdin;\n");
	for (size_t i = 0; i < 1000; i++)
	{
		memset(text + len, 'x', i * 2);
		len += i * 2;
		text[len++] = '\n';
	}
	len += (size_t) sprintf(text + len, "\\.\nlast;");
	describe(text, len, out);
	test_ok(strlen(out) == len + 1001 &&
				strcmp(out + strlen(out) - 8, ".(last;)") == 0,
			"rows across pieces");
	free(text);
	free(out);
}

int
main(void)
{
	test_scripts();
	test_catalog();
	test_copy_header();
	test_break_each("a script", read_all, NULL);
	return test_done();
}
