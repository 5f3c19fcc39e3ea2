/*
 * test_job - options and paths: what is accepted, and what an error says
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/job/named.h"
#include "core/job/options.h"
#include "core/job/path.h"
#include "test/core/test.h"

static void
test_wrong_options(void)
{
	static const struct
	{
		zdb_call call;
		const char *json;
		const char *message;
	} cases[] = {
		{ZDB_CALL_BACKUP, "{\"tpye\":\"full\"}", "unknown option \"tpye\""},
		{ZDB_CALL_BACKUP, "{\"type\":\"fool\"}", "cannot be \"fool\""},
		{ZDB_CALL_BACKUP, "{\"type\":1}", "must be a text"},
		{ZDB_CALL_BACKUP, "{\"jobs\":0}", "whole number from 1 to 64"},
		{ZDB_CALL_BACKUP, "{\"jobs\":\"2\"}", "whole number from 1 to 64"},
		{ZDB_CALL_BACKUP, "{\"tables\":\"users\"}", "list of table names"},
		{ZDB_CALL_BACKUP, "{\"tables\":[]}", "list of table names"},
		{ZDB_CALL_BACKUP, "{\"tables\":[1]}", "list of table names"},
		{ZDB_CALL_BACKUP, "{\"overwrite\":1}", "true or false"},
		{ZDB_CALL_BACKUP, "{\"verify\":\"deep\"}", "no such level"},
		{ZDB_CALL_BACKUP, "{\"label\":\"a\\u0000b\"}", "JSON object"},
		{ZDB_CALL_BACKUP, "{\"type\":\"full\",\"type\":\"data\"}",
		 "JSON object"},
		{ZDB_CALL_BACKUP, "[]", "not a JSON object"},
		{ZDB_CALL_BACKUP, "{", "not a JSON object"},
		{ZDB_CALL_BACKUP, "{\"encrypt_to\":[]}", "an age recipient, a list"},
		{ZDB_CALL_BACKUP, "{\"encrypt_to\":[\"a\",1]}", "an age recipient"},
		{ZDB_CALL_BACKUP, "{\"encrypt_to\":true}", "an age recipient, a list"},
		{ZDB_CALL_VERIFY, "{\"level\":true}", "no such level"},
		{ZDB_CALL_VERIFY, "{\"type\":\"full\"}", "unknown option \"type\""},
		{ZDB_CALL_RESTORE, "{\"strategy\":\"replaec\"}", "cannot be"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		zdb_options options;
		zdb_err err = {0};

		zdb_options_parse(ZDB_ENGINE_SQLITE, cases[i].call, cases[i].json,
						  strlen(cases[i].json), &options, &err);
		test_err(&err, ZDB_USAGE, cases[i].message);
		zdb_options_clear(&options);
	}
}

static zdb_rc
parse_all(void *arg, zdb_err *err)
{
	static const char json[] =
		"{\"type\":\"data\",\"tables\":[\"a\",\"b c\"],\"exclude\":[\"x\"],"
		"\"encrypt_to\":[\"a\",\"b\"],\"jobs\":3,\"label\":\"中\",\"verify\":"
		"\"restore\","
		"\"overwrite\":true,\"schema\":\"aux\",\"compress\":true}";
	zdb_options options;

	(void) arg;
	zdb_options_parse(ZDB_ENGINE_SQLITE, ZDB_CALL_BACKUP, json, strlen(json),
					  &options, err);
	if (!err->code &&
		(strcmp(options.type, "data") != 0 || options.tables.count != 2 ||
		 strcmp(options.tables.list[1], "b c") != 0 ||
		 strcmp(options.encrypt_to, " a b") != 0 || options.jobs != 3 ||
		 options.level != ZDB_LEVEL_RESTORE || !options.overwrite ||
		 strcmp(options.compress, "true") != 0))
		zdb_err_set(err, ZDB_INTERNAL, "an option went wrong");
	zdb_options_clear(&options);
	return err->code;
}

static void
test_path_is(const char *path, zdb_codec_kind kind, const char *wanted)
{
	static const zdb_path_facts facts = {.database = "app",
										 .type = "full",
										 .suffix = ".db",
										 .now_us = 1756985723000000};
	zdb_err err = {0};
	char *name = zdb_path_resolve(path, &facts, kind, &err);

	test_ok(name && strcmp(name, wanted) == 0, "%s -> %s (%s)", path, wanted,
			name ? name : err.msg);
	zdb_free(name);
}

static void
test_encrypted_paths(void)
{
	zdb_path_facts facts = {.database = "app",
							.type = "full",
							.suffix = ".db",
							.now_us = 1756985723000000,
							.encrypted = true};
	static const char *const cases[][2] = {
		{"x.db.gz", "x.db.gz.age"},
		{"x.db.gz.age", "x.db.gz.age"},
		{"{db}", "app.age"},
		{"nowhere/", "nowhere/20250904/app_full_20250904_113523.db.gz.age"}};
	zdb_codec codec;
	zdb_err err = {0};
	char warning[100];

	for (int i = 0; i < 4; i++)
	{
		char *name =
			zdb_path_resolve(cases[i][0], &facts, ZDB_CODEC_GZIP, &err);

		test_ok(name && strcmp(name, cases[i][1]) == 0, "%s -> %s",
				cases[i][0], cases[i][1]);
		zdb_free(name);
	}
	facts.encrypted = false;
	test_ok(!zdb_path_resolve("x.age", &facts, ZDB_CODEC_GZIP, &err),
			"not for what is not encrypted");
	test_err(&err, ZDB_USAGE, "says that it is encrypted");
	zdb_err_clear(&err);
	zdb_path_codec("x.db.zst.age", NULL, &codec, &err);
	test_ok(codec.kind == ZDB_CODEC_ZSTD, "the suffix before .age counts");
	test_ok(!zdb_path_suffix_lies("x.gz.age", ZDB_CODEC_GZIP, warning, 100) &&
				zdb_path_suffix_lies("x.gz.age", ZDB_CODEC_NONE, warning, 100),
			"and may lie");
}

static void
test_names(void)
{
	static const char *const none[] = {"app.db",
									   "app_full_20250904_113523.txt",
									   "full_20250904_113523.db",
									   "app_full_20250904_996523.db",
									   "app_full_20251304_113523.db",
									   "_full_20250904_113523.db",
									   "app_full_20250904_11352.db"};
	zdb_arena arena = {0};
	zdb_named named;

	test_ok(zdb_named_read("a/20250904/my_app_full_20250904_113523_12"
						   ".db.gz.age",
						   &arena, &named) &&
				strcmp(named.database, "my_app") == 0 &&
				strcmp(named.type, "full") == 0 && named.image &&
				named.codec == ZDB_CODEC_GZIP &&
				named.created_us == 1756985723000000,
			"a name tells what it was made of");
	test_ok(!named.partial &&
				zdb_named_read("app_full-partial_20250904_113523.db", &arena,
							   &named) &&
				named.partial && strcmp(named.type, "full") == 0,
			"that of some tables");
	test_ok(zdb_named_read("app_data_20250904_113523.sql", &arena, &named) &&
				!named.image && named.codec == ZDB_CODEC_NONE,
			"a script's too");
	for (int i = 0; i < 7; i++)
		test_ok(!zdb_named_read(none[i], &arena, &named), "not %s", none[i]);
	zdb_arena_clear(&arena);
}

static zdb_rc
resolve(void *arg, zdb_err *err)
{
	zdb_path_facts facts = {.database = "app",
							.type = "full",
							.suffix = ".db",
							.now_us = 1756985723000000};

	zdb_free(zdb_path_resolve(arg, &facts, ZDB_CODEC_GZIP, err));
	return err->code;
}

static void
test_paths(void)
{
	char wanted[200], again[200];
	zdb_err err = {0};
	zdb_codec codec;
	char *name;

	test_path_is("x.db", ZDB_CODEC_NONE, "x.db");
	test_path_is("b/{db}-{type}-{date}-{time}.gz", ZDB_CODEC_GZIP,
				 "b/app-full-20250904-113523.gz");
	test_path_is("nowhere/", ZDB_CODEC_ZSTD,
				 "nowhere/20250904/app_full_20250904_113523.db.zst");
	mkdir(test_path("20250904"), 0700);
	snprintf(wanted, sizeof wanted, "%s/20250904/app_full_20250904_113523.db",
			 test_dir());
	snprintf(again, sizeof again, "%s/20250904/app_full_20250904_113523_2.db",
			 test_dir());
	test_path_is(test_dir(), ZDB_CODEC_NONE, wanted);
	test_write(wanted, "", 0);
	test_path_is(test_dir(), ZDB_CODEC_NONE, again);

	test_ok(!zdb_path_resolve("{what}", &(zdb_path_facts){0}, 0, &err),
			"an unknown placeholder");
	test_err(&err, ZDB_USAGE, "unknown placeholder");
	zdb_err_clear(&err);
	zdb_path_check_local("s3://bucket/key", &err);
	test_err(&err, ZDB_UNSUPPORTED, "\"s3://\"");
	zdb_err_clear(&err);
	zdb_path_check_local("", &err);
	test_err(&err, ZDB_USAGE, "empty");
	zdb_err_clear(&err);

	zdb_path_codec("a.db.gz", NULL, &codec, &err);
	test_ok(codec.kind == ZDB_CODEC_GZIP, ".gz is gzip");
	zdb_path_codec("a.db.zst", NULL, &codec, &err);
	test_ok(codec.kind == ZDB_CODEC_ZSTD, ".zst is zstd");
	zdb_path_codec("a.db", NULL, &codec, &err);
	test_ok(codec.kind == ZDB_CODEC_NONE, ".db is plain");
	zdb_path_codec("dir/", NULL, &codec, &err);
	test_ok(codec.kind == ZDB_CODEC_GZIP, "a directory gets gzip");

	name = zdb_path_database("/data/app.v2.db", &err);
	test_ok(strcmp(name, "app.v2") == 0, "database of a file: %s", name);
	zdb_free(name);
	name = zdb_path_database("", &err);
	test_ok(strcmp(name, "memory") == 0, "database without a file");
	zdb_free(name);
	name = zdb_path_directory("/app.db", &err);
	test_ok(strcmp(name, "/") == 0, "directory of /app.db");
	zdb_free(name);
}

int
main(void)
{
	test_wrong_options();
	test_break_each("options", parse_all, NULL);
	test_paths();
	test_encrypted_paths();
	test_names();
	test_break_each("path", resolve, (void *) "{db}/");
	return test_done();
}
