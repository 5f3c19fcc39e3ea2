/*
 * test_image - random reads give the database's bytes, each chunk is read
 * once or twice and checked, and what is wrong is an error that says where
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/image.h"
#include "core/base/bytes.h"
#include "core/pool/pool.h"
#include "test/core/archive_test.h"
#include "test/core/test.h"

#define BYTES (200 * 512)
#define CHUNK 4096
#define CHUNKS (1 + BYTES / CHUNK)

static const char *const codecs[] = {"gzip", "zstd", "none"};

/* An image, and what it was opened from. */
typedef struct opened
{
	zdb_reader *reader;
	zdb_image *image;
} opened;

static zdb_runner *threads; /* or NULL: none look ahead */

static zdb_rc
open_image(opened *self, const char *path, const zdb_host *host,
		   uint64_t bytes_max, zdb_err *err)
{
	zdb_image_options options = {.host = host, .runner = threads};

	*self = (opened){0};
	if (zdb_reader_open(&(zdb_store_options){.where = path}, NULL,
						&self->reader, err))
		return err->code;
	if (zdb_scratch_open(&options.scratch, test_path("scratch"), err))
		return err->code;
	options.scratch.bytes_max = bytes_max;
	return zdb_image_open(self->reader, &options, &self->image, err);
}

static void
close_image(opened *self)
{
	zdb_image_free(self->image);
	zdb_reader_free(self->reader);
}

static const char *
write_sample(const char *codec, bool image)
{
	sample what = {codec, image, BYTES, CHUNK};
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path(codec);
	zdb_err err = {0};

	sample_write(&what, path, &runner, &err);
	return path;
}

/* Are these the sample's bytes? */
static bool
reads_right(zdb_image *image, uint64_t offset, size_t len, zdb_err *err)
{
	uint8_t bytes[3 * CHUNK];

	if (zdb_image_read(image, offset, bytes, len, err))
		return false;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != sample_byte(offset + i))
			return false;
	return true;
}

static bool
reads_all(zdb_image *image, zdb_err *err)
{
	for (uint64_t at = 0; at < BYTES; at += 512)
		if (!reads_right(image, at, 512, err))
			return false;
	return true;
}

static void
test_random_reads(void)
{
	for (size_t c = 0; c < sizeof codecs / sizeof codecs[0]; c++)
	{
		const char *path = write_sample(codecs[c], true);
		unsigned int seed = 1;
		bool right = true;
		zdb_err err = {0};
		opened it;

		open_image(&it, path, NULL, 0, &err);
		test_ok(it.image && zdb_image_bytes(it.image) == BYTES,
				"%s: an image opens", codecs[c]);
		for (int i = 0; i < 2000 && right; i++)
		{
			uint64_t at = (uint64_t) rand_r(&seed) % BYTES;
			size_t len = (size_t) rand_r(&seed) % (3 * CHUNK);

			len = len < BYTES - at ? len : (size_t) (BYTES - at);
			right = reads_right(it.image, at, len, &err);
		}
		test_ok(right, "%s: any range has the database's bytes", codecs[c]);
		test_ok(zdb_image_chunks_read(it.image) <= 2 * CHUNKS &&
					zdb_image_kept_bytes(it.image) == BYTES,
				"%s: every chunk was read twice at most", codecs[c]);
		close_image(&it);
	}
}

static void
test_few_chunks(void)
{
	const char *path = write_sample("gzip", true);
	zdb_err err = {0};
	opened it;

	open_image(&it, path, NULL, 0, &err);
	test_ok(zdb_image_chunks_read(it.image) == 0, "opening reads no chunk");
	reads_right(it.image, 0, 100, &err);
	reads_right(it.image, 11 * CHUNK + 100, 512, &err);
	reads_right(it.image, 11 * CHUNK + 700, 512, &err);
	test_ok(zdb_image_chunks_read(it.image) == 2,
			"only chunks that are needed are read");
	reads_right(it.image, 23 * CHUNK - 1, 2, &err);
	test_ok(zdb_image_chunks_read(it.image) == 4,
			"a range may lie in two chunks");
	test_ok(!err.code && zdb_image_kept_bytes(it.image) == 512 + 3 * CHUNK,
			"and only they are kept");
	close_image(&it);
}

/* What was checked is what is read, whatever becomes of the file. */
static void
test_kept(void)
{
	const char *path = write_sample("none", true);
	unsigned char *bytes;
	zdb_err err = {0};
	size_t len;
	opened it;

	open_image(&it, path, NULL, 0, &err);
	test_ok(reads_all(it.image, &err) && reads_all(it.image, &err),
			"a plain backup is read, and again");
	bytes = test_read(path, &len);
	memset(bytes, 0xff, len);
	test_write(path, bytes, len);
	free(bytes);
	test_ok(reads_all(it.image, &err), "and then from what was kept");
	close_image(&it);
}

static void
test_damaged_chunk(void)
{
	for (size_t c = 0; c < sizeof codecs / sizeof codecs[0]; c++)
	{
		const char *path = write_sample(codecs[c], true);
		zdb_entry entry;
		unsigned char *bytes;
		zdb_err err = {0};
		size_t len;
		opened it;

		open_image(&it, path, NULL, 0, &err);
		zdb_reader_entry(it.reader, 3, &entry, &err);
		close_image(&it);
		bytes = test_read(path, &len);
		bytes[entry.file_offset + entry.stored_bytes / 2] ^= 1;
		test_write(path, bytes, len);
		free(bytes);

		open_image(&it, path, NULL, 0, &err);
		test_ok(!err.code && reads_right(it.image, CHUNK, 512, &err),
				"%s: chunks beside a damaged one are read", codecs[c]);
		for (int i = 0; i < 2; i++)
		{
			zdb_err again = {0};

			test_ok(!reads_right(it.image, 2 * CHUNK, 512, &again),
					"%s: the damaged one is not", codecs[c]);
			test_err(&again, ZDB_DAMAGED,
					 "is damaged: chunk 3 (pages 17-24; bytes ");
			test_err(&again, ZDB_DAMAGED, path);
		}
		close_image(&it);
	}
}

/* In order, other threads check what follows; a damaged chunk is no error
 * before it is wanted, and those behind it are read. */
static void
test_in_order(void)
{
	const char *path = write_sample("zstd", true);
	zdb_err err = {0};
	zdb_pool *pool = zdb_pool_new(3, &err);
	unsigned char *bytes;
	zdb_entry entry;
	size_t len;
	opened it;

	threads = zdb_pool_runner(pool);
	open_image(&it, path, NULL, 0, &err);
	zdb_reader_entry(it.reader, 10, &entry, &err);
	test_ok(reads_all(it.image, &err), "all is read in order");
	test_ok(zdb_image_chunks_read(it.image) == CHUNKS &&
				zdb_image_kept_bytes(it.image) < 3 * CHUNK,
			"every chunk once, and is not kept");
	close_image(&it);
	bytes = test_read(path, &len);
	bytes[entry.file_offset + entry.stored_bytes / 2] ^= 1;
	test_write(path, bytes, len);
	free(bytes);

	open_image(&it, path, NULL, 0, &err);
	for (uint64_t at = 0; at < 9 * CHUNK; at += 512)
		reads_right(it.image, at, 512, &err);
	test_ok(!err.code, "chunks before a damaged one are read in order");
	test_ok(!reads_right(it.image, 9 * CHUNK, 512, &err), "that one is not");
	test_err(&err, ZDB_DAMAGED, "is damaged: chunk 10 (pages 73-80; bytes ");
	err = (zdb_err){0};
	test_ok(reads_right(it.image, 10 * CHUNK, 512, &err), "the next one is");
	close_image(&it);
	threads = NULL;
	zdb_pool_free(pool);
}

/* Every hash is right, but the index tells stories. */
static void
test_forged_index(void)
{
	static const struct
	{
		int entry;
		int at; /* offset in the entry */
		int add;
	} changes[] = {
		{0, 8, 1},  /* chunk 0 does not begin the whole */
		{1, 9, 2},  /* chunk 1 begins 512 bytes late */
		{2, 9, 2},  /* so does chunk 2 */
		{1, 21, 2}, /* longer: all others would be elsewhere */
		{1, 21, -2}, {2, 21, -2}, {9, 0, 1}, /* not where it is stored */
	};
	const char *path = write_sample("gzip", true);

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
	{
		unsigned char *at;
		forged file;
		zdb_err err = {0};
		opened it;

		forged_load(&file, write_sample("gzip", true));
		at = file.group + changes[i].entry * ZDB_ENTRY_BYTES + changes[i].at;
		*at = (unsigned char) (*at + changes[i].add);
		forged_sign(&file);
		test_write(path, file.bytes, file.len);
		free(file.bytes);
		if (open_image(&it, path, NULL, 0, &err) == ZDB_OK)
			test_ok(!reads_all(it.image, &err), "a forged index is noticed");
		test_err(&err, ZDB_DAMAGED, path);
		close_image(&it);
	}
}

/* A database of so many pages of 512 bytes, with a header that says so. */
static const char *
write_foreign(uint32_t pages, uint32_t said)
{
	unsigned char *bytes = malloc(pages * 512);
	char *path = test_path("foreign.db");

	for (uint32_t i = 0; i < pages * 512; i++)
		bytes[i] = sample_byte(i);
	bytes[16] = 2;
	bytes[17] = 0;
	memset(bytes + 24, 0, 4);
	memset(bytes + 92, 0, 4);
	for (int i = 0; i < 4; i++)
		bytes[28 + i] = (unsigned char) (said >> (24 - 8 * i));
	test_write(path, bytes, pages * 512);
	free(bytes);
	return path;
}

static void
test_foreign(void)
{
	static const char *const pack[] = {"", "gzip -kf %s",
									   "zstd -kqf --single-thread %s"};
	static const char *const suffix[] = {"", ".gz", ".zst"};
	const char *path = write_foreign(BYTES / 512, BYTES / 512);
	char command[400], name[400];

	for (int i = 0; i < 3; i++)
	{
		uint64_t kept = i == 0 ? 0 : BYTES;
		zdb_err err = {0};
		opened it;

		snprintf(command, sizeof command, pack[i], path);
		if (*command && system(command) != 0)
			test_ok(false, "%s", command);
		snprintf(name, sizeof name, "%s%s", path, suffix[i]);
		open_image(&it, name, NULL, 0, &err);
		test_ok(!err.code && zdb_image_bytes(it.image) == BYTES &&
					reads_right(it.image, BYTES - 700, 700, &err) &&
					reads_right(it.image, 1000, 5000, &err),
				"a file that we did not write is read: %s", suffix[i]);
		test_ok(it.image && zdb_image_chunks_read(it.image) == 0 &&
					zdb_image_kept_bytes(it.image) == kept,
				"it has no chunks, and a plain one is not copied");
		close_image(&it);
	}
}

static void
test_refused(void)
{
	zdb_err err = {0};
	opened it;

	open_image(&it, write_sample("gzip", false), NULL, 0, &err);
	test_err(&err, ZDB_FORMAT, "holds an SQL script, not a database");
	close_image(&it);
	zdb_err_clear(&err);
	open_image(&it, write_foreign(10, 11), NULL, 0, &err);
	test_err(&err, ZDB_DAMAGED, "has 10 pages, its header says 11");
	close_image(&it);
}

static void
test_limit(void)
{
	zdb_err err = {0};
	opened it;

	open_image(&it, write_sample("gzip", true), NULL, 3 * CHUNK, &err);
	test_ok(reads_all(it.image, &err) && !reads_all(it.image, &err),
			"a limit on scratch files holds");
	test_err(&err, ZDB_DISK_FULL, "needs more than 12288 bytes");
	test_ok(zdb_image_kept_bytes(it.image) == 3 * CHUNK,
			"up to it chunks are read");
	close_image(&it);
}

static bool
stop(void *arg)
{
	return *(bool *) arg;
}

static void
test_cancelled(void)
{
	bool stopped = false;
	zdb_host host = {.stop = stop, .arg = &stopped};
	zdb_err err = {0};
	opened it;

	open_image(&it, write_sample("zstd", true), &host, 0, &err);
	test_ok(reads_right(it.image, 0, 512, &err), "the host lets it go on");
	stopped = true;
	test_ok(reads_right(it.image, 100, 412, &err), "what is kept is read");
	reads_right(it.image, 9 * CHUNK, 512, &err);
	test_err(&err, ZDB_CANCELLED, "");
	close_image(&it);
}

static zdb_rc
read_whole(void *arg, zdb_err *err)
{
	opened it;

	if (open_image(&it, arg, NULL, 0, err) == ZDB_OK)
		reads_all(it.image, err);
	close_image(&it);
	return err->code;
}

int
main(void)
{
	char path[4096];

	test_random_reads();
	test_few_chunks();
	test_kept();
	test_damaged_chunk();
	test_in_order();
	test_forged_index();
	test_foreign();
	test_refused();
	test_limit();
	test_cancelled();
	snprintf(path, sizeof path, "%s", write_sample("gzip", true));
	test_break_each("reading an image", read_whole, path);
	return test_done();
}
