/*
 * test_scan - what is refused although every checksum is right
 *
 * Backups are forged: an entry is changed, and all hashes above it are made
 * anew. Foreign files have no checksums of ours: what they have is checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/tail.h"
#include "core/base/bytes.h"
#include "test/core/archive_test.h"
#include "test/core/test.h"

#define FOOTER_BLOCK (26 + ZDB_FOOTER_PAYLOAD)

static const sample image = {"gzip", true, 20 * 512, 4096};

static void
scan_index(const char *path, zdb_err *err)
{
	zdb_reader *reader = NULL;

	if (zdb_reader_open(&(zdb_store_options){.where = path}, NULL, &reader,
						err) == ZDB_OK)
		zdb_scan_index(reader, NULL, err);
	zdb_reader_free(reader);
}

/* Both levels must refuse the file. */
static void
refuse(const char *path, const char *text)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_err err = {0};

	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_DAMAGED, text);
	zdb_err_clear(&err);
	scan_index(path, &err);
	test_err(&err, ZDB_DAMAGED, text);
}

static void
test_forged_entries(void)
{
	static const struct
	{
		int entry;
		int at; /* offset in the entry */
		int add;
		const char *error;
	} changes[] = {
		{1, 0, 1, "contradicts the others"},   /* a gap in the file */
		{0, 0, 1, "contradicts the others"},   /* does not begin at 0 */
		{1, 8, -1, "contradicts the others"},  /* overlaps in the whole */
		{1, 16, -1, "contradicts the others"}, /* stored too short */
		{1, 20, 1, "is not valid"},            /* no whole pages */
		{2, 40, 1, "contradicts the others"},  /* wrong first page */
		{2, 48, 1, "is not valid"},            /* wrong count of pages */
		{0, 32, 2, "contradicts the others"},  /* no such table */
		{1, 28, 9, "entry 1 is not valid"},    /* no such kind */
		{1, 36, 1, "entry 1 is not valid"},    /* reserved bytes */
		{2, 4, 1, "entry 2 is not valid"},     /* beyond the file */
		{2, 12, 1, "entry 2 is not valid"},    /* beyond the whole */
	};
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("forged");

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
	{
		unsigned char *at;
		forged file;
		zdb_err err = {0};

		sample_write(&image, path, &runner, &err);
		forged_load(&file, path);
		at = file.group + changes[i].entry * ZDB_ENTRY_BYTES + changes[i].at;
		*at = (unsigned char) (*at + changes[i].add);
		forged_sign(&file);
		test_write(path, file.bytes, file.len);
		refuse(path, changes[i].error);
		free(file.bytes);
	}
}

/* Right in itself, but not what the chunks hold: only level "data" sees it. */
static void
test_forged_hashes(void)
{
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("forged");

	for (int at = 24; at <= 56; at += 32) /* CRC-32, SHA-256 */
	{
		zdb_err err = {0};
		forged file;

		sample_write(&image, path, &runner, &err);
		forged_load(&file, path);
		file.group[2 * ZDB_ENTRY_BYTES + at] ^= 1;
		forged_sign(&file);
		test_write(path, file.bytes, file.len);
		free(file.bytes);
		scan_index(path, &err);
		if (at == 24)
			test_ok(!err.code, "the index is consistent (%s)", err.msg);
		else
			test_err(&err, ZDB_DAMAGED, "the sums of pages 9-16 are not what");
		zdb_err_clear(&err);
		sample_scan(path, &runner, NULL, &err);
		test_err(&err, ZDB_DAMAGED, "chunk 2 (pages 9-16; bytes ");
		test_ok(strstr(err.msg, at == 24 ? "wrong CRC-32" : "wrong SHA-256"),
				"and what is wrong is said");
	}
}

typedef struct stopper
{
	int left;
	int calls;
	uint64_t last;
	bool backwards;
} stopper;

static bool
stop(void *arg)
{
	stopper *self = arg;

	return self->left-- == 0;
}

static void
progress(void *arg, uint64_t done_bytes, uint64_t total_bytes)
{
	stopper *self = arg;

	self->calls++;
	self->backwards =
		self->backwards || done_bytes < self->last || done_bytes > total_bytes;
	self->last = done_bytes;
}

/* A scan that is stopped when it asks for the n-th time. */
static zdb_rc
scan_stopped(const char *path, int n, stopper *self, zdb_scan_result *result)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_host host = {stop, progress, self};
	zdb_scan_options options = {.runner = &runner, .host = &host};
	zdb_reader *reader = NULL;
	zdb_err err = {0};

	*self = (stopper){.left = n};
	if (zdb_reader_open(&(zdb_store_options){.where = path}, NULL, &reader,
						&err) == ZDB_OK)
		zdb_scan(reader, &options, result, &err);
	zdb_reader_free(reader);
	return err.code;
}

static void
test_stopped(const char *what, const char *path)
{
	zdb_scan_result result;
	stopper self;
	int n = 0;

	while (scan_stopped(path, n, &self, &result) == ZDB_CANCELLED &&
		   !result.complete && n < 10000)
		n++;
	test_ok(n >= 2 && n < 10000 && result.complete && self.calls > 0 &&
				!self.backwards,
			"%s: can be stopped at %d moments; progress only grows", what, n);
}

static void
test_foreign(void)
{
	zdb_runner runner = zdb_runner_inline();
	uint8_t page[1024] = "SQLite format 3";
	char *path = test_path("foreign");
	zdb_err err = {0};

	zdb_put16(page + 16, 2); /* big-endian 512 */
	page[31] = 2;            /* pages */
	test_write(path, page, sizeof page);
	sample_scan(path, &runner, NULL, &err);
	test_ok(!err.code, "a database of two pages (%s)", err.msg);
	test_stopped("foreign", path);
	test_write(path, page, 1000);
	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_DAMAGED, "not a whole number of pages");
	zdb_err_clear(&err);
	test_write(path, page, 512);
	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_DAMAGED, "has 1 pages, its header says 2");
	zdb_err_clear(&err);
	page[92] = 1; /* an old library wrote last: the size is not valid */
	test_write(path, page, 512);
	sample_scan(path, &runner, NULL, &err);
	test_ok(!err.code, "a size that is not valid is not believed");
	page[17] = 3;
	test_write(path, page, 512);
	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_DAMAGED, "page size 515");
}

/* A database that ends like a backup, because it holds one as a value. */
static void
test_lookalike(void)
{
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("lookalike");
	uint8_t pages[20 * 512] = "SQLite format 3";
	zdb_err err = {0};
	forged file;

	sample_write(&image, path, &runner, &err);
	forged_load(&file, path);
	zdb_put16(pages + 16, 2);
	memcpy(pages + sizeof pages - FOOTER_BLOCK,
		   file.bytes + file.len - FOOTER_BLOCK, FOOTER_BLOCK);
	test_write(path, pages, sizeof pages);
	free(file.bytes);
	sample_scan(path, &runner, NULL, &err);
	test_ok(!err.code, "its footer is not taken for the file's (%s)", err.msg);
}

static void
test_result(void)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_scan_options options = {.runner = &runner};
	static const char *const codecs[] = {"gzip", "zstd", "none"};

	for (int i = 0; i < 3; i++)
	{
		sample what = {codecs[i], true, 20 * 512, 4096};
		char *path = test_path("result");
		uint8_t sha256[ZDB_SHA256_BYTES];
		zdb_scan_result result;
		zdb_reader *reader = NULL;
		unsigned char *bytes;
		zdb_err err = {0};
		size_t len;

		sample_write(&what, path, &runner, &err);
		bytes = test_read(path, &len);
		zdb_sha256(bytes, len, sha256, &err);
		free(bytes);
		zdb_reader_open(&(zdb_store_options){.where = path}, NULL, &reader,
						&err);
		zdb_scan(reader, &options, &result, &err);
		zdb_reader_free(reader);
		test_ok(!err.code && result.complete && result.chunks == 4 &&
					result.raw_bytes == what.bytes &&
					memcmp(result.file_sha256, sha256, sizeof sha256) == 0,
				"%s: chunks, bytes and the file's SHA-256", codecs[i]);
		test_stopped(codecs[i], path);
	}
}

int
main(void)
{
	test_forged_entries();
	test_forged_hashes();
	test_foreign();
	test_lookalike();
	test_result();
	return test_done();
}
