/*
 * cloud_tool - stores by hand, for the tests that run against real servers
 *
 * usage: cloud_tool put URL FILE [overwrite] [rewrite] [abandon]
 *        cloud_tool get URL FILE [OFFSET LENGTH]...
 *        cloud_tool list URL [PREFIX]
 *        cloud_tool remove URL NAME
 *        cloud_tool move URL NAME OTHER
 *        cloud_tool fill URL COUNT: small objects 00001, 00002, ...
 *        cloud_tool break URL: every operation, without memory; prints TAP
 *
 * Settings come from the environment. An error is printed as "CODE: message"
 * and "hint: ..."; interrupted by SIGINT as a host would be.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/store.h"
#include "test/core/test.h"

#define PIECE_BYTES (300 * 1000)

static volatile sig_atomic_t stopped;
static zdb_settings settings;

static void
note_stop(int number)
{
	(void) number;
	stopped = 1;
}

static bool
host_stop(void *arg)
{
	(void) arg;
	return stopped;
}

static const zdb_host host = {.stop = host_stop};

static bool
has(char **words, const char *word)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static zdb_rc
copy_in(FILE *file, zdb_sink *sink, char **words, zdb_err *err)
{
	static char piece[PIECE_BYTES];
	size_t len;

	if (has(words, "rewrite") && zdb_sink_write(sink, "????", 4, err))
		return err->code;
	while ((len = fread(piece, 1, sizeof piece, file)) > 0)
		if (zdb_sink_write(sink, piece, len, err))
			return err->code;
	if (has(words, "rewrite") && zdb_sink_rewrite(sink, "head", 4, err))
		return err->code;
	return has(words, "abandon") ? ZDB_OK : zdb_sink_finish(sink, err);
}

static zdb_rc
put(zdb_store *store, const char *name, const char *path, char **words,
	zdb_err *err)
{
	FILE *file = fopen(path, "rb");
	zdb_sink *sink = NULL;

	if (!file)
		abort();
	if (zdb_store_sink(store, name, has(words, "overwrite"), &sink, err) ==
		ZDB_OK)
		copy_in(file, sink, words, err);
	zdb_sink_free(sink);
	fclose(file);
	return err->code;
}

static zdb_rc
copy_range(zdb_source *source, uint64_t offset, uint64_t end, FILE *file,
		   zdb_err *err)
{
	static char piece[PIECE_BYTES];

	while (offset < end)
	{
		size_t len = end - offset < sizeof piece ? end - offset : sizeof piece;

		if (zdb_source_read(source, offset, piece, len, err))
			return err->code;
		fwrite(piece, 1, len, file);
		offset += len;
	}
	return ZDB_OK;
}

static zdb_rc
get(zdb_store *store, const char *name, const char *path, char **words,
	zdb_err *err)
{
	zdb_source *source;
	FILE *file;

	if (zdb_store_source(store, name, &source, err))
		return err->code;
	file = fopen(path, "wb");
	if (!file)
		abort();
	if (!*words)
		copy_range(source, 0, source->bytes, file, err);
	for (; words[0] && words[1] && !err->code; words += 2)
	{
		uint64_t from = strtoull(words[0], NULL, 10);

		copy_range(source, from, from + strtoull(words[1], NULL, 10), file,
				   err);
	}
	fclose(file);
	zdb_source_free(source);
	return err->code;
}

static zdb_rc
print_item(void *arg, const zdb_item *item, zdb_err *err)
{
	(void) arg;
	(void) err;
	printf("%llu %lld %s\n", (unsigned long long) item->bytes,
		   (long long) item->modified_us, item->name);
	return ZDB_OK;
}

static zdb_rc
fill(zdb_store *store, int count, zdb_err *err)
{
	for (int i = 1; i <= count && !err->code; i++)
	{
		zdb_sink *sink = NULL;
		char name[16];

		snprintf(name, sizeof name, "%05d", i);
		if (zdb_store_sink(store, name, true, &sink, err) == ZDB_OK &&
			zdb_sink_write(sink, name, 5, err) == ZDB_OK)
			zdb_sink_finish(sink, err);
		zdb_sink_free(sink);
	}
	return err->code;
}

static char large[(8 << 20) + 1];

/* Of one part, and of two. */
static zdb_rc
put_both(void *arg, zdb_err *err)
{
	const size_t lengths[] = {5, sizeof large};

	for (int i = 0; i < 2 && !err->code; i++)
	{
		zdb_sink *sink = NULL;

		if (zdb_store_sink(arg, "x", true, &sink, err) == ZDB_OK &&
			zdb_sink_write(sink, large, lengths[i], err) == ZDB_OK &&
			zdb_sink_rewrite(sink, "head", 4, err) == ZDB_OK)
			zdb_sink_finish(sink, err);
		zdb_sink_free(sink);
	}
	return err->code;
}

static zdb_rc
get_all(void *arg, zdb_err *err)
{
	zdb_source *source;

	if (zdb_store_source(arg, "x", &source, err) == ZDB_OK)
		zdb_source_read(source, 0, large, 200000, err);
	zdb_source_free(source);
	return err->code;
}

static zdb_rc
ignore_item(void *arg, const zdb_item *item, zdb_err *err)
{
	(void) arg;
	(void) item;
	(void) err;
	return ZDB_OK;
}

static zdb_rc
list_and_remove(void *arg, zdb_err *err)
{
	if (zdb_store_list(arg, NULL, ignore_item, NULL, err) == ZDB_OK)
		zdb_store_remove(arg, "x.zdbtmp-none", err);
	return err->code;
}

static zdb_rc
move_one(void *arg, zdb_err *err)
{
	zdb_sink *sink;

	if (zdb_store_sink(arg, "from", true, &sink, err) == ZDB_OK &&
		zdb_sink_finish(sink, err) == ZDB_OK)
		zdb_store_move(arg, "from", "to", err);
	zdb_sink_free(sink);
	return err->code;
}

static void
break_all(zdb_store *store)
{
	test_break_each("writing", put_both, store);
	test_break_each("reading", get_all, store);
	test_break_each("listing and removing", list_and_remove, store);
	test_break_each("moving", move_one, store);
}

/* put and get are about one object, the others about all of a store. */
static zdb_rc
run(char **words, zdb_err *err)
{
	const char *command = words[0];
	zdb_store_options options = {
		.where = words[1], .host = &host, .settings = &settings};
	char *name = NULL;
	zdb_store *store;

	if (strcmp(command, "put") == 0 || strcmp(command, "get") == 0)
		zdb_store_at(&options, &store, &name, err);
	else
		zdb_store_open(&options, &store, err);
	if (err->code)
		;
	else if (strcmp(command, "put") == 0)
		put(store, name, words[2], words + 3, err);
	else if (strcmp(command, "get") == 0)
		get(store, name, words[2], words + 3, err);
	else if (strcmp(command, "list") == 0)
		zdb_store_list(store, words[2], print_item, NULL, err);
	else if (strcmp(command, "move") == 0)
		zdb_store_move(store, words[2], words[3], err);
	else if (strcmp(command, "break") == 0)
		break_all(store);
	else if (strcmp(command, "fill") == 0)
		fill(store, atoi(words[2]), err);
	else
		zdb_store_remove(store, words[2], err);
	zdb_store_free(store);
	zdb_free(name);
	return err->code;
}

int
main(int argc, char **argv)
{
	zdb_err err = {0};

	if (argc < 3)
		return 2;
	signal(SIGINT, note_stop);
	if (run(argv + 1, &err))
		fprintf(stderr, "%d: %s\nhint: %s\n", err.code, err.msg, err.hint);
	zdb_settings_clear(&settings);
	return err.code != ZDB_OK;
}
