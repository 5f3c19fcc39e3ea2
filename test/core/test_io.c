/*
 * test_io - sinks and sources: complete or absent, and what refuses
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/file.h"
#include "core/io/scratch.h"
#include "core/io/sink.h"
#include "core/io/source.h"
#include "test/core/test.h"

#define NOBODY 65534

static bool
holds(const char *path, const char *content)
{
	size_t len;
	unsigned char *bytes = test_read(path, &len);
	bool same =
		bytes && len == strlen(content) && memcmp(bytes, content, len) == 0;

	free(bytes);
	return same;
}

static zdb_rc
write_file(void *arg, zdb_err *err)
{
	zdb_sink *sink;

	if (zdb_sink_file_open(arg, true, &sink, err))
		return err->code;
	zdb_sink_write(sink, "hello world", 11, err);
	zdb_sink_rewrite(sink, "HELLO", 5, err);
	zdb_sink_write(sink, "!", 1, err);
	zdb_sink_finish(sink, err);
	zdb_sink_free(sink);
	return err->code;
}

static void
test_appears_when_finished(void)
{
	char *path = test_path("new/dir/file");
	zdb_source *source = NULL;
	zdb_err err = {0};
	zdb_sink *sink;
	struct stat st;

	test_ok(zdb_sink_file_open(path, false, &sink, &err) == ZDB_OK,
			"open makes directories");
	zdb_sink_write(sink, "x", 1, &err);
	test_ok(access(path, F_OK) != 0, "not there before finish");
	test_ok(zdb_sink_rereads(sink) && zdb_sink_flush(sink, &err) == ZDB_OK &&
				zdb_sink_reread(sink, &source, &err) == ZDB_OK &&
				strstr(source->name, ZDB_TEMP_MARK) != NULL,
			"read before finish, under a temporary name of ours");
	zdb_source_free(source);
	test_ok(zdb_sink_finish(sink, &err) == ZDB_OK && holds(path, "x"),
			"there after finish");
	zdb_sink_free(sink);
	test_ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "mode 0600");
	test_ok(stat(test_path("new"), &st) == 0 && (st.st_mode & 0777) == 0700,
			"directory 0700");

	zdb_sink_file_open(path, false, &sink, &err);
	test_err(&err, ZDB_EXISTS, "already exists");
	zdb_err_clear(&err);
	path = test_path("late");
	zdb_sink_file_open(path, false, &sink, &err);
	test_write(path, "other", 5);
	zdb_sink_finish(sink, &err);
	test_err(&err, ZDB_EXISTS, "already exists");
	zdb_sink_free(sink);
	test_ok(holds(path, "other"), "a file that came meanwhile is kept");
}

static void
test_abandoned(void)
{
	char command[300];
	zdb_err err = {0};
	zdb_sink *sink;

	zdb_sink_file_open(test_path("gone"), false, &sink, &err);
	zdb_sink_write(sink, "x", 1, &err);
	zdb_sink_free(sink);
	snprintf(command, sizeof command, "ls -A %s | grep -q gone", test_dir());
	test_ok(system(command) != 0, "free before finish leaves nothing");
}

/* A limit on file size is the full disk that needs no root. */
static void
test_full_disk(void)
{
	struct rlimit before, small = {8192, RLIM_INFINITY};
	static char block[65536];
	zdb_err err = {0}, again = {0};
	zdb_sink *sink;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	zdb_sink_file_open(test_path("full"), false, &sink, &err);
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 20; i++)
		zdb_sink_write(sink, block, sizeof block, &err);
	test_err(&err, ZDB_DISK_FULL, "could not write");
	zdb_sink_finish(sink, &again);
	test_err(&again, ZDB_DISK_FULL, "could not write");
	zdb_sink_free(sink);
	setrlimit(RLIMIT_FSIZE, &before);
	test_ok(access(test_path("full"), F_OK) != 0, "nothing is left");
}

/* Write path with no more rights than anybody's, also when root tests. */
static zdb_rc
write_as_nobody(char *path, zdb_err *err)
{
	bool root = geteuid() == 0;

	zdb_err_clear(err);
	if (root && seteuid(NOBODY) != 0)
		abort();
	write_file(path, err);
	if (root && seteuid(0) != 0)
		abort();
	return err->code;
}

static void
make_directory(const char *path, mode_t mode)
{
	if (mkdir(path, mode) != 0 || chmod(path, mode) != 0 ||
		(geteuid() == 0 && chown(path, NOBODY, (gid_t) -1) != 0))
		abort();
}

static void
test_refused(void)
{
	char name[300], *path;
	zdb_err err = {0};

	chmod(test_dir(), 0755);
	make_directory(test_path("readonly"), 0500);
	write_as_nobody(test_path("readonly/file"), &err);
	test_err(&err, ZDB_PERMISSION, "readonly/file\": Permission denied");
	make_directory(test_path("dropbox"), 0300);
	path = test_path("dropbox/file");
	test_ok(write_as_nobody(path, &err) == ZDB_OK, "a directory that we may "
												   "write but not read");
	chmod(test_path("dropbox"), 0700);
	test_ok(holds(path, "HELLO world!"), "holds the file");
	make_directory(test_path("directory"), 0700);
	zdb_err_clear(&err);
	write_file(test_path("directory"), &err);
	test_err(&err, ZDB_USAGE, "directory\" is not an ordinary file");
	test_write(test_path("behind"), "kept", 4);
	if (symlink(test_path("behind"), test_path("link")) != 0 ||
		mkfifo(test_path("pipe"), 0600) != 0)
		abort();
	zdb_err_clear(&err);
	write_file(test_path("link"), &err);
	test_err(&err, ZDB_USAGE, "link\" is not an ordinary file");
	zdb_err_clear(&err);
	write_file(test_path("pipe"), &err);
	test_err(&err, ZDB_USAGE, "pipe\" is not an ordinary file");
	test_ok(holds(test_path("behind"), "kept"), "what the link names is kept");
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	zdb_err_clear(&err);
	write_file(name, &err);
	test_err(&err, ZDB_USAGE, "File name too long");
}

static void
test_source(void)
{
	zdb_err err = {0};
	zdb_source *source;
	char bytes[8];

	test_write(test_path("source"), "0123456789", 10);
	test_ok(zdb_source_file_open(test_path("source"), &source, &err) ==
					ZDB_OK &&
				source->bytes == 10,
			"open");
	test_ok(zdb_source_read(source, 3, bytes, 4, &err) == ZDB_OK &&
				memcmp(bytes, "3456", 4) == 0,
			"read a range");
	zdb_source_read(source, 8, bytes, 4, &err);
	test_err(&err, ZDB_DAMAGED, "ends at byte 10, but byte 12");
	zdb_source_free(source);
	zdb_err_clear(&err);
	zdb_source_file_open(test_path("none"), &source, &err);
	test_err(&err, ZDB_NOT_FOUND, "No such file");
	zdb_err_clear(&err);
	zdb_source_file_open(test_dir(), &source, &err);
	test_err(&err, ZDB_USAGE, "is a directory");
	zdb_err_clear(&err);
	mkfifo(test_path("fifo"), 0600);
	zdb_source_file_open(test_path("fifo"), &source, &err);
	test_err(&err, ZDB_USAGE, "not a regular file");
}

static void
test_scratch(void)
{
	zdb_scratch scratch;
	char bytes[5], command[300];
	zdb_err err = {0};

	test_ok(zdb_scratch_open(&scratch, test_path("scratch"), &err) == ZDB_OK,
			"a scratch file is made");
	snprintf(command, sizeof command, "ls -A %s | grep -q scratch",
			 test_dir());
	test_ok(system(command) != 0, "it has no name");
	zdb_scratch_write(&scratch, 100000, "later", 5, &err);
	zdb_scratch_write(&scratch, 0, "first", 5, &err);
	test_ok(zdb_scratch_read(&scratch, 100000, bytes, 5, &err) == ZDB_OK &&
				memcmp(bytes, "later", 5) == 0 && scratch.bytes == 10,
			"it is written anywhere, and what was written is counted");
	scratch.bytes_max = 14;
	zdb_scratch_write(&scratch, 50, "right", 5, &err);
	test_err(&err, ZDB_DISK_FULL, "needs more than 14 bytes");
	zdb_err_clear(&err);
	zdb_scratch_read(&scratch, 100003, bytes, 5, &err);
	test_err(&err, ZDB_IO, "was cut short");
	zdb_scratch_clear(&scratch);
	zdb_err_clear(&err);
	zdb_scratch_open(&scratch, "/proc/no/scratch", &err);
	test_err(&err, ZDB_NOT_FOUND, "/proc/no");
	test_ok(scratch.fd == -1, "none is open after a failure");
}

int
main(void)
{
	char *path = test_path("file");

	test_break_each("sink", write_file, path);
	test_ok(holds(path, "HELLO world!"), "rewrite replaces the beginning");
	test_appears_when_finished();
	test_abandoned();
	test_full_disk();
	test_refused();
	test_source();
	test_scratch();
	return test_done();
}
