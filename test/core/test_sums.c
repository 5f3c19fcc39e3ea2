/*
 * test_sums - what sha256sum writes and checks, we write and read
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/sums.h"
#include "test/core/archive_test.h"
#include "test/core/test.h"

#define HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OTHER \
	"0000000000000000000000000000000000000000000000000000000000000001"

static void
test_find(void)
{
	static const struct
	{
		const char *text;
		const char *path;
		bool found;
	} cases[] = {
		{HEX "  a.db\n", "/b/a.db", true},
		{HEX "  a.db", "a.db", true},
		{HEX " *a.db\r\n", "a.db", true},
		{HEX "  /elsewhere/a.db\n", "here/a.db", true},
		{HEX "\n", "any", true},
		{OTHER "  b.db\n" HEX "  a.db\n", "a.db", true},
		{"\\" HEX "  a\\\\b\\nc\n", "a\\b\nc", true},
		{"\\" HEX "  a\\\n", "a\\", false},
		{"\\" HEX "  a\\\\b\n", "a\\\\b", false},
		{HEX "  a.db.gz\n", "a.db", false},
		{HEX "  a\n", "a.db", false},
		{HEX "  \n", "", false},
		{HEX " a.db\n", "a.db", false},
		{"e3b0c442  a.db\n", "a.db", false},
		{"g" HEX "  a.db\n", "a.db", false},
		{"", "a.db", false},
		{"\\", "a.db", false},
	};
	uint8_t digest[ZDB_SHA256_BYTES];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		bool found = zdb_sums_find(cases[i].text, strlen(cases[i].text),
								   cases[i].path, digest);

		test_ok(found == cases[i].found &&
					(!found || (digest[0] == 0xe3 && digest[31] == 0x55)),
				"case %zu", i);
	}
}

/* coreutils agree with what we write, also for awkward names. */
static void
test_coreutils(const char *name, const char *codec, bool image)
{
	const sample what = {codec, image, 20 * 512, 4096};
	zdb_runner runner = zdb_runner_inline();
	char command[400], *path = test_path(name);
	zdb_err err = {0};

	sample_write(&what, path, &runner, &err);
	snprintf(command, sizeof command,
			 "cd %s && sha256sum -c --strict --status *.sha256", test_dir());
	test_ok(!err.code && system(command) == 0, "sha256sum -c accepts %s",
			name);
}

static zdb_rc
format(void *arg, zdb_err *err)
{
	uint8_t digest[ZDB_SHA256_BYTES] = {0};
	zdb_buf line = {0};

	zdb_sums_format(arg, digest, &line, err);
	zdb_buf_clear(&line);
	return err->code;
}

int
main(void)
{
	test_find();
	test_coreutils("image.db.gz", "gzip", true);
	test_coreutils("image.db", "none", true);
	test_coreutils("script.sql.zst", "zstd", false);
	test_coreutils("odd \\ name\n\r.sql.gz", "gzip", false);
	test_break_each("format", format, (void *) "a\\b");
	return test_done();
}
