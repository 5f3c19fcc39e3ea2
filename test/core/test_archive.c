/*
 * test_archive - what was written is read, in every shape of file
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/pool/pool.h"
#include "test/core/archive_test.h"
#include "test/core/test.h"

/* More than 512 chunks: more than one index group, and a spilled one. */
static const sample samples[] = {
	{"none", true, 100 * 512, 4096},     {"gzip", true, 100 * 512, 4096},
	{"gzip:9", true, 100 * 512, 4096},   {"zstd", true, 100 * 512, 4096},
	{"gzip", false, 100000, 4096},       {"zstd", false, 100000, 4096},
	{"none", false, 100000, 4096},       {"gzip", true, 1200 * 512, 512},
	{"zstd", true, 2000 * 512, 512},     {"none", true, 1200 * 512, 512},
	{"gzip", true, 512, 4096},           {"zstd", false, 1, 4096},
	{"gzip", false, 20000000, 16 << 20}, {"gzip", true, 512 * 512, 512},
};

static void
scan_index(const char *path, zdb_err *err)
{
	zdb_reader *reader = NULL;

	if (zdb_reader_open(&(zdb_store_options){.where = path}, NULL, &reader,
						err) == ZDB_OK)
		zdb_scan_index(reader, NULL, err);
	zdb_reader_free(reader);
}

static void
test_samples(zdb_runner *runner)
{
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
	{
		const sample *what = &samples[i];
		char *path = test_path("sample");
		zdb_err err = {0};
		uint64_t bytes = 0;

		unlink(test_path("sample.zdbi"));
		sample_write(what, path, runner, &err);
		sample_scan(path, runner, &bytes, &err);
		scan_index(path, &err);
		test_ok(!err.code && bytes == what->bytes,
				"%s %s, %u bytes in chunks of %u, width %d (%s)", what->codec,
				what->image ? "image" : "script", what->bytes, what->chunk,
				runner->width, err.msg);
	}
}

typedef struct job
{
	const sample *what;
	char *path;
	zdb_runner runner;
} job;

static zdb_rc
write_and_scan(void *arg, zdb_err *err)
{
	job *self = arg;
	uint64_t bytes;

	if (sample_write(self->what, self->path, &self->runner, err))
		return err->code;
	return sample_scan(self->path, &self->runner, &bytes, err);
}

static void
test_refusals(void)
{
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("refused");
	zdb_err err = {0};
	size_t len;
	unsigned char *bytes;

	test_write(path, "", 0);
	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_FORMAT, "is empty");
	zdb_err_clear(&err);
	test_write(path, "\x01\x02\x03\x04\x05", 5);
	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_FORMAT, "neither a SQLite database nor an SQL script");
	zdb_err_clear(&err);

	/* cut where a member ends: gzip -t would be content */
	sample_write(&samples[1], path, &runner, &err);
	bytes = test_read(path, &len);
	test_write(path, bytes, len - 170);
	free(bytes);
	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_DAMAGED, "footer is missing");
	zdb_err_clear(&err);

	/* a damaged chunk is named, with its pages and its place */
	sample_write(&samples[1], path, &runner, &err);
	bytes = test_read(path, &len);
	bytes[2000] ^= 1;
	test_write(path, bytes, len);
	free(bytes);
	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_DAMAGED, "chunk ");
	test_ok(strstr(err.msg, "pages ") && strstr(err.msg, "of the file"),
			"the message names pages and bytes: %s", err.msg);
	zdb_err_clear(&err);

	/* a plain file replaced behind its index */
	path = test_path("plain");
	sample_write(&samples[0], path, &runner, &err);
	test_write(path, "SQLite format 3", 16);
	sample_scan(path, &runner, NULL, &err);
	test_err(&err, ZDB_DAMAGED, "does not match its index");
	unlink(test_path("plain.zdbi"));
}

static void
test_abandoned(void)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_writer_options options = {.to.where = test_path("abandoned"),
								  .codec = {ZDB_CODEC_NONE, 0},
								  .runner = &runner};
	zdb_writer *writer;
	zdb_err err = {0};
	char command[300];

	zdb_writer_open(&options, &writer, &err);
	zdb_writer_free(writer);
	snprintf(command, sizeof command, "ls -A %s | grep -q abandoned",
			 test_dir());
	test_ok(system(command) != 0, "free before finish leaves nothing");
}

int
main(void)
{
	zdb_runner inline_runner = zdb_runner_inline();
	zdb_err err = {0};
	zdb_pool *pool = zdb_pool_new(3, &err);

	test_samples(&inline_runner);
	test_samples(zdb_pool_runner(pool));
	zdb_pool_free(pool);
	test_refusals();
	test_abandoned();
	for (int i = 0; i < 4; i++)
	{
		job one = {&samples[i], test_path("broken"), zdb_runner_inline()};

		unlink(test_path("broken.zdbi"));
		test_break_each(samples[i].codec, write_and_scan, &one);
	}
	return test_done();
}
