/*
 * test - a few words for unit tests, in TAP
 */
#include "test/core/test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int tests, failures;
static char dir[64];

bool
test_ok(bool ok, const char *fmt, ...)
{
	va_list args;

	printf("%s %d - ", ok ? "ok" : "not ok", ++tests);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	failures += !ok;
	return ok;
}

bool
test_err(const zdb_err *err, zdb_rc code, const char *text)
{
	return test_ok(err->code == code && strstr(err->msg, text),
				   "error %d with \"%s\" (is %d: %s)", code, text, err->code,
				   err->msg);
}

int
test_done(void)
{
	char command[100];

	test_ok(test_mem_live() == 0, "no block leaked (%zu live)",
			test_mem_live());
	if (*dir)
	{
		snprintf(command, sizeof command, "rm -rf %s", dir);
		if (system(command) != 0)
			printf("# could not remove %s\n", dir);
	}
	printf("1..%d\n", tests);
	return failures != 0;
}

const char *
test_dir(void)
{
	if (!*dir)
	{
		strcpy(dir, "/tmp/zdbackup-test-XXXXXX");
		if (!mkdtemp(dir))
			abort();
	}
	return dir;
}

char *
test_path(const char *name)
{
	static char paths[16][200];
	static int next;
	char *path = paths[next++ % 16];

	snprintf(path, sizeof paths[0], "%s/%s", test_dir(), name);
	return path;
}

unsigned char *
test_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes;

	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	*len = (size_t) ftell(file);
	rewind(file);
	bytes = malloc(*len + 1);
	if (!bytes || fread(bytes, 1, *len, file) != *len)
		abort();
	fclose(file);
	return bytes;
}

void
test_write(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
		abort();
}

void
test_break_each(const char *what, zdb_rc (*operation)(void *arg, zdb_err *err),
				void *arg)
{
	size_t live = test_mem_live();

	for (long n = 1;; n++)
	{
		zdb_err err = {0};
		zdb_rc rc;

		test_mem_break(n);
		rc = operation(arg, &err);
		if (!test_mem_broke())
		{
			test_mem_break(0);
			test_ok(rc == ZDB_OK && n > 1, "%s: %ld allocations broken", what,
					n - 1);
			return;
		}
		test_mem_break(0);
		if (rc != ZDB_NOMEM || test_mem_live() != live)
		{
			test_ok(false, "%s: allocation %ld: code %d (%s), %zu live", what,
					n, rc, err.msg, test_mem_live() - live);
			return;
		}
	}
}
