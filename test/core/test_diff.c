/*
 * test_diff - the plan of a comparison: which steps, in which order, and what
 * is refused beforehand
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy/diff.h"
#include "test/core/test.h"

/* A table with a primary key "id" and a column. */
static json_t *
live(const char *schema, const char *name, const char *column)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:[{s:s, s:b, s:b}, {s:s}],"
					 " s:[{s:s, s:b, s:[{s:s, s:s, s:b}]}], s:[]}",
					 "schema", schema, "name", name, "sql", "temp.\"live\"",
					 "identity", "rowid", "columns", "name", "id", "not_null",
					 1, "integer", 1, "name", column, "unique", "name", "pk",
					 "primary", 1, "elements", "sql", "\"id\"", "column", "id",
					 "plain", 1, "foreign");
}

static json_t *
backup(const char *schema, const char *name, const char *column)
{
	return json_pack("{s:s, s:s, s:s, s:[s, s], s:[[s]]}", "schema", schema,
					 "name", name, "sql", "main.\"b\"", "columns", "id",
					 column, "unique", "id");
}

static zdb_merge *
planned(zdb_dialect dialect, const char *options, json_t *here, json_t *there,
		zdb_err *err)
{
	zdb_merge *merge = NULL;

	if (zdb_diff_new(dialect, options, &merge, err) == ZDB_OK)
		zdb_merge_plan(merge, here, there, err);
	json_decref(here);
	json_decref(there);
	return merge;
}

static const zdb_merge_step *
rows_of(const zdb_merge *merge)
{
	const zdb_merge_step *step = zdb_merge_steps(merge);

	while (step && step->sql && step->kind != ZDB_MERGE_ROWS)
		step++;
	return step;
}

static void
test_order(void)
{
	zdb_err err = {0};
	zdb_merge *merge = planned(
		ZDB_DIALECT_POSTGRES, NULL,
		json_pack("[o, o, o]", live("public", "z", "a"), live("s", "b", "a"),
				  live("public", "alone", "a")),
		json_pack("[o, o, o]", backup("public", "z", "a"),
				  backup("s", "b", "a"), backup("public", "gone", "a")),
		&err);
	const zdb_merge_step *step = rows_of(merge);
	static const char *const wanted[] = {"'alone'", "'gone'", "'s.b'", "'z'"};
	int count = 0;

	test_ok(err.code == ZDB_OK, "planned");
	for (; step->sql && count < 4; step++, count++)
		test_ok(step->kind == ZDB_MERGE_ROWS &&
					strstr(step->sql, wanted[count]),
				"%s", wanted[count]);
	test_ok(count == 4 && !step->sql, "and no more");
	zdb_merge_free(merge);
}

static void
test_nothing_is_written(void)
{
	zdb_err err = {0};
	zdb_merge *merge =
		planned(ZDB_DIALECT_SQLITE, "{\"summary\": true}",
				json_pack("[o]", live("main", "t", "a")),
				json_pack("[o]", backup("main", "t", "a")), &err);
	bool written = false, staged = false;

	for (const zdb_merge_step *step = zdb_merge_steps(merge); step->sql;
		 step++)
	{
		written = written || step->kind == ZDB_MERGE_INSERT ||
				  step->kind == ZDB_MERGE_UPDATE ||
				  step->kind == ZDB_MERGE_DIRECT;
		staged = staged || (step->kind == ZDB_MERGE_STAGE && !step->tallied);
	}
	test_ok(!written, "no live row is changed");
	test_ok(staged, "all rows are staged");
	test_ok(strstr(rows_of(merge)->sql, "count(*)") != NULL,
			"a summary counts");
	zdb_merge_free(merge);
}

static void
test_quoting(void)
{
	zdb_err err = {0};
	zdb_merge *merge =
		planned(ZDB_DIALECT_SQLITE, NULL,
				json_pack("[o]", live("main", "t'x", "a\"'b")),
				json_pack("[o]", backup("main", "t'x", "a\"'b")), &err);
	const char *sql = rows_of(merge)->sql;

	test_ok(strstr(sql, "'t''x'") != NULL, "a table's name is a literal");
	test_ok(strstr(sql, "'a\"''b'") && strstr(sql, "\"a\"\"'b\""),
			"a column's name is a literal and an identifier");
	zdb_merge_free(merge);
}

static void
test_an_empty_database(void)
{
	zdb_err err = {0};
	zdb_merge *merge =
		planned(ZDB_DIALECT_SQLITE, NULL, json_array(),
				json_pack("[o]", backup("main", "t", "a")), &err);

	test_ok(err.code == ZDB_OK &&
				strstr(rows_of(merge)->sql, "table_only_backup") != NULL,
			"tables of the backup only");
	zdb_merge_free(merge);
}

static void
refused(const char *options, const char *text)
{
	zdb_err err = {0};
	zdb_merge *merge =
		planned(ZDB_DIALECT_POSTGRES, options,
				json_pack("[o]", live("public", "t", "a")),
				json_pack("[o]", backup("public", "t", "a")), &err);

	test_err(&err, ZDB_USAGE, text);
	zdb_merge_free(merge);
}

static zdb_rc
plan_all(void *arg, zdb_err *err)
{
	zdb_merge *merge = planned(
		ZDB_DIALECT_POSTGRES, arg, json_pack("[o]", live("public", "t", "a")),
		json_pack("[o]", backup("public", "t", "a")), err);

	zdb_merge_free(merge);
	return err->code;
}

int
main(void)
{
	test_order();
	test_nothing_is_written();
	test_quoting();
	test_an_empty_database();
	refused("[", "not JSON");
	refused("7", "must be a JSON object");
	refused("{\"schema\": \"x\"}", "unknown key \"schema\"");
	refused("{\"tables\": [\"t\", 1]}", "\"tables\" must be a list");
	refused("{\"tables\": {\"t\": {\"rows\": []}}}", "unknown key \"rows\"");
	refused("{\"tables\": {\"t\": {\"key\": \"a\"}}}", "must be a list");
	refused("{\"tables\": {\"t\": {\"ignore\": [\"b\"]}}}", "no column \"b\"");
	refused("{\"tables\": [\"u\"]}", "\"u\" is neither");
	refused("{\"exclude\": {}}", "\"exclude\" must be a list");
	refused("{\"summary\": \"yes\"}", "\"summary\" must be");
	test_break_each("a comparison without memory", plan_all,
					(void *) "{\"tables\": [\"t\"]}");
	return test_done();
}
