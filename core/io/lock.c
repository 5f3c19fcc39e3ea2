/*
 * lock - one process, one connection at a time
 */
#include "core/io/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

zdb_rc
zdb_lock_open(const char *path, int64_t byte, bool wait, int *fd, zdb_err *err)
{
	struct flock range = {.l_type = F_WRLCK,
						  .l_whence = SEEK_SET,
						  .l_start = (off_t) byte,
						  .l_len = 1};
	int rc;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return zdb_err_set_errno(err, errno, "could not open lock \"%s\"",
								 path);
	do
		rc = fcntl(*fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range);
	while (rc != 0 && errno == EINTR);
	if (rc == 0)
		return ZDB_OK;
	if (errno == EAGAIN || errno == EACCES)
		zdb_err_set(err, ZDB_BUSY, "\"%s\" is locked by another process",
					path);
	else
		zdb_err_set_errno(err, errno, "could not lock \"%s\"", path);
	close(*fd);
	*fd = -1;
	return err->code;
}
