/*
 * test_writer - a file appears whole or not at all, whatever goes wrong
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/core/archive_test.h"
#include "test/core/test.h"

static const sample plain = {"none", true, 20 * 512, 4096};
static const sample gzip = {"gzip", true, 30 * 512, 4096};
static const zdb_chunk_about rows = {.kind = ZDB_CHUNK_ROWS, .count = 1};
static const zdb_manifest manifest = {
	.format = 1,
	.tool = (char *) "test",
	.engine = (char *) "sqlite",
	.engine_version = (char *) "3",
	.database = (char *) "app",
	.type = (char *) "data",
	.encoding = (char *) "UTF-8",
	.content = ZDB_CONTENT_SCRIPT,
};

static const uint8_t no_sum[ZDB_SHA256_BYTES];

static bool
exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static int
files(void)
{
	char command[200];
	FILE *list;
	int count = 0;

	snprintf(command, sizeof command, "ls -A %s | wc -l", test_dir());
	list = popen(command, "r");
	if (!list || fscanf(list, "%d", &count) != 1)
		abort();
	pclose(list);
	return count;
}

static bool
is_sound(const char *path, const sample *what)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_err err = {0};
	uint64_t bytes = 0;

	sample_scan(path, &runner, &bytes, &err);
	return !err.code && bytes == what->bytes;
}

static zdb_writer *
open_writer(const char *path, bool overwrite, uint32_t head_bytes,
			zdb_runner *runner, zdb_err *err)
{
	zdb_writer_options options = {.to.where = path,
								  .overwrite = overwrite,
								  .codec = {ZDB_CODEC_GZIP, 3},
								  .runner = runner,
								  .head_bytes = head_bytes};
	zdb_writer *writer = NULL;

	zdb_writer_open(&options, &writer, err);
	return writer;
}

static zdb_rc
give(zdb_writer *writer, const char *text, zdb_err *err)
{
	uint8_t *raw;

	if (zdb_writer_lend(writer, (uint32_t) strlen(text), &raw, err))
		return err->code;
	memcpy(raw, text, strlen(text));
	return zdb_writer_chunk(writer, (uint32_t) strlen(text), &rows, err);
}

/* One path, both ways: each file must be read with its own index. */
static void
test_overwrite(void)
{
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("o"), *sidecar = test_path("o.zdbi");
	zdb_err err = {0};

	sample_write(&plain, path, &runner, &err);
	test_ok(exists(sidecar) && is_sound(path, &plain), "a plain backup");
	sample_write(&gzip, path, &runner, &err);
	test_ok(!err.code && is_sound(path, &gzip),
			"a compressed one in its place is not read with its index");
	sample_write(&plain, path, &runner, &err);
	test_ok(!err.code && exists(sidecar) && is_sound(path, &plain),
			"and a plain one again has its own");
	unlink(path);
	unlink(sidecar);
	unlink(test_path("o.sha256"));
}

static void
test_existing(void)
{
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("e");
	zdb_writer *writer;
	zdb_err err = {0};
	size_t len;
	unsigned char *there;

	writer = open_writer(path, false, 0, &runner, &err);
	give(writer, "SELECT 1;\n", &err);
	zdb_writer_seal(writer, &manifest, &err);
	test_ok(!err.code && !exists(path), "sealed, but not visible");
	test_write(path, "theirs", 6); /* somebody was faster */
	test_ok(zdb_writer_finish(writer, no_sum, &err) == ZDB_EXISTS,
			"a file that came meanwhile is not replaced");
	zdb_writer_free(writer);
	there = test_read(path, &len);
	test_ok(len == 6 && memcmp(there, "theirs", 6) == 0 && files() == 1,
			"it is untouched, and ours is gone");
	free(there);
	zdb_err_clear(&err);
	test_ok(!open_writer(path, false, 0, &runner, &err) &&
				err.code == ZDB_EXISTS,
			"an existing file is refused at once");
	unlink(path);
}

/* After a failure a chunk is missing: what follows must not hide that. */
static void
test_sticky(void)
{
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("s");
	zdb_err err = {0}, later = {0};
	zdb_writer *writer = open_writer(path, false, 0, &runner, &err);
	uint8_t *raw;

	give(writer, "INSERT INTO t VALUES (1);\n", &err);
	zdb_writer_lend(writer, 10, &raw, &err);
	memcpy(raw, "SELECT 1;\n", 10);
	test_mem_break(1); /* the encoder's buffer */
	zdb_writer_chunk(writer, 10, &rows, &err);
	test_mem_break(0);
	for (int i = 0; i < 10 && !err.code; i++)
		give(writer, "SELECT 2;\n", &err);
	test_ok(err.code == ZDB_NOMEM, "a failed task is reported");
	zdb_writer_seal(writer, &manifest, &later);
	test_ok(later.code == ZDB_NOMEM, "and again, to a caller who looks away");
	zdb_writer_free(writer);
	test_ok(files() == 0, "nothing is left");
}

static void
test_incomplete(void)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_err err = {0};
	zdb_writer *writer =
		open_writer(test_path("i"), false, 512, &runner, &err);

	give(writer, "SELECT 1;\n", &err);
	zdb_writer_seal(writer, &manifest, &err);
	test_err(&err, ZDB_INTERNAL, "without its first chunk");
	zdb_writer_free(writer);
	zdb_err_clear(&err);
	writer = open_writer(test_path("i"), false, 0, &runner, &err);
	zdb_writer_seal(writer, &manifest, &err);
	test_err(&err, ZDB_INTERNAL, "without its first chunk");
	zdb_writer_free(writer);
	test_ok(files() == 0, "nothing is left");
}

/* What lend gives keeps its contents while it grows. */
static void
test_lend(void)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_err err = {0};
	zdb_writer *writer = open_writer(test_path("l"), false, 0, &runner, &err);
	uint8_t *raw;

	zdb_writer_lend(writer, 10, &raw, &err);
	memcpy(raw, "SELECT 1;\n", 10);
	zdb_writer_lend(writer, 1 << 20, &raw, &err);
	test_ok(!err.code && memcmp(raw, "SELECT 1;\n", 10) == 0,
			"the same buffer, grown");
	raw[(1 << 20) - 1] = 1;
	zdb_writer_free(writer);
}

int
main(void)
{
	test_overwrite();
	test_existing();
	test_sticky();
	test_incomplete();
	test_lend();
	return test_done();
}
