/*
 * sink_file - bytes into a file that appears when it is complete
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/io/sink.h"

/* Small pieces are gathered; large ones go straight through. */
#define BUFFER_BYTES (256 * 1024)

typedef struct file_sink
{
	zdb_sink base;
	char *path;
	char *temp; /* NULL once published */
	int fd;
	bool overwrite;
	size_t used;
	uint8_t buffer[BUFFER_BYTES];
} file_sink;

static zdb_rc
file_flush(zdb_sink *sink, zdb_err *err)
{
	file_sink *self = (file_sink *) sink;
	size_t used = self->used;

	self->used = 0;
	return zdb_file_write(self->fd, self->path, self->buffer, used, err);
}

static zdb_rc
file_write(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	file_sink *self = (file_sink *) sink;

	if (self->used + len > BUFFER_BYTES && file_flush(sink, err))
		return err->code;
	if (len >= BUFFER_BYTES / 2)
		return file_flush(sink, err)
				   ? err->code
				   : zdb_file_write(self->fd, self->path, bytes, len, err);
	memcpy(self->buffer + self->used, bytes, len);
	self->used += len;
	return ZDB_OK;
}

static zdb_rc
file_rewrite(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	file_sink *self = (file_sink *) sink;

	if (file_flush(sink, err))
		return err->code;
	if (lseek(self->fd, 0, SEEK_SET) != 0)
		return zdb_err_set_errno(err, errno, "could not write \"%s\"",
								 self->path);
	if (zdb_file_write(self->fd, self->path, bytes, len, err))
		return err->code;
	if (lseek(self->fd, 0, SEEK_END) < 0)
		return zdb_err_set_errno(err, errno, "could not write \"%s\"",
								 self->path);
	return ZDB_OK;
}

static zdb_rc
file_reread(zdb_sink *sink, zdb_source **out, zdb_err *err)
{
	return zdb_source_file_open(((file_sink *) sink)->temp, out, err);
}

static zdb_rc
file_finish(zdb_sink *sink, zdb_err *err)
{
	file_sink *self = (file_sink *) sink;

	if (file_flush(sink, err))
		return err->code;
	if (fsync(self->fd) != 0)
		return zdb_err_set_errno(err, errno, "could not sync \"%s\"",
								 self->path);
	if (zdb_file_publish(self->temp, self->path, self->overwrite, err))
		return err->code;
	zdb_free(self->temp);
	self->temp = NULL;
	return ZDB_OK;
}

static void
file_free(zdb_sink *sink)
{
	file_sink *self = (file_sink *) sink;

	zdb_file_remove(self->temp);
	if (self->fd >= 0)
		close(self->fd);
	zdb_free(self->temp);
	zdb_free(self->path);
	zdb_free(self);
}

static const zdb_sink_ops file_ops = {
	.write = file_write,
	.rewrite = file_rewrite,
	.flush = file_flush,
	.reread = file_reread,
	.finish = file_finish,
	.free = file_free,
};

zdb_rc
zdb_sink_file_open(const char *path, bool overwrite, zdb_sink **out,
				   zdb_err *err)
{
	file_sink *self;

	*out = NULL;
	if (zdb_file_check_free(path, overwrite, err))
		return err->code;
	self = zdb_calloc(1, sizeof *self);
	if (!self)
		return zdb_err_nomem(err);
	self->base.ops = &file_ops;
	self->overwrite = overwrite;
	self->fd = -1;
	self->path = zdb_strdup(path, err);
	if (self->path)
		self->temp = zdb_file_temp(path, &self->fd, err);
	if (err->code)
		file_free(&self->base);
	else
		*out = &self->base;
	return err->code;
}
