/*
 * test_age_archive - a backup inside the encryption is the same backup
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/age/open.h"
#include "core/archive/chunk.h"
#include "test/core/age_test.h"
#include "test/core/archive_test.h"
#include "test/core/test.h"

static zdb_reader *
open_reader(const char *path, zdb_err *err)
{
	zdb_reader *reader = NULL;
	zdb_age_keys keys = {0};

	zdb_age_keys_parse(&keys, "ann", ANN_KEY, err);
	zdb_reader_open(&(zdb_store_options){.where = path}, &keys, &reader, err);
	zdb_age_keys_clear(&keys);
	return reader;
}

/* Decrypt as the age tool would. */
static unsigned char *
decrypted(const char *path, size_t *len)
{
	zdb_source *source = NULL;
	zdb_age_keys keys = {0};
	zdb_err err = {0};
	unsigned char *bytes = NULL;

	zdb_age_keys_parse(&keys, "ann", ANN_KEY, &err);
	zdb_source_file_open(path, &source, &err);
	if (zdb_age_open(&source, &keys, &err) == ZDB_OK)
	{
		*len = (size_t) source->bytes;
		bytes = malloc(*len + 1);
		zdb_source_read(source, 0, bytes, *len, &err);
	}
	zdb_source_free(source);
	zdb_age_keys_clear(&keys);
	return bytes;
}

static void
test_kinds(void)
{
	static const char *const codecs[] = {"gzip", "zstd", "none"};
	zdb_runner runner = zdb_runner_inline();
	char *path = test_path("a.age"), *sidecar = test_path("a.age.zdbi");

	for (int i = 0; i < 6; i++)
	{
		sample what = {codecs[i / 2], i % 2, 400 * 512, 2048};
		zdb_err err = {0};
		uint64_t bytes = 0;

		sample_encrypt(&what, path, &runner, &err);
		sample_scan(path, &runner, &bytes, &err);
		test_ok(!err.code && bytes == what.bytes, "%s %s: %s", what.codec,
				what.image ? "image" : "script", err.msg);
		test_ok((access(sidecar, F_OK) == 0) == (i / 2 == 2),
				"a sidecar for none");
		unlink(sidecar);
	}
}

static void
test_uncompressed(void)
{
	sample what = {"none", true, 100 * 512, 2048};
	zdb_runner runner = zdb_runner_inline();
	unsigned char *plain, *sidecar;
	size_t len = 0, sidecar_len;
	zdb_err err = {0};
	bool same;

	sample_encrypt(&what, test_path("b.age"), &runner, &err);
	plain = decrypted(test_path("b.age"), &len);
	same = len == what.bytes;
	for (size_t i = 0; i < len && same; i++)
		same = plain[i] == sample_byte(i);
	test_ok(same, "decrypted it is the database, to the byte");
	free(plain);
	sidecar = test_read(test_path("b.age.zdbi"), &sidecar_len);
	test_ok(!memmem(sidecar, sidecar_len, "users", 5), "no name in sight");
	free(sidecar);
	sidecar = decrypted(test_path("b.age.zdbi"), &sidecar_len);
	test_ok(memmem(sidecar, sidecar_len, "users", 5) != NULL,
			"the index is decrypted with the same identity");
	free(sidecar);
}

/* One group of entries and one chunk, of some thousand. */
static void
test_reads_little(void)
{
	sample what = {"zstd", false, 3000 * 2048, 2048};
	zdb_runner runner = zdb_runner_inline();
	zdb_reader *reader;
	zdb_chunk chunk = {0};
	zdb_err err = {0};
	zdb_source *source;
	uint64_t all, opened;

	sample_encrypt(&what, test_path("c.age"), &runner, &err);
	reader = open_reader(test_path("c.age"), &err);
	source = zdb_reader_source(reader);
	all = source->bytes / 65536;
	zdb_chunk_read(&chunk, reader, 1500, &err);
	opened = zdb_age_source_opened(source);
	test_ok(!err.code && opened <= 6 && all > 20,
			"a chunk of one table costs %llu of %llu encrypted chunks",
			(unsigned long long) opened, (unsigned long long) all);
	zdb_chunk_clear(&chunk);
	zdb_reader_free(reader);
}

static void
test_file_hash(void)
{
	sample what = {"gzip", true, 400 * 512, 2048};
	zdb_runner runner = zdb_runner_inline();
	zdb_scan_options options = {.runner = &runner};
	uint8_t sha256[ZDB_SHA256_BYTES];
	zdb_scan_result result = {0};
	zdb_reader *reader;
	unsigned char *bytes;
	zdb_err err = {0};
	size_t len;

	sample_encrypt(&what, test_path("d.age"), &runner, &err);
	reader = open_reader(test_path("d.age"), &err);
	zdb_scan(reader, &options, &result, &err);
	zdb_reader_free(reader);
	bytes = test_read(test_path("d.age"), &len);
	zdb_sha256(bytes, len, sha256, &err);
	test_ok(result.complete &&
				memcmp(sha256, result.file_sha256, sizeof sha256) == 0,
			"the hash is that of the file as it lies there");
	free(bytes);
}

static void
test_helpers(void)
{
	sample what = {"none", true, 100 * 512, 2048};
	zdb_runner runner = zdb_runner_inline();
	zdb_reader *reader, *again = NULL;
	zdb_store_options file = {.where = test_path("e.age")};
	zdb_age_keys keys = {0};
	zdb_err err = {0};

	sample_encrypt(&what, file.where, &runner, &err);
	reader = open_reader(file.where, &err);
	zdb_reader_file_keys(reader, &keys.files);
	zdb_reader_open_again(&file, test_path("e.age.zdbi"), &keys.files, &again,
						  &err);
	test_ok(!err.code && zdb_reader_footer(again),
			"a helper opens file and sidecar: %s", err.msg);
	zdb_age_keys_clear(&keys);
	zdb_reader_free(reader);
	zdb_reader_free(again);
	zdb_reader_open(&file, NULL, &reader, &err);
	test_err(&err, ZDB_PERMISSION, "is encrypted, and no identity is known");
}

static zdb_rc
write_and_scan(void *arg, zdb_err *err)
{
	sample what = {"gzip", true, 20 * 512, 1024};
	zdb_runner runner = zdb_runner_inline();
	uint64_t bytes;

	if (sample_encrypt(&what, arg, &runner, err))
		return err->code;
	return sample_scan(arg, &runner, &bytes, err);
}

int
main(void)
{
	test_kinds();
	test_uncompressed();
	test_reads_little();
	test_file_hash();
	test_helpers();
	test_break_each("an encrypted backup", write_and_scan, test_path("nomem"));
	return test_done();
}
