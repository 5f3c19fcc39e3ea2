/*
 * scratch - a file for bytes that are needed again, gone with its descriptor
 */
#include "core/io/scratch.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/io/file.h"

zdb_rc
zdb_scratch_open(zdb_scratch *scratch, const char *path, zdb_err *err)
{
	char *name;

	*scratch = (zdb_scratch){.fd = -1};
	name = zdb_file_temp(path, &scratch->fd, err);
	zdb_file_remove(name);
	zdb_free(name);
	return err->code;
}

zdb_rc
zdb_scratch_write(zdb_scratch *scratch, uint64_t offset, const void *bytes,
				  size_t len, zdb_err *err)
{
	const char *at = bytes;

	if (scratch->bytes_max && scratch->bytes + len > scratch->bytes_max)
		return zdb_err_set(err, ZDB_DISK_FULL,
						   "a temporary file needs more than %llu bytes",
						   (unsigned long long) scratch->bytes_max);
	while (len > 0)
	{
		ssize_t done = pwrite(scratch->fd, at, len, (off_t) offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return zdb_err_set_errno(err, errno,
									 "could not write a temporary file");
		scratch->bytes += (uint64_t) done;
		at += done;
		offset += (uint64_t) done;
		len -= (size_t) done;
	}
	return ZDB_OK;
}

zdb_rc
zdb_scratch_read(const zdb_scratch *scratch, uint64_t offset, void *into,
				 size_t len, zdb_err *err)
{
	char *at = into;

	while (len > 0)
	{
		ssize_t done = pread(scratch->fd, at, len, (off_t) offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return zdb_err_set_errno(err, errno,
									 "could not read a temporary file");
		if (done == 0)
			return zdb_err_set(err, ZDB_IO, "a temporary file was cut short");
		at += done;
		offset += (uint64_t) done;
		len -= (size_t) done;
	}
	return ZDB_OK;
}

void
zdb_scratch_clear(zdb_scratch *scratch)
{
	if (scratch->fd >= 0)
		close(scratch->fd);
	scratch->fd = -1;
}
