/*
 * test_age - what is encrypted comes back, any range of it, or an error
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/age/open.h"
#include "core/age/sink.h"
#include "test/core/age_test.h"
#include "test/core/test.h"

#define CHUNK ZDB_AGE_CHUNK_BYTES

static uint8_t
byte_at(size_t i)
{
	return (uint8_t) (i * 2654435761u >> 11);
}

static uint8_t *
sample(size_t len)
{
	uint8_t *bytes = malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		bytes[i] = byte_at(i);
	return bytes;
}

static zdb_rc
open_sink(const char *path, uint32_t hold, zdb_sink **sink, zdb_err *err)
{
	zdb_age_recipients recipients = {0};
	zdb_sink *file;

	if (zdb_sink_file_open(path, true, &file, err))
		return err->code;
	if (zdb_age_recipients_add(&recipients, BOB " " ANN, err))
		zdb_sink_free(file);
	else
		zdb_age_sink_open(file, &recipients, hold, sink, err);
	zdb_age_recipients_clear(&recipients);
	return err->code;
}

/* Write len sample bytes in pieces; the first hold bytes come last. */
static zdb_rc
write_file(const char *path, size_t len, uint32_t hold, size_t piece,
		   zdb_err *err)
{
	size_t late = hold < len ? hold : len;
	uint8_t *bytes = sample(len);
	zdb_sink *sink = NULL;

	memset(bytes, 0, late);
	if (open_sink(path, hold, &sink, err) == ZDB_OK)
	{
		for (size_t at = 0; at < len; at += piece)
			zdb_sink_write(sink, bytes + at,
						   len - at < piece ? len - at : piece, err);
		for (size_t i = 0; i < late; i++)
			bytes[i] = byte_at(i);
		zdb_sink_rewrite(sink, bytes, late, err);
		zdb_sink_finish(sink, err);
		zdb_sink_free(sink);
	}
	free(bytes);
	return err->code;
}

static zdb_rc
open_file(const char *path, const char *identities, zdb_source **source,
		  zdb_err *err)
{
	zdb_age_keys keys = {0};

	if (zdb_source_file_open(path, source, err) == ZDB_OK &&
		(zdb_age_keys_parse(&keys, "keys", identities, err) ||
		 zdb_age_open(source, &keys, err)))
	{
		zdb_source_free(*source);
		*source = NULL;
	}
	zdb_age_keys_clear(&keys);
	return err->code;
}

static bool
range_is(zdb_source *source, size_t offset, size_t len, zdb_err *err)
{
	uint8_t *got = malloc(len + 1);
	bool same = zdb_source_read(source, offset, got, len, err) == ZDB_OK;

	for (size_t i = 0; i < len && same; i++)
		same = got[i] == byte_at(offset + i);
	free(got);
	return same;
}

/* Can all of it be read, and is it right? */
static bool
reads_back(const char *path, size_t len, zdb_err *err)
{
	zdb_source *source = NULL;
	bool same = false;

	if (open_file(path, ANN_KEY "\n", &source, err) == ZDB_OK)
		same = source->bytes == len && range_is(source, 0, len, err);
	zdb_source_free(source);
	return same;
}

static void
test_round_trips(void)
{
	static const size_t sizes[] = {
		0,         1,         100,           CHUNK - 1,      CHUNK,
		CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1, 3 * CHUNK + 17, 40 * CHUNK};
	static const uint32_t holds[] = {0, CHUNK, CHUNK + 60};
	static const size_t pieces[] = {4096, CHUNK, 5 * CHUNK + 1};
	char *path = test_path("a");
	int bad = 0;

	for (int size = 0; size < 10; size++)
		for (int hold = 0; hold < 3; hold++)
			for (int piece = 0; piece < 3; piece++)
			{
				zdb_err err = {0};

				write_file(path, sizes[size], holds[hold], pieces[piece],
						   &err);
				if (err.code || !reads_back(path, sizes[size], &err))
				{
					bad++;
					printf("# %zu bytes, %u held, by %zu: %s\n", sizes[size],
						   holds[hold], pieces[piece], err.msg);
				}
			}
	test_ok(bad == 0, "every size, held and cut in any way, comes back");
}

static void
test_ranges(void)
{
	size_t len = 20 * CHUNK + 1234;
	zdb_source *source = NULL;
	unsigned int seed = 7;
	zdb_err err = {0};
	int bad = 0;

	write_file(test_path("a"), len, 0, CHUNK, &err);
	open_file(test_path("a"), BOB_KEY, &source, &err);
	for (int i = 0; i < 300; i++)
	{
		size_t from = (seed = seed * 1103515245 + 12345) % len;
		size_t most = i % 3 ? 300000 : 100;
		size_t part = (seed >> 7) % most;

		part = part < len - from ? part : len - from;
		bad += !range_is(source, from, part, &err);
	}
	test_ok(bad == 0 && !err.code, "300 ranges are what they should be: %s",
			err.msg);
	zdb_source_read(source, len, &bad, 1, &err);
	test_err(&err, ZDB_DAMAGED, "byte");
	zdb_source_free(source);
}

static void
test_decrypts_what_it_must(void)
{
	size_t len = 100 * CHUNK;
	zdb_source *source = NULL;
	zdb_err err = {0};

	write_file(test_path("a"), len, 0, CHUNK, &err);
	open_file(test_path("a"), ANN_KEY, &source, &err);
	test_ok(zdb_age_source_opened(source) == 1, "opening decrypts the last");
	range_is(source, len - 5000, 5000, &err);
	range_is(source, len - 100, 100, &err);
	test_ok(zdb_age_source_opened(source) == 1, "the end is there already");
	range_is(source, 10 * CHUNK + 5, 100, &err);
	range_is(source, 10 * CHUNK + 500, 100, &err);
	test_ok(zdb_age_source_opened(source) == 2, "a byte costs one chunk");
	for (size_t at = 20 * CHUNK; at < 40 * CHUNK; at += 10000)
		range_is(source, at, 10000, &err);
	test_ok(zdb_age_source_opened(source) == 2 + 21 && !err.code,
			"in order each chunk is decrypted once (%llu)",
			(unsigned long long) zdb_age_source_opened(source));
	zdb_source_free(source);
}

/* What a sink has written so far. */
static unsigned char *
so_far(zdb_sink *file, size_t *len)
{
	zdb_source *source = NULL;
	unsigned char *bytes;
	zdb_err err = {0};

	zdb_sink_flush(file, &err);
	zdb_sink_reread(file, &source, &err);
	*len = (size_t) source->bytes;
	bytes = malloc(*len + 1);
	zdb_source_read(source, 0, bytes, *len, &err);
	zdb_source_free(source);
	return bytes;
}

/* While the file is written, zeros stand where the held bytes belong. */
static void
test_sealed_once(void)
{
	size_t len = 3 * CHUNK, before_len, after_len, zeros = 0;
	uint8_t *bytes = sample(len), *before, *after;
	zdb_sink *file, *sink = NULL;
	zdb_age_recipients recipients = {0};
	const size_t header = 68 + 4 * 50; /* more than it is */
	zdb_err err = {0};

	zdb_age_recipients_add(&recipients, ANN, &err);
	zdb_sink_file_open(test_path("once"), false, &file, &err);
	zdb_age_sink_open(file, &recipients, 100, &sink, &err);
	zdb_age_recipients_clear(&recipients);
	zdb_sink_write(sink, bytes, len, &err);
	free(bytes);
	before = so_far(file, &before_len);
	for (size_t i = header; i < CHUNK; i++)
		zeros += before[i] == 0;
	test_ok(zeros == CHUNK - header, "nothing held is on the disk");
	zdb_sink_rewrite(sink, "the head", 8, &err);
	zdb_sink_rewrite(sink, "THE HEAD", 8, &err);
	test_ok(zdb_sink_flush(sink, &err) == ZDB_OK, "the stream ends");
	after = so_far(file, &after_len);
	test_ok(after_len > before_len &&
				memcmp(before + CHUNK + header, after + CHUNK + header,
					   before_len - CHUNK - header) == 0,
			"chunks that were written stay as they are");
	free(before);
	test_ok(zdb_sink_finish(sink, &err) == ZDB_OK, "and appears");
	before = test_read(test_path("once"), &before_len);
	test_ok(before_len == after_len && memcmp(before, after, after_len) == 0,
			"finish seals nothing again");
	zdb_sink_rewrite(sink, "x", 1, &err);
	test_err(&err, ZDB_INTERNAL, "has ended");
	zdb_sink_free(sink);
	free(before);
	free(after);
}

static void
test_sink_refuses(void)
{
	zdb_err err = {0};
	zdb_sink *sink = NULL;

	open_sink(test_path("b"), 10, &sink, &err);
	zdb_sink_write(sink, "12345", 5, &err);
	zdb_sink_rewrite(sink, "123456", 6, &err);
	test_err(&err, ZDB_INTERNAL, "held back");
	zdb_sink_free(sink);
	zdb_err_clear(&err);
	open_sink(test_path("b"), 0, &sink, &err);
	zdb_sink_flush(sink, &err);
	zdb_sink_write(sink, "1", 1, &err);
	test_err(&err, ZDB_INTERNAL, "has ended");
	zdb_sink_free(sink);
	test_ok(access(test_path("b"), F_OK) != 0, "and nothing appears");
}

/* A new file each time: to truncate an old one waits for the disk. */
static void
put(const char *path, const void *bytes, size_t len)
{
	unlink(path);
	test_write(path, bytes, len);
}

/* A file of these bytes must not open, or not read. */
static bool
is_refused(const char *path, const void *bytes, size_t bytes_len, size_t len)
{
	zdb_err err = {0};

	put(path, bytes, bytes_len);
	return !reads_back(path, len, &err) && err.code == ZDB_DAMAGED;
}

static void
test_truncation(void)
{
	size_t len = 5 * CHUNK + 100, whole, header;
	char *path = test_path("a"), *cut = test_path("cut");
	unsigned char *bytes;
	zdb_err err = {0};
	int unnoticed = 0;

	write_file(path, len, 0, CHUNK, &err);
	bytes = test_read(path, &whole);
	header = whole - len - 6 * ZDB_AGE_TAG_BYTES;
	for (size_t chunk = 0; chunk <= 5; chunk++)
		for (int near = -20; near <= 20; near++)
		{
			size_t at = header + chunk * ZDB_AGE_SEALED_BYTES + (size_t) near;

			unnoticed += !is_refused(cut, bytes, at, len);
		}
	for (size_t at = 23; at < header + 40; at++)
		unnoticed += !is_refused(cut, bytes, at, len);
	test_ok(unnoticed == 0, "cut anywhere, it is refused");
	test_write(cut, bytes, header + 3 * ZDB_AGE_SEALED_BYTES);
	reads_back(cut, len, &err);
	test_err(&err, ZDB_DAMAGED, "its end, behind encrypted chunk 2");
	free(bytes);
}

static void
test_changes(void)
{
	size_t len = 300, whole;
	char *path = test_path("a"), *changed = test_path("changed");
	unsigned char *bytes;
	zdb_err err = {0};
	int unnoticed = 0;

	write_file(path, len, 0, CHUNK, &err);
	bytes = test_read(path, &whole);
	for (size_t bit = 0; bit < 8 * whole; bit++)
	{
		bytes[bit / 8] ^= (unsigned char) (1 << bit % 8);
		put(changed, bytes, whole);
		zdb_err_clear(&err);
		/* an intro that is none: not an age file any more; a type of
		 * recipient, or his key, that is another's: nobody can open it */
		if (reads_back(changed, len, &err))
		{
			unnoticed++;
			printf("# bit %zu of byte %zu\n", bit % 8, bit / 8);
		}
		bytes[bit / 8] ^= (unsigned char) (1 << bit % 8);
	}
	test_ok(unnoticed == 0, "each bit of header and payload counts");
	free(bytes);
}

static void
test_swapped_chunks(void)
{
	size_t len = 4 * CHUNK, whole, start;
	unsigned char *bytes, *third;
	zdb_err err = {0};
	uint8_t *chunk = malloc(ZDB_AGE_SEALED_BYTES);

	write_file(test_path("a"), len, 0, CHUNK, &err);
	bytes = test_read(test_path("a"), &whole);
	start = whole - 4 * ZDB_AGE_SEALED_BYTES;
	third = bytes + start + 2 * ZDB_AGE_SEALED_BYTES;
	memcpy(chunk, bytes + start, ZDB_AGE_SEALED_BYTES);
	memcpy(bytes + start, third, ZDB_AGE_SEALED_BYTES);
	memcpy(third, chunk, ZDB_AGE_SEALED_BYTES);
	test_write(test_path("swapped"), bytes, whole);
	test_ok(!reads_back(test_path("swapped"), len, &err), "it is noticed");
	test_err(&err, ZDB_DAMAGED, "encrypted chunk 0");
	free(chunk);
	free(bytes);
}

static zdb_rc
write_and_read(void *arg, zdb_err *err)
{
	zdb_source *source = NULL;
	uint8_t bytes[200];

	if (write_file(arg, 3 * CHUNK, 100, 50000, err) ||
		open_file(arg, ANN_KEY, &source, err))
		return err->code;
	zdb_source_read(source, CHUNK - 100, bytes, sizeof bytes, err);
	zdb_source_free(source);
	return err->code;
}

int
main(void)
{
	test_round_trips();
	test_ranges();
	test_decrypts_what_it_must();
	test_sealed_once();
	test_sink_refuses();
	test_truncation();
	test_changes();
	test_swapped_chunks();
	test_break_each("encrypting and decrypting", write_and_read,
					test_path("nomem"));
	return test_done();
}
