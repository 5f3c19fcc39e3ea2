/*
 * test_mutate - no change to any file of the format goes unnoticed
 *
 * Small archives are changed some thousand times (bits flipped; ranges cut,
 * zeroed, swapped, doubled; bytes appended), and every time opening or
 * scanning must fail.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/core/archive_test.h"
#include "test/core/row_test.h"
#include "test/core/test.h"

#define CHANGES_A_KIND 250

static unsigned int seed = 42;

static size_t
below(size_t n)
{
	seed = seed * 1103515245 + 12345;
	return n ? (seed >> 8) % n : 0;
}

typedef struct bytes
{
	unsigned char *at;
	size_t len;
} bytes;

static bytes
copy_of(const bytes *from)
{
	bytes copy = {malloc(2 * from->len + 100), from->len};

	memcpy(copy.at, from->at, from->len);
	return copy;
}

static void
flip_bit(bytes *file)
{
	file->at[below(file->len)] ^= (unsigned char) (1 << below(8));
}

static void
cut_range(bytes *file)
{
	size_t from = below(file->len), len = 1 + below(file->len - from);

	memmove(file->at + from, file->at + from + len, file->len - from - len);
	file->len -= len;
}

static void
cut_end(bytes *file)
{
	file->len -= 1 + below(file->len);
}

static void
zero_range(bytes *file)
{
	size_t from = below(file->len);

	memset(file->at + from, 0, 1 + below(file->len - from));
}

static void
swap_ranges(bytes *file)
{
	size_t len = 1 + below(file->len / 3);
	size_t a = below(file->len - 2 * len + 1);
	size_t b = a + len + below(file->len - a - 2 * len + 1);

	for (size_t i = 0; i < len; i++)
	{
		unsigned char byte = file->at[a + i];

		file->at[a + i] = file->at[b + i];
		file->at[b + i] = byte;
	}
}

static void
double_range(bytes *file)
{
	size_t from = below(file->len), len = 1 + below(file->len - from);

	memmove(file->at + from + len, file->at + from, file->len - from);
	file->len += len;
}

static void
append(bytes *file)
{
	size_t len = 1 + below(100);

	for (size_t i = 0; i < len; i++)
		file->at[file->len++] = below(2) ? 0 : (unsigned char) below(256);
}

/* Over the old one: to empty it first waits for the disk, and to make a new
 * one passes by all that were deleted lately, on ext4 without a journal. */
static void
put(const char *path, const bytes *file)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || pwrite(fd, file->at, file->len, 0) != (ssize_t) file->len ||
		ftruncate(fd, (off_t) file->len) != 0 || close(fd) != 0)
		abort();
}

static int version; /* of the sample */

/* Instead of what the sample holds: the tables' rows. */
static bool of_rows;

/* Is the changed file refused? A file that is not ours any more may also be
 * refused later, by SQLite: an image that lost its mark must not pass as a
 * sound database of the same content. */
static bool
is_refused(const char *path, zdb_runner *runner)
{
	zdb_err err = {0};
	uint64_t raw;

	if (of_rows)
		return sample_scan_of(path, runner, 0, false, NULL, &err) != ZDB_OK;
	return sample_scan_of(path, runner, version, false, &raw, &err) != ZDB_OK;
}

static void
test_changes(const char *name, const char *backup, const char *changed)
{
	static void (*const changes[])(bytes *) = {
		flip_bit,   flip_bit,    cut_range, cut_end,
		zero_range, swap_ranges, append,    double_range};
	zdb_runner runner = zdb_runner_inline();
	int unnoticed = 0, made = 0;
	bytes whole;

	whole.at = test_read(changed, &whole.len);
	for (size_t kind = 0; kind < sizeof changes / sizeof changes[0]; kind++)
		for (int i = 0; i < CHANGES_A_KIND; i++)
		{
			bytes file = copy_of(&whole);

			changes[kind](&file);
			if (file.len != whole.len ||
				memcmp(file.at, whole.at, whole.len) != 0)
			{
				made++;
				put(changed, &file);
				if (!is_refused(backup, &runner))
				{
					unnoticed++;
					printf("# change %d of kind %zu, %zu -> %zu bytes\n", i,
						   kind, whole.len, file.len);
				}
			}
			free(file.at);
		}
	put(changed, &whole);
	free(whole.at);
	test_ok(unnoticed == 0 && made > 1000,
			"%s: %d changes, %d of them unnoticed", name, made, unnoticed);
}

/* Each bit of what stands after the chunks. */
static void
test_tail_bits(const char *name, const char *backup, const char *changed,
			   size_t tail)
{
	zdb_runner runner = zdb_runner_inline();
	int unnoticed = 0;
	bytes whole;

	whole.at = test_read(changed, &whole.len);
	tail = tail < whole.len ? tail : whole.len;
	for (size_t bit = 0; bit < 8 * tail; bit++)
	{
		unsigned char *at = &whole.at[whole.len - 1 - bit / 8];

		*at ^= (unsigned char) (1 << bit % 8);
		put(changed, &whole);
		if (!is_refused(backup, &runner))
		{
			unnoticed++;
			printf("# byte %zu from the end\n", bit / 8 + 1);
		}
		*at ^= (unsigned char) (1 << bit % 8);
	}
	put(changed, &whole);
	free(whole.at);
	test_ok(unnoticed == 0, "%s: bits of the tail", name);
}

/* An incremental backup, and what it stands on. */
static void
test_chain(const sample *what)
{
	char *base = test_path("base"), *next = test_path("next");
	zdb_runner runner = zdb_runner_inline();
	zdb_err err = {0};
	uint64_t raw;

	version = 1;
	sample_upon(what, NULL, 0, false, base, &runner, &err);
	sample_upon(what, base, 1, false, next, &runner, &err);
	sample_scan_of(next, &runner, 1, false, &raw, &err);
	test_ok(!err.code, "%s incremental: %s", what->codec, err.msg);
	test_changes("incremental", next, next);
	test_tail_bits("incremental", next, next, 1500);
	test_changes("its base", next, base);
	version = 0;
}

/* Patches of rows upon patches of rows. */
static void
test_rows(const char *codec)
{
	char *paths[] = {test_path("r0"), test_path("r1"), test_path("r2")};
	zdb_err err = {0};

	of_rows = true;
	for (int i = 0; i < 3 && !err.code; i++)
		rows_write(codec, i ? paths[i - 1] : NULL, i, paths[i], &err);
	test_ok(!err.code, "%s rows: %s", codec, err.msg);
	test_changes("patched rows", paths[2], paths[2]);
	test_changes("their base", paths[2], paths[1]);
	test_changes("mapped rows", paths[2], paths[0]);
	of_rows = false;
}

int
main(void)
{
	static const sample samples[] = {
		{"gzip", true, 12 * 512, 1024}, {"gzip:9", true, 12 * 512, 1024},
		{"zstd", true, 12 * 512, 1024}, {"gzip", false, 5000, 1000},
		{"zstd", false, 5000, 1000},    {"none", true, 12 * 512, 1024},
		{"none", false, 5000, 1000},    {"gzip", true, 300 * 512, 1024},
		{"none", true, 12 * 512, 1024},
	};
	const size_t plain = sizeof samples / sizeof samples[0] - 2;
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("a"), *sidecar = test_path("a.zdbi");

	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
	{
		zdb_err err = {0};
		char name[50];

		snprintf(name, sizeof name, "%s %s%s", samples[i].codec,
				 samples[i].image ? "image" : "script",
				 i < plain ? "" : ", encrypted");
		unlink(sidecar);
		if (i < plain)
			sample_write(&samples[i], path, &runner, &err);
		else
			sample_encrypt(&samples[i], path, &runner, &err);
		test_changes(name, path, path);
		if (access(sidecar, F_OK) != 0)
		{
			test_tail_bits(name, path, path, 1500);
			continue;
		}
		test_changes("sidecar", path, sidecar);
		test_tail_bits("sidecar", path, sidecar, 1500);
	}
	test_chain(&(sample){"gzip", true, 100 * 512, 4096});
	test_chain(&(sample){"zstd", true, 100 * 512, 4096});
	test_rows("gzip");
	test_rows("zstd");
	return test_done();
}
