/*
 * history - an append-only file of runs, one JSON object a line
 */
#include "core/history/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define RETRY_NS 10000000 /* 10 ms */
#define READER_WAIT_S 1.0
#define REOPENS 10
#define PIECE_BYTES 65536

/* Nobody holds the lock longer than a write and a sync take. */
static zdb_rc
lock_file(int fd, const char *path, int how, double wait_s, zdb_err *err)
{
	double until_s = zdb_monotonic_s() + wait_s;
	struct timespec pause = {.tv_nsec = RETRY_NS};

	while (flock(fd, how | LOCK_NB) != 0)
	{
		if (errno != EWOULDBLOCK && errno != EINTR)
			return zdb_err_set_errno(err, errno, "could not lock \"%s\"",
									 path);
		if (zdb_monotonic_s() > until_s)
			return zdb_err_set(err, ZDB_BUSY,
							   "\"%s\" is locked by another process", path);
		nanosleep(&pause, NULL);
	}
	return ZDB_OK;
}

/* O_NONBLOCK: opening a FIFO must not wait. */
static zdb_rc
open_file(const char *path, int flags, int *fd, zdb_err *err)
{
	struct stat st;

	*fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (*fd < 0 && errno == ELOOP)
		return zdb_err_set(err, ZDB_USAGE, "\"%s\" is a symbolic link", path);
	if (*fd < 0 || fstat(*fd, &st) != 0)
		return zdb_err_set_errno(err, errno, "could not open \"%s\"", path);
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		return zdb_err_set(err, ZDB_USAGE, "\"%s\" is not a file of its own",
						   path);
	return ZDB_OK;
}

/* Was the file moved away before we had the lock? */
static bool
is_moved(int fd, const char *path)
{
	struct stat ours, theirs;

	return fstat(fd, &ours) != 0 || lstat(path, &theirs) != 0 ||
		   ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev;
}

static zdb_rc
open_to_append(const char *path, const zdb_history_options *options, int *fd,
			   zdb_err *err)
{
	int flags = O_RDWR | O_APPEND | (options->create ? O_CREAT : 0);

	for (int tries = 0;; tries++)
	{
		if (open_file(path, flags, fd, err) ||
			lock_file(*fd, path, LOCK_EX, options->wait_s, err) ||
			!is_moved(*fd, path) || tries == REOPENS)
			return err->code;
		close(*fd);
	}
}

/* Does the last line end? */
static bool
is_torn(int fd, off_t bytes)
{
	char last;

	return bytes > 0 && pread(fd, &last, 1, bytes - 1) == 1 && last != '\n';
}

/* One write(); what a full disk cuts is taken back. */
static zdb_rc
write_line(int fd, const char *path, const char *line, zdb_err *err)
{
	size_t len = strlen(line);
	struct stat st;
	ssize_t done;

	if (fstat(fd, &st) != 0)
		return zdb_err_set_errno(err, errno, "could not read \"%s\"", path);
	if (!is_torn(fd, st.st_size))
	{
		line++;
		len--;
	}
	done = write(fd, line, len);
	if (done == (ssize_t) len && fsync(fd) == 0)
		return ZDB_OK;
	if (done >= 0 && done < (ssize_t) len)
		errno = ENOSPC;
	zdb_err_set_errno(err, errno, "could not write \"%s\"", path);
	if (done > 0 && ftruncate(fd, st.st_size) != 0)
		return err->code; /* the next writer begins a new line */
	return err->code;
}

zdb_rc
zdb_history_append(const char *path, const json_t *record,
				   const zdb_history_options *options, zdb_err *err)
{
	char *text = json_dumps(record, JSON_COMPACT | JSON_REAL_PRECISION(9));
	char *line = text ? zdb_format(err, "\n%s\n", text) : NULL;
	int fd = -1;

	if (!line)
		zdb_err_nomem(err);
	else if (open_to_append(path, options, &fd, err) == ZDB_OK)
		write_line(fd, path, line, err);
	if (fd >= 0)
		close(fd);
	zdb_free(line);
	free(text);
	return err->code;
}

/* Lines out of pieces. */
typedef struct parser
{
	zdb_history_visit visit;
	void *arg;
	size_t number; /* of lines seen */
	zdb_buf line;
	bool too_long;
} parser;

static zdb_rc
end_line(parser *self, zdb_err *err)
{
	bool blank = self->line.len == 0 && !self->too_long;
	json_t *record = NULL;
	json_error_t where;

	self->number++;
	if (!blank && !self->too_long)
		record = json_loadb((const char *) self->line.data, self->line.len, 0,
							&where);
	if (!blank)
		self->visit(self->arg, self->number,
					json_is_object(record) ? record : NULL, err);
	json_decref(record);
	self->line.len = 0;
	self->too_long = false;
	return err->code;
}

static zdb_rc
feed(parser *self, const char *bytes, size_t len, zdb_err *err)
{
	const char *end = bytes + len;

	while (bytes < end)
	{
		const char *newline = memchr(bytes, '\n', (size_t) (end - bytes));
		size_t part = (size_t) ((newline ? newline : end) - bytes);

		if (self->line.len + part > ZDB_HISTORY_LINE_MAX)
			self->too_long = true;
		else if (zdb_buf_append(&self->line, bytes, part, err))
			return err->code;
		if (newline && end_line(self, err))
			return err->code;
		bytes += part + 1;
	}
	return ZDB_OK;
}

zdb_rc
zdb_history_parse(const char *text, size_t len, zdb_history_visit visit,
				  void *arg, zdb_err *err)
{
	parser self = {.visit = visit, .arg = arg};

	if (feed(&self, text, len, err) == ZDB_OK)
		end_line(&self, err);
	zdb_buf_clear(&self.line);
	return err->code;
}

static zdb_rc
read_all(int fd, const char *path, parser *self, zdb_err *err)
{
	char *piece = zdb_malloc(PIECE_BYTES);
	ssize_t len = 1;

	if (!piece)
		return zdb_err_nomem(err);
	while (!err->code && len > 0)
	{
		len = read(fd, piece, PIECE_BYTES);
		if (len < 0 && errno != EINTR)
			zdb_err_set_errno(err, errno, "could not read \"%s\"", path);
		else if (len < 0)
			len = 1;
		else
			feed(self, piece, (size_t) len, err);
	}
	zdb_free(piece);
	return err->code ? err->code : end_line(self, err);
}

zdb_rc
zdb_history_read(const char *path, zdb_history_visit visit, void *arg,
				 zdb_err *err)
{
	parser self = {.visit = visit, .arg = arg};
	zdb_err why = {0};
	int fd;

	if (open_file(path, O_RDONLY, &fd, &why) == ZDB_OK)
	{
		/* a writer's line is seen whole; without the lock, it may look torn */
		(void) lock_file(fd, path, LOCK_SH, READER_WAIT_S, &(zdb_err){0});
		read_all(fd, path, &self, &why);
	}
	zdb_buf_clear(&self.line);
	if (fd >= 0)
		close(fd);
	if (why.code && !(why.code == ZDB_NOT_FOUND && fd < 0))
		*err = why;
	return err->code;
}
