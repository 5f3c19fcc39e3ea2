/*
 * source_file - ranges of a file; threads may read at once
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/io/source.h"

typedef struct file_source
{
	zdb_source base;
	char *path;
	int fd;
} file_source;

static zdb_rc
file_read(zdb_source *source, uint64_t offset, void *into, size_t len,
		  zdb_err *err)
{
	file_source *self = (file_source *) source;
	char *at = into;

	while (len > 0)
	{
		ssize_t done = pread(self->fd, at, len, (off_t) offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return zdb_err_set_errno(err, errno, "could not read \"%s\"",
									 self->path);
		if (done == 0)
			return zdb_err_set(err, ZDB_DAMAGED,
							   "\"%s\" was cut short while it was read",
							   self->path);
		at += done;
		offset += (uint64_t) done;
		len -= (size_t) done;
	}
	return ZDB_OK;
}

static void
file_free(zdb_source *source)
{
	file_source *self = (file_source *) source;

	if (self->fd >= 0)
		close(self->fd);
	zdb_free(self->path);
	zdb_free(self);
}

static const zdb_source_ops file_ops = {.read = file_read, .free = file_free};

/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
static zdb_rc
open_regular(file_source *self, zdb_err *err)
{
	struct stat st;

	self->fd = open(self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (self->fd < 0 || fstat(self->fd, &st) != 0)
		return zdb_err_set_errno(err, errno, "could not open \"%s\"",
								 self->path);
	if (S_ISDIR(st.st_mode))
		zdb_err_set(err, ZDB_USAGE, "\"%s\" is a directory", self->path);
	else if (!S_ISREG(st.st_mode))
		zdb_err_set(err, ZDB_USAGE, "\"%s\" is not a regular file",
					self->path);
	self->base.bytes = (uint64_t) st.st_size;
	return err->code;
}

zdb_rc
zdb_source_file_open(const char *path, zdb_source **out, zdb_err *err)
{
	file_source *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
		return zdb_err_nomem(err);
	self->base.ops = &file_ops;
	self->fd = -1;
	self->path = zdb_strdup(path, err);
	self->base.name = self->path;
	if (!self->path || open_regular(self, err))
		file_free(&self->base);
	else
		*out = &self->base;
	return err->code;
}
