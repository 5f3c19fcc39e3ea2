/*
 * spool - bytes kept aside in one of the server's temporary files
 */
#include "pg_ext/spool.h"

#include "utils/wait_event.h"

zdbpg_spool *
zdbpg_spool_new(void)
{
	zdbpg_spool *spool = palloc0(sizeof *spool);

	spool->file = OpenTemporaryFile(false);
	return spool;
}

void
zdbpg_spool_append(zdbpg_spool *spool, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0)
	{
		int part = (int) Min(len, 1 << 20);
		int written =
			FileWrite(spool->file, unconstify(char *, at), part,
					  (off_t) spool->bytes, WAIT_EVENT_BUFFILE_WRITE);

		if (written <= 0)
			ereport(ERROR, (errcode_for_file_access(),
							errmsg("could not write a temporary file: %m")));
		at += written;
		len -= (size_t) written;
		spool->bytes += (uint64) written;
	}
}

void
zdbpg_spool_read(zdbpg_spool *spool, uint64 offset, void *into, size_t len)
{
	char *at = into;

	while (len > 0)
	{
		int got = FileRead(spool->file, at, (int) Min(len, 1 << 20),
						   (off_t) offset, WAIT_EVENT_BUFFILE_READ);

		if (got <= 0)
			ereport(ERROR, (errcode_for_file_access(),
							errmsg("could not read a temporary file: %m")));
		at += got;
		offset += (uint64) got;
		len -= (size_t) got;
	}
}

void
zdbpg_spool_free(zdbpg_spool *spool)
{
	FileClose(spool->file);
	pfree(spool);
}
