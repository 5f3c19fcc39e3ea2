/*
 * test_store - a directory as a store: what is listed, what is left alone
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/store.h"
#include "test/core/test.h"

#define NOBODY 65534

/* What a listing visited, as "name:bytes ", sorted by nobody. */
typedef struct seen
{
	char text[2000];
	int troubles;
} seen;

static zdb_rc
note(void *arg, const zdb_item *item, zdb_err *err)
{
	seen *self = arg;
	size_t used = strlen(self->text);

	(void) err;
	self->troubles += item->trouble != NULL;
	snprintf(self->text + used, sizeof self->text - used, "%s:%d ", item->name,
			 (int) item->bytes);
	return ZDB_OK;
}

static zdb_store *
open_store(const char *where)
{
	zdb_err err = {0};
	zdb_store *store;

	zdb_store_open(&(zdb_store_options){.where = where}, &store, &err);
	test_ok(!err.code, "open %s", where);
	return store;
}

static seen
list(zdb_store *store, const char *prefix)
{
	seen all = {0};
	zdb_err err = {0};

	zdb_store_list(store, prefix, note, &all, &err);
	test_ok(!err.code, "list \"%s\": %s", prefix ? prefix : "", all.text);
	return all;
}

static void
put(zdb_store *store, const char *name, const char *text)
{
	zdb_err err = {0};
	zdb_sink *sink;

	zdb_store_sink(store, name, false, &sink, &err);
	zdb_sink_write(sink, text, strlen(text), &err);
	zdb_sink_finish(sink, &err);
	zdb_sink_free(sink);
	test_ok(!err.code, "put %s", name);
}

static void
test_list(void)
{
	zdb_store *store = open_store(test_path("repo"));
	zdb_err err = {0};
	seen all = {0};

	zdb_store_list(store, NULL, note, &all, &err);
	test_err(&err, ZDB_NOT_FOUND, "repo");
	put(store, "a.db", "1");
	put(store, "20250904/b.db", "22");
	put(store, "2025/deep/c.db", "333");
	if (symlink("/etc/passwd", test_path("repo/link")) != 0 ||
		symlink("/etc", test_path("repo/away")) != 0 ||
		mkfifo(test_path("repo/pipe"), 0600) != 0)
		abort();
	all = list(store, NULL);
	test_ok(strlen(all.text) == strlen("a.db:1 20250904/b.db:2 "
									   "2025/deep/c.db:3 ") &&
				strstr(all.text, "a.db:1 ") &&
				strstr(all.text, "20250904/b.db:2 ") &&
				strstr(all.text, "2025/deep/c.db:3 "),
			"three files; no link, no pipe");
	all = list(store, "20250904/");
	test_ok(strcmp(all.text, "20250904/b.db:2 ") == 0, "a directory");
	all = list(store, "2025/d");
	test_ok(strcmp(all.text, "2025/deep/c.db:3 ") == 0, "a prefix");
	all = list(store, "nothing");
	test_ok(!*all.text, "nothing");
	zdb_store_free(store);
}

/* A directory that only root may read does not hide the others. */
static void
test_unreadable(void)
{
	zdb_store *store = open_store(test_path("shared"));
	bool root = geteuid() == 0;
	seen all;

	put(store, "a.db", "1");
	put(store, "lost+found/x", "1");
	if (chmod(test_dir(), 0755) != 0 ||
		chmod(test_path("shared"), 0755) != 0 ||
		(root ? seteuid(NOBODY) : chmod(test_path("shared/lost+found"), 0)))
		abort();
	all = list(store, NULL);
	if (root ? seteuid(0) : chmod(test_path("shared/lost+found"), 0700))
		abort();
	test_ok(all.troubles == 1 && strstr(all.text, "lost+found:0 ") &&
				strstr(all.text, "a.db:1 "),
			"an unreadable directory is told, not fatal");
	zdb_store_free(store);
}

static void
test_remove(void)
{
	zdb_store *store = open_store(test_path("gone"));
	zdb_err err = {0};

	put(store, "20250904/a.db", "1");
	put(store, "20250904/b.db", "1");
	put(store, "mine/a.db", "1");
	zdb_store_remove(store, "20250904/a.db", &err);
	zdb_store_remove(store, "20250904/a.db", &err);
	test_ok(!err.code, "removing twice is fine");
	test_ok(access(test_path("gone/20250904"), F_OK) == 0,
			"a directory with files stays");
	zdb_store_remove(store, "20250904/b.db", &err);
	zdb_store_remove(store, "mine/a.db", &err);
	test_ok(!err.code && access(test_path("gone/20250904"), F_OK) != 0,
			"an empty day goes");
	test_ok(access(test_path("gone/mine"), F_OK) == 0,
			"another empty directory stays");
	put(store, "mine/dir/b.db", "1");
	zdb_store_remove(store, "mine/dir", &err);
	test_err(&err, ZDB_USAGE, "could not remove");
	zdb_store_free(store);
}

static zdb_rc
list_all(void *arg, zdb_err *err)
{
	zdb_store *store;
	seen all = {0};
	char *path;

	if (zdb_store_open(&(zdb_store_options){.where = arg}, &store, err))
		return err->code;
	zdb_store_list(store, NULL, note, &all, err);
	path = err->code ? NULL : zdb_store_path(store, "x", err);
	zdb_free(path);
	zdb_store_free(store);
	return err->code;
}

static void
test_names(void)
{
	static const char *const out[] = {"..", "../x", "a/../../x", "a/.."};
	zdb_store *store = open_store("/");
	zdb_sink *sink;
	zdb_space space;
	zdb_err err = {0};
	char *path = zdb_store_path(store, "a/b", &err);

	test_ok(strcmp(path, "/a/b") == 0, "no second slash: %s", path);
	zdb_free(path);
	zdb_store_space(store, &space, &err);
	test_ok(!err.code && space.known && space.total_bytes >= space.free_bytes,
			"the space of a filesystem");
	zdb_store_free(store);
	store = open_store(test_path("inner"));
	put(store, "..a/b..", "1");
	for (size_t i = 0; i < sizeof out / sizeof out[0]; i++)
	{
		zdb_source *source;

		zdb_store_remove(store, out[i], &err);
		test_err(&err, ZDB_USAGE, "would not be in");
		zdb_err_clear(&err);
		zdb_store_source(store, out[i], &source, &err);
		test_err(&err, ZDB_USAGE, "would not be in");
		zdb_err_clear(&err);
		zdb_store_sink(store, out[i], true, &sink, &err);
		test_err(&err, ZDB_USAGE, "would not be in");
		zdb_err_clear(&err);
	}
	zdb_store_free(store);
	zdb_store_open(&(zdb_store_options){.where = "ftp://host/x"}, &store,
				   &err);
	test_err(&err, ZDB_UNSUPPORTED, "\"ftp://\"");
	test_ok(!store, "nothing was opened");
}

int
main(void)
{
	test_list();
	test_unreadable();
	test_remove();
	test_names();
	test_break_each("list", list_all, test_path("repo"));
	return test_done();
}
