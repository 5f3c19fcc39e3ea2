/*
 * test_inventory - what a repository holds, and which of it is meant
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/job/inventory.h"
#include "core/job/choose.h"
#include "core/job/prune.h"
#include "test/core/archive_test.h"
#include "test/core/test.h"

#define HOUR_US 3600000000ll
#define NOON 1756900800000000ll /* 2025-09-03 12:00 */

/* A repository that exists in memory only. */
static zdb_listed listed[] = {
	{.name = "notes.txt", .modified_us = NOON + 9 * HOUR_US},
	{.name = "broken.gz",
	 .modified_us = NOON + 8 * HOUR_US,
	 .error = "\"broken.gz\" is damaged"},
	{.name = "pre", .label = "prebackup", .created_us = NOON + 7 * HOUR_US},
	{.name = "schema", .type = "schema", .created_us = NOON + 6 * HOUR_US},
	{.name = "shop5", .database = "shop", .created_us = NOON + 5 * HOUR_US},
	{.name = "app4", .created_us = NOON + 4 * HOUR_US},
	{.name = "pg3",
	 .engine = "postgresql",
	 .database = "other",
	 .created_us = NOON + 3 * HOUR_US},
	{.name = "data2", .type = "data", .created_us = NOON + 2 * HOUR_US},
	{.name = "app0", .created_us = NOON + 500000},
};

#define LISTED (sizeof listed / sizeof listed[0])

static void
fill_listed(void)
{
	for (size_t i = 0; i < LISTED; i++)
	{
		zdb_listed *each = &listed[i];

		each->indexed = each->created_us > 0;
		each->created_us = each->indexed ? each->created_us : ZDB_UNKNOWN;
		each->type = each->type ? each->type : "full";
		each->engine = each->engine ? each->engine : "sqlite";
		each->database = each->database ? each->database : "app";
	}
}

static void
test_choose(void)
{
	static const struct
	{
		zdb_purpose purpose;
		const char *engine;
		const char *database;
		const char *at;
		const char *wanted; /* a name, or what the error says */
		const char *hint;
	} cases[] = {
		{ZDB_PURPOSE_READ, "sqlite", "app", NULL, "schema", NULL},
		{ZDB_PURPOSE_RESTORE, "sqlite", "app", NULL, "app4", NULL},
		{ZDB_PURPOSE_RESTORE, "sqlite", "shop", NULL, "shop5", NULL},
		{ZDB_PURPOSE_RESTORE, "sqlite", "app", "2025-09-03 15:59", "app0",
		 NULL},
		{ZDB_PURPOSE_RESTORE, "sqlite", "app", "2025-09-03T16:00:00Z", "app4",
		 NULL},
		{ZDB_PURPOSE_RESTORE, "sqlite", "app", "2025-09-03 18:00+02", "app4",
		 NULL},
		/* what zdb_list shows, cut to seconds, is the backup itself */
		{ZDB_PURPOSE_RESTORE, "sqlite", "app", "2025-09-03T12:00:00Z", "app0",
		 NULL},
		{ZDB_PURPOSE_RESTORE, "sqlite", "app", "2025-09-03 11:59:59",
		 "no full backup of a SQLite database of 2025-09-03 11:59:59 or "
		 "before",
		 "oldest is \"app0\" of 2025-09-03T12:00:00Z"},
		{ZDB_PURPOSE_RESTORE, "sqlite", "shop", "2025-09-03 16:30",
		 "of 2025-09-03 16:30 or before", "oldest is \"shop5\""},
		{ZDB_PURPOSE_RESTORE, "sqlite", "new", NULL,
		 "of several databases, and none of \"new\"", "shop, app"},
		{ZDB_PURPOSE_RESTORE, "postgresql", "new", NULL, "pg3", NULL},
		{ZDB_PURPOSE_MERGE, "sqlite", "app", "2025-09-03 14:30", "data2",
		 NULL},
		{ZDB_PURPOSE_MERGE, "postgresql", "other", NULL, "pg3", NULL},
		{ZDB_PURPOSE_MERGE, "postgresql", "new", NULL, "several databases",
		 "shop, app, other"},
		{ZDB_PURPOSE_READ, "sqlite", "app", "yesterday", "not a moment",
		 "2025-09-03 12:00"},
	};
	zdb_store store = {.where = (char *) "b"};
	zdb_inventory inventory = {
		.store = &store, .list = listed, .count = LISTED};

	fill_listed();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		zdb_wanted wanted = {.purpose = cases[i].purpose,
							 .at = cases[i].at,
							 .engine = cases[i].engine,
							 .database = cases[i].database};
		zdb_err err = {0};
		const zdb_listed *found = zdb_choose(&inventory, &wanted, &err);

		test_ok(found ? strcmp(found->name, cases[i].wanted) == 0
					  : strstr(err.msg, cases[i].wanted) && cases[i].hint &&
							strstr(err.hint, cases[i].hint),
				"case %zu: %s", i, found ? found->name : err.msg);
	}
}

/* What there is, when nothing fits. */
static void
test_nothing(void)
{
	zdb_store store = {.where = (char *) "b"};
	zdb_inventory inventory = {.store = &store, .list = listed, .count = 4};
	zdb_wanted wanted = {
		.purpose = ZDB_PURPOSE_RESTORE, .engine = "sqlite", .database = "app"};
	zdb_err err = {0};

	test_ok(!zdb_choose(&inventory, &wanted, &err) &&
				strstr(err.hint, "It holds: files without an index of ours, "
								 "files that cannot be read, prebackup of app "
								 "(sqlite), schema of app (sqlite)."),
			"%s: %s", err.msg, err.hint);
	inventory.count = 0;
	zdb_err_clear(&err);
	test_ok(!zdb_choose(&inventory, &wanted, &err) &&
				strstr(err.hint, "no backup at all"),
			"%s: %s", err.msg, err.hint);
}

static const zdb_listed *
find(const zdb_inventory *inventory, const char *name)
{
	for (size_t i = 0; i < inventory->count; i++)
		if (strcmp(inventory->list[i].name, name) == 0)
			return &inventory->list[i];
	return NULL;
}

static void
make_repository(void)
{
	static const sample gzip = {"gzip", false, 9000, 4096};
	static const sample plain = {"none", true, 20 * 512, 4096};
	zdb_runner runner = zdb_runner_inline();
	zdb_err err = {0};
	unsigned char *bytes;
	size_t len;

	mkdir(test_path("r"), 0700);
	mkdir(test_path("r/20250904"), 0700);
	sample_write(&gzip, test_path("r/20250904/a.sql.gz"), &runner, &err);
	sample_write(&plain, test_path("r/b.db"), &runner, &err);
	test_ok(!err.code, "backups: %s", err.msg);
	bytes = test_read(test_path("r/20250904/a.sql.gz"), &len);
	test_write(test_path("r/cut.sql.gz"), bytes, len - 1);
	free(bytes);
	test_write(test_path("r/foreign.sql"), "SELECT 1;\n", 10);
	test_write(test_path("r/foreign.sql.sha256"), "nonsense", 8);
	test_write(test_path("r/noise"), "\0\1\2\3", 4);
	test_write(test_path("r/c.db.zdbtmp-0000abcd"), "part", 4);
	test_write(test_path("r/zdbackup_history.jsonl"), "{}", 2);
	test_write(test_path("r/b.db-wal"), "", 0);
}

static void
test_read_all(void)
{
	zdb_inventory inventory;
	const zdb_listed *one;
	zdb_err err = {0};
	json_t *rows = json_array();

	make_repository();
	zdb_inventory_read(&(zdb_repository){.where = test_path("r")}, &inventory,
					   &err);
	test_ok(!err.code && inventory.count == 5, "five files are listed (%zu)",
			inventory.count);
	one = find(&inventory, "20250904/a.sql.gz");
	test_ok(one && one->indexed && one->codec == ZDB_CODEC_GZIP &&
				one->bytes == 9000 && strlen(one->sha256) == 64 &&
				strlen(one->id) == 64 && strcmp(one->database, "app") == 0 &&
				one->rows == 3 && one->tables == 1,
			"a compressed backup");
	one = find(&inventory, "b.db");
	test_ok(one && one->indexed && one->codec == ZDB_CODEC_NONE &&
				one->bytes == 20 * 512,
			"a plain one, by its index");
	one = find(&inventory, "cut.sql.gz");
	test_ok(one && !one->indexed && strstr(one->error, "is damaged"),
			"one that was cut: %s", one ? one->error : "");
	one = find(&inventory, "foreign.sql");
	test_ok(one && !one->indexed && !one->error && !one->sha256 &&
				one->bytes == 10 && one->created_us == ZDB_UNKNOWN,
			"a foreign one; nonsense in its .sha256 is none");
	one = find(&inventory, "noise");
	test_ok(one && strstr(one->error, "is not a backup"), "something else");
	test_ok(inventory.leftover_count == 1 &&
				strstr(inventory.leftovers[0].name, "c.db.zdbtmp-"),
			"a temporary file is apart");
	test_ok(zdb_inventory_rows(&inventory, rows, &err) == ZDB_OK &&
				json_array_size(rows) == 5,
			"rows of all");
	json_decref(rows);
	zdb_inventory_clear(&inventory);
}

static zdb_rc
read_all(void *arg, zdb_err *err)
{
	zdb_inventory inventory;

	zdb_inventory_read(&(zdb_repository){.where = arg}, &inventory, err);
	zdb_inventory_clear(&inventory);
	return err->code;
}

static zdb_rc
prune_all(void *arg, zdb_err *err)
{
	zdb_prune_request request = {
		.repository = {.where = arg}, .keep = {.count = {1}}, .dry_run = true};
	json_t *report = json_object(), *warnings = json_array();

	zdb_prune(&request, report, warnings, err);
	json_decref(report);
	json_decref(warnings);
	return err->code;
}

/* The index of a plain file comes from the store, too. */
static void
test_open(void)
{
	zdb_wanted wanted = {.purpose = ZDB_PURPOSE_RESTORE,
						 .path = test_path("r"),
						 .engine = "sqlite",
						 .database = "app",
						 .warnings = json_array()};
	zdb_reader *reader;
	zdb_err err = {0};

	zdb_backup_open(&wanted, &reader, &err);
	test_ok(!err.code && zdb_reader_footer(reader), "the newest: %s",
			reader ? zdb_reader_source(reader)->name : err.msg);
	test_ok(json_array_size(wanted.warnings) == 2,
			"what could not be read is told");
	zdb_reader_free(reader);
	json_decref(wanted.warnings);
	wanted.warnings = NULL;
	wanted.path = test_path("r/b.db");
	wanted.at = "2025-09-03";
	zdb_backup_open(&wanted, &reader, &err);
	test_err(&err, ZDB_USAGE, "\"at\" chooses from a directory");
}

int
main(void)
{
	test_choose();
	test_nothing();
	test_read_all();
	test_open();
	test_break_each("inventory", read_all, test_path("r"));
	test_break_each("prune", prune_all, test_path("r"));
	return test_done();
}
