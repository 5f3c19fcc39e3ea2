/*
 * test_chain - incremental backups: what they hold, and what they stand on
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/links.h"
#include "core/archive/tail.h"
#include "test/core/age_test.h"
#include "test/core/archive_test.h"
#include "test/core/test.h"

#define PAGE 512
#define CHUNK 4096

static char *
name_of(const char *what, int number, const char *suffix)
{
	char name[100];

	snprintf(name, sizeof name, "%s%d%s", what, number, suffix);
	return test_path(name);
}

/* Make what[0..links] of some codecs, each upon the one before. */
static void
make_chain(const char *name, int links, const char *const codecs[2],
		   bool encrypted, uint32_t bytes, zdb_err *err)
{
	zdb_runner runner = zdb_runner_inline();

	for (int i = 0; i <= links && !err->code; i++)
	{
		sample what = {codecs[i > 0], true, bytes, CHUNK};
		const char *base = i > 0 ? name_of(name, i - 1, "") : NULL;

		sample_upon(&what, base, i, encrypted, name_of(name, i, ""), &runner,
					err);
	}
}

static void
test_round_trip(const char *full, const char *later, bool encrypted)
{
	const char *const codecs[] = {full, later};
	zdb_runner runner = zdb_runner_inline();
	uint64_t bytes = 0;
	zdb_err err = {0};
	struct stat first, last;

	make_chain("r", 4, codecs, encrypted, 200 * PAGE, &err);
	for (int i = 0; i <= 4 && !err.code; i++)
	{
		sample_scan_of(name_of("r", i, ""), &runner, i, false, &bytes, &err);
		test_ok(!err.code && bytes == 200 * PAGE, "%s, %s: version %d: %s",
				full, later, i, err.msg);
		sample_scan_of(name_of("r", i, ""), &runner, i, true, NULL, &err);
		test_ok(!err.code, "and what it holds itself: %s", err.msg);
	}
	stat(name_of("r", 0, ""), &first);
	stat(name_of("r", 4, ""), &last);
	test_ok(!err.code && last.st_size < first.st_size / 2,
			"an incremental backup is small: %ld of %ld", (long) last.st_size,
			(long) first.st_size);
	unlink(name_of("r", 0, ".zdbi"));
}

static void
test_lengths(void)
{
	static const uint32_t pages[] = {100, 101, 60, 1, 200, 9};
	zdb_runner runner = zdb_runner_inline();
	zdb_err err = {0};

	for (int i = 0; i < 6 && !err.code; i++)
	{
		sample what = {"gzip", true, pages[i] * PAGE, CHUNK};
		const char *base = i > 0 ? name_of("l", i - 1, "") : NULL;
		uint64_t bytes = 0;

		sample_upon(&what, base, i, false, name_of("l", i, ""), &runner, &err);
		if (!err.code)
			sample_scan_of(name_of("l", i, ""), &runner, i, false, &bytes,
						   &err);
		test_ok(bytes == what.bytes, "%u pages upon others: %s", pages[i],
				err.msg);
	}
}

static void
test_long_chain(void)
{
	const char *const codecs[] = {"gzip", "gzip"};
	zdb_runner runner = zdb_runner_inline();
	uint64_t bytes = 0;
	zdb_err err = {0};

	make_chain("c", 50, codecs, false, 300 * PAGE, &err);
	sample_scan_of(name_of("c", 50, ""), &runner, 50, false, &bytes, &err);
	test_ok(!err.code && bytes == 300 * PAGE, "a chain of 50 links: %s",
			err.msg);
	unlink(name_of("c", 17, ""));
	sample_scan_of(name_of("c", 50, ""), &runner, 50, false, &bytes, &err);
	test_err(&err, ZDB_NOT_FOUND, "/c50\" stands on \"");
	test_err(&err, ZDB_NOT_FOUND,
			 "/c17\", which cannot be used: it is missing");
	zdb_err_clear(&err);
	sample_scan_of(name_of("c", 16, ""), &runner, 16, false, &bytes, &err);
	test_ok(!err.code, "those before it can be read: %s", err.msg);
}

static zdb_rc
scan_last(zdb_err *err)
{
	zdb_runner runner = zdb_runner_inline();
	uint64_t bytes;

	zdb_err_clear(err);
	return sample_scan_of(name_of("w", 3, ""), &runner, 3, false, &bytes, err);
}

static void
copy_file(const char *from, const char *to)
{
	size_t len;
	unsigned char *bytes = test_read(from, &len);

	unlink(to);
	test_write(to, bytes, len);
	free(bytes);
}

/* What may happen to a link, and what is said. */
static void
test_wrong_links(void)
{
	const char *const codecs[] = {"gzip", "zstd"};
	zdb_reader *reader = NULL;
	zdb_store_options file = {0};
	unsigned char *bytes;
	zdb_err err = {0};
	size_t len;

	make_chain("w", 3, codecs, false, 100 * PAGE, &err);
	copy_file(name_of("w", 1, ""), test_path("aside"));

	copy_file(name_of("w", 2, ""), name_of("w", 1, ""));
	scan_last(&err);
	test_err(&err, ZDB_MISMATCH, "/w1\", which cannot be used: it is another");

	copy_file(test_path("aside"), name_of("w", 1, ""));
	test_ok(scan_last(&err) == ZDB_OK, "put back: %s", err.msg);

	/* the guard of a link is of no chunk: its SHA-256 tells */
	bytes = test_read(name_of("w", 1, ""), &len);
	bytes[200] ^= 1;
	unlink(name_of("w", 1, ""));
	test_write(name_of("w", 1, ""), bytes, len);
	scan_last(&err);
	test_err(&err, ZDB_DAMAGED, "/w1\" is damaged, or was written anew");
	free(bytes);

	copy_file(test_path("aside"), name_of("w", 1, ""));
	if (truncate(name_of("w", 1, ""), 3000) == 0)
		scan_last(&err);
	test_err(&err, ZDB_DAMAGED, "/w1\", which cannot be used: ");

	unlink(name_of("w", 1, ""));
	zdb_err_clear(&err);
	file.where = name_of("w", 3, "");
	zdb_reader_open(&file, NULL, &reader, &err);
	test_ok(!err.code && zdb_reader_trouble(reader) &&
				zdb_reader_manifest(reader)->chain.count == 3,
			"what it is can be told without its links: %s", err.msg);
	zdb_reader_free(reader);
}

static void
test_places(void)
{
	zdb_runner runner = zdb_runner_inline();
	sample full = {"gzip", true, 50 * PAGE, CHUNK};
	sample next = {"gzip", true, 50 * PAGE, CHUNK};
	const char *const places[] = {"p/1/inc", "p/2/inc", "p/inc", "p/1/x/inc",
								  "q/r/s/inc"};
	uint64_t bytes;
	zdb_err err = {0};

	sample_write(&full, test_path("p/1/full"), &runner, &err);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
	{
		sample_upon(&next, test_path("p/1/full"), 1, false,
					test_path(places[i]), &runner, &err);
		if (!err.code)
			sample_scan_of(test_path(places[i]), &runner, 1, false, &bytes,
						   &err);
		test_ok(!err.code, "%s upon p/1/full: %s", places[i], err.msg);
	}
	/* both moved into one directory */
	copy_file(test_path("p/2/inc"), test_path("inc"));
	copy_file(test_path("p/1/full"), test_path("full"));
	unlink(test_path("p/1/full"));
	sample_scan_of(test_path("inc"), &runner, 1, false, &bytes, &err);
	test_ok(!err.code, "moved into one directory: %s", err.msg);
	sample_scan_of(test_path("p/2/inc"), &runner, 1, false, &bytes, &err);
	test_err(&err, ZDB_NOT_FOUND, "2/../1/full\", which cannot be used");
}

static void
test_refused(void)
{
	zdb_runner runner = zdb_runner_inline();
	sample full = {"gzip", true, 50 * PAGE, CHUNK};
	sample plain = {"none", true, 50 * PAGE, CHUNK};
	zdb_err err = {0};

	sample_write(&full, test_path("f"), &runner, &err);
	sample_upon(&plain, test_path("f"), 1, false, test_path("n"), &runner,
				&err);
	test_err(&err, ZDB_USAGE, "is always compressed");
	test_ok(access(test_path("n"), F_OK) != 0, "and nothing is left");
}

/* A signed index that says what cannot be. */
static void
test_hostile(void)
{
	static const struct
	{
		int entry;
		int at;
		uint8_t byte;
		const char *error;
		const char *what;
	} changes[] = {
		{1, 36, 3, "is not valid", "a link that is not in the chain"},
		{1, 36, 1, "", "a whole chunk of the wrong file"},
		{1, 30, 2, "", "another number of patched pages"},
		{1, 30, 8, "is not valid", "as many as there are"},
		{2, 5, 1, "points behind the end", "a place behind the other file"},
		{1, 20, 200, "is not valid", "another length"},
		{1, 29, 0, "is not valid", "no page sums"},
		{2, 36, 0, "", "ours, though it is the base's"},
	};
	const char *const codecs[] = {"gzip", "gzip"};
	zdb_runner runner = zdb_runner_inline();
	zdb_err err = {0};

	make_chain("h", 2, codecs, false, 60 * PAGE, &err);
	test_ok(!err.code, "made: %s", err.msg);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
	{
		unsigned char *at;
		uint64_t bytes;
		forged file;

		forged_load(&file, name_of("h", 2, ""));
		at = file.group + changes[i].entry * ZDB_ENTRY_BYTES + changes[i].at;
		test_ok(*at != changes[i].byte, "%s is a change", changes[i].what);
		*at = changes[i].byte;
		forged_sign(&file);
		test_write(test_path("forged"), file.bytes, file.len);
		free(file.bytes);
		zdb_err_clear(&err);
		sample_scan_of(test_path("forged"), &runner, 2, false, &bytes, &err);
		test_err(&err, ZDB_DAMAGED, changes[i].error);
	}
}

/* A helper without an identity opens what its leader has open. */
static void
test_helpers(void)
{
	const char *const codecs[] = {"none", "gzip"};
	zdb_runner runner = zdb_runner_inline();
	zdb_scan_options options = {.runner = &runner};
	zdb_store_options file = {0};
	zdb_reader *reader = NULL, *again = NULL;
	zdb_scan_result result;
	zdb_age_keys keys = {0};
	zdb_err err = {0};

	make_chain("k", 3, codecs, true, 60 * PAGE, &err);
	zdb_age_keys_parse(&keys, "ann", ANN_KEY, &err);
	file.where = name_of("k", 3, "");
	zdb_reader_open(&file, &keys, &reader, &err);
	zdb_age_keys_clear(&keys);
	zdb_reader_file_keys(reader, &keys.files);
	zdb_reader_free(reader);
	zdb_reader_open_again(&file, "", &keys.files, &again, &err);
	if (again)
		zdb_scan(again, &options, &result, &err);
	test_ok(!err.code, "an encrypted chain, by the keys of its files: %s",
			err.msg);
	zdb_reader_free(again);
	zdb_age_keys_clear(&keys);
}

/* A backup of references alone, upon a script. */
static zdb_rc
refer_all(zdb_reader *base, const char *path, zdb_err *err)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_writer_options options = {.to.where = path,
								  .codec = {ZDB_CODEC_ZSTD, 3},
								  .runner = &runner,
								  .base = base};
	zdb_writer *writer;

	if (zdb_writer_open(&options, &writer, err))
		return err->code;
	for (uint64_t i = 0; i < zdb_reader_footer(base)->chunks; i++)
	{
		zdb_chunk_about about = {
			.kind = ZDB_CHUNK_ROWS, .table = 1, .first = 1, .count = 1};
		zdb_entry entry;

		if (zdb_reader_entry(base, i, &entry, err) ||
			zdb_writer_refer(writer, &entry, &about, err))
			break;
	}
	if (!err->code &&
		zdb_writer_seal(writer, zdb_reader_manifest(base), err) == ZDB_OK)
		zdb_writer_finish(writer, NULL, err);
	zdb_writer_free(writer);
	return err->code;
}

static void
test_references(void)
{
	sample full = {"gzip", false, 10000, 1000};
	const char *paths[] = {test_path("s0"), test_path("s1"), test_path("s2")};
	zdb_runner runner = zdb_runner_inline();
	uint64_t bytes = 0;
	zdb_err err = {0};
	struct stat st;

	sample_write(&full, paths[0], &runner, &err);
	for (int i = 1; i <= 2 && !err.code; i++)
	{
		zdb_store_options file = {.where = paths[i - 1]};
		zdb_reader *base = NULL;

		if (zdb_reader_open(&file, NULL, &base, &err) == ZDB_OK)
			refer_all(base, paths[i], &err);
		zdb_reader_free(base);
	}
	if (!err.code)
		sample_scan(paths[2], &runner, &bytes, &err);
	test_ok(!err.code && bytes == 10000, "a script upon a script upon one: %s",
			err.msg);
	test_ok(stat(paths[2], &st) == 0 && st.st_size < 4500,
			"nothing of it is stored again: %ld bytes", (long) st.st_size);
}

typedef struct names
{
	const char *base;
	const char *path;
} names;

static zdb_rc
write_and_scan(void *arg, zdb_err *err)
{
	const names *self = arg;
	zdb_runner runner = zdb_runner_inline();
	sample next = {"gzip", true, 20 * PAGE, CHUNK};
	uint64_t bytes;

	if (sample_upon(&next, self->base, 1, false, self->path, &runner, err))
		return err->code;
	return sample_scan_of(self->path, &runner, 1, false, &bytes, err);
}

static void
test_memory(void)
{
	zdb_runner runner = zdb_runner_inline();
	sample full = {"gzip", true, 20 * PAGE, CHUNK};
	names self = {test_path("m0"), test_path("m1")};
	zdb_err err = {0};

	sample_write(&full, self.base, &runner, &err);
	test_break_each("an incremental backup", write_and_scan, &self);
}

int
main(void)
{
	test_round_trip("gzip", "gzip", false);
	test_round_trip("gzip", "zstd", false);
	test_round_trip("zstd", "zstd", true);
	test_round_trip("none", "gzip:9", false);
	test_round_trip("none", "gzip", true);
	test_lengths();
	test_long_chain();
	test_wrong_links();
	test_places();
	test_refused();
	test_hostile();
	test_helpers();
	test_references();
	test_memory();
	return test_done();
}
