/*
 * test_history - lines are whole, whoever writes, and what is torn is told
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <signal.h>

#include "core/history/history.h"
#include "test/core/test.h"

#define WRITERS 8
#define LINES 200

typedef struct tally
{
	int records;
	int bad;
	int sum;
} tally;

static zdb_rc
count(void *arg, size_t line, const json_t *record, zdb_err *err)
{
	tally *self = arg;

	(void) line;
	(void) err;
	self->records += record != NULL;
	self->bad += record == NULL;
	self->sum += (int) json_integer_value(json_object_get(record, "n"));
	return ZDB_OK;
}

static tally
read_file(const char *path)
{
	tally all = {0};
	zdb_err err = {0};

	zdb_history_read(path, count, &all, &err);
	test_ok(!err.code, "read %s: %d records, %d bad", path, all.records,
			all.bad);
	return all;
}

static zdb_rc
append(const char *path, int n, zdb_err *err)
{
	json_t *record = json_pack("{s:i, s:s}", "n", n, "error", "line\nbreak");

	zdb_history_append(path, record, &(zdb_history_options){10, true}, err);
	json_decref(record);
	return err->code;
}

static void
test_one_writer(void)
{
	char *path = test_path("one");
	zdb_err err = {0};
	struct stat st;
	tally all;

	all = read_file(path);
	test_ok(all.records == 0 && all.bad == 0, "no file is no records");
	append(path, 1, &err);
	append(path, 2, &err);
	all = read_file(path);
	test_ok(!err.code && all.records == 2 && all.sum == 3, "two records");
	test_ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "mode 0600");
}

static void
test_many_writers(void)
{
	char *path = test_path("many");
	tally all;
	int failed = 0;

	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
		{
			zdb_err err = {0};

			for (int n = 0; n < LINES; n++)
				append(path, 1, &err);
			_exit(err.code != ZDB_OK);
		}
	for (int i = 0; i < WRITERS; i++)
	{
		int status;

		wait(&status);
		failed += status != 0;
	}
	all = read_file(path);
	test_ok(failed == 0 && all.records == WRITERS * LINES && all.bad == 0 &&
				all.sum == WRITERS * LINES,
			"8 processes tear no line");
}

/* kill -9 in the middle of a line. */
static void
test_torn(void)
{
	static const char torn[] = "{\"n\":1}\n\n[]\n{\"n\":2,\"op";
	char *path = test_path("torn");
	zdb_err err = {0};
	tally all;

	test_write(path, torn, sizeof torn - 1);
	all = read_file(path);
	test_ok(all.records == 1 && all.bad == 2,
			"torn and foreign lines are told");
	append(path, 4, &err);
	append(path, 8, &err);
	all = read_file(path);
	test_ok(all.records == 3 && all.bad == 2 && all.sum == 13,
			"the next writer begins a new line");
}

static void
test_full_disk(void)
{
	char *path = test_path("full");
	struct rlimit before, limit;
	zdb_err err = {0};
	tally all;

	append(path, 1, &err);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 40;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	append(path, 2, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	test_err(&err, ZDB_DISK_FULL, "could not write");
	zdb_err_clear(&err);
	append(path, 4, &err);
	all = read_file(path);
	test_ok(all.records == 2 && all.bad == 0 && all.sum == 5,
			"what a full disk cut is taken back");
}

static void
test_refused(void)
{
	char *path = test_path("link");
	zdb_err err = {0};
	json_t *record;
	int fd;

	if (symlink(test_path("one"), path) != 0 ||
		mkfifo(test_path("pipe"), 0600) != 0 ||
		link(test_path("one"), test_path("hard")) != 0)
		abort();
	append(path, 1, &err);
	test_err(&err, ZDB_USAGE, "symbolic link");
	zdb_err_clear(&err);
	append(test_path("pipe"), 1, &err);
	test_err(&err, ZDB_USAGE, "not a file of its own");
	zdb_err_clear(&err);
	append(test_path("hard"), 1, &err);
	test_err(&err, ZDB_USAGE, "not a file of its own");
	zdb_err_clear(&err);
	append(test_path("no/such/directory"), 1, &err);
	test_err(&err, ZDB_NOT_FOUND, "could not open");
	zdb_err_clear(&err);
	fd = open(test_path("many"), O_RDONLY);
	flock(fd, LOCK_EX);
	record = json_object();
	zdb_history_append(test_path("many"), record,
					   &(zdb_history_options){0.05, true}, &err);
	json_decref(record);
	test_err(&err, ZDB_BUSY, "locked by another process");
	close(fd);
}

static void
test_long_line(void)
{
	size_t len = ZDB_HISTORY_LINE_MAX + 100;
	char *text = calloc(1, len + 20);
	zdb_err err = {0};
	tally all = {0};

	memset(text, ' ', len);
	strcpy(text + len, "{}\n{\"n\":3}");
	zdb_history_parse(text, strlen(text), count, &all, &err);
	test_ok(!err.code && all.records == 1 && all.bad == 1 && all.sum == 3,
			"a line that is too long is skipped");
	free(text);
}

static zdb_rc
read_torn(void *arg, zdb_err *err)
{
	tally all = {0};

	return zdb_history_read(arg, count, &all, err);
}

static zdb_rc
append_one(void *arg, zdb_err *err)
{
	return append(arg, 1, err);
}

int
main(void)
{
	test_one_writer();
	test_many_writers();
	test_torn();
	test_full_disk();
	test_refused();
	test_long_line();
	test_break_each("read", read_torn, test_path("torn"));
	test_break_each("append", append_one, test_path("broken"));
	return test_done();
}
