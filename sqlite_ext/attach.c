/*
 * attach - an image beside the live database, in the call's own connection
 */
#include "sqlite_ext/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sqlite_ext/sql.h"

/* An image flagged as WAL would get a -wal file; ours is only read. The two
 * bytes are those of https://www.sqlite.org/fileformat2.html, 1.3.3. */
static zdb_rc
unflag_wal(const char *path, zdb_err *err)
{
	const unsigned char legacy[2] = {1, 1};
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || pwrite(fd, legacy, 2, 18) != 2)
		zdb_err_set_errno(err, errno, "could not write \"%s\"", path);
	if (fd >= 0)
		close(fd);
	return err->code;
}

/* An interrupted call could not detach its image, which is no file any more.
 */
static zdb_rc
detach_left_over(zdblite_call *call)
{
	const char *file = sqlite3_db_filename(call->db, ZDBLITE_ATTACHED);

	return file && strstr(file, ".zdbtmp-")
			   ? zdblite_exec(call->db, &call->err, "DETACH " ZDBLITE_ATTACHED)
			   : ZDB_OK;
}

zdb_rc
zdblite_attach(zdblite_call *call, zdblite_image *image)
{
	zdb_err *err = &call->err;

	if (zdblite_image_settle(image) || unflag_wal(image->path, err) ||
		detach_left_over(call))
		return err->code;
	return zdblite_exec(call->db, err, "ATTACH %Q AS " ZDBLITE_ATTACHED,
						image->path);
}
