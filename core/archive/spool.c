/*
 * spool - bytes that wait in an unlinked temporary file
 */
#include "core/archive/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/io/file.h"

#define NAME "temporary file"

void
zdb_spool_init(zdb_spool *spool)
{
	*spool = (zdb_spool){.fd = -1};
}

static int
open_unlinked(const char *directory)
{
	char name[4096];
	int fd;

	if (snprintf(name, sizeof name, "%s/zdbackup-spool-XXXXXX", directory) >=
		(int) sizeof name)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

static zdb_rc
open_spool(zdb_spool *spool, zdb_err *err)
{
	const char *directories[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};

	for (int i = 0; i < 3 && spool->fd < 0; i++)
		if (directories[i] && *directories[i])
			spool->fd = open_unlinked(directories[i]);
	if (spool->fd < 0)
		return zdb_err_set_errno(err, errno, "could not create a " NAME);
	return ZDB_OK;
}

zdb_rc
zdb_spool_add(zdb_spool *spool, const void *bytes, size_t len, zdb_err *err)
{
	if ((spool->fd < 0 && open_spool(spool, err)) ||
		zdb_file_write(spool->fd, NAME, bytes, len, err))
		return err->code;
	spool->bytes += len;
	return ZDB_OK;
}

zdb_rc
zdb_spool_set_first(zdb_spool *spool, const void *bytes, size_t len,
					zdb_err *err)
{
	ssize_t put = pwrite(spool->fd, bytes, len, 0);

	if (put != (ssize_t) len)
		zdb_err_set_errno(err, put < 0 ? errno : EIO,
						  "could not write a " NAME);
	return err->code;
}

zdb_rc
zdb_spool_read(const zdb_spool *spool, uint64_t offset, void *into, size_t len,
			   zdb_err *err)
{
	ssize_t got = pread(spool->fd, into, len, (off_t) offset);

	if (got != (ssize_t) len)
		zdb_err_set_errno(err, got < 0 ? errno : EIO,
						  "could not read a " NAME);
	return err->code;
}

void
zdb_spool_clear(zdb_spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = -1;
}
