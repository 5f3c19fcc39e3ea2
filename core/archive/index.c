/*
 * index - the entries of a backup being written
 */
#include "core/archive/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/io/file.h"

void
zdb_index_init(zdb_index *index)
{
	index->entries = 0;
	index->fd = -1;
	index->loaded_group = 0;
}

static int
open_unlinked(const char *directory)
{
	char name[4096];
	int fd;

	if (snprintf(name, sizeof name, "%s/zdbackup-index-XXXXXX", directory) >=
		(int) sizeof name)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

static zdb_rc
open_spool(zdb_index *index, zdb_err *err)
{
	const char *directories[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};

	for (int i = 0; i < 3 && index->fd < 0; i++)
		if (directories[i] && *directories[i])
			index->fd = open_unlinked(directories[i]);
	if (index->fd < 0)
		return zdb_err_set_errno(err, errno,
								 "could not create a temporary file");
	return ZDB_OK;
}

/* A full group leaves current: group i > 0 goes to (i - 1) in the spool. */
static zdb_rc
put_away(zdb_index *index, zdb_err *err)
{
	if (index->entries == ZDB_GROUP_ENTRIES)
	{
		memcpy(index->first, index->current, ZDB_GROUP_BYTES);
		return ZDB_OK;
	}
	if (index->fd < 0 && open_spool(index, err))
		return err->code;
	return zdb_file_write(index->fd, "temporary file", index->current,
						  ZDB_GROUP_BYTES, err);
}

zdb_rc
zdb_index_add(zdb_index *index, const zdb_entry *entry, zdb_err *err)
{
	uint64_t place = index->entries % ZDB_GROUP_ENTRIES;

	zdb_entry_encode(entry, index->current + place * ZDB_ENTRY_BYTES);
	index->entries++;
	return index->entries % ZDB_GROUP_ENTRIES == 0 ? put_away(index, err)
												   : ZDB_OK;
}

void
zdb_index_set_first(zdb_index *index, const zdb_entry *entry)
{
	zdb_entry_encode(entry, index->entries < ZDB_GROUP_ENTRIES ? index->current
															   : index->first);
}

zdb_rc
zdb_index_group(zdb_index *index, uint64_t i, const uint8_t **payload,
				uint32_t *len, zdb_err *err)
{
	ssize_t got;

	*len = ZDB_GROUP_BYTES;
	if (i == index->entries / ZDB_GROUP_ENTRIES)
	{
		*payload = index->current;
		*len =
			(uint32_t) (index->entries % ZDB_GROUP_ENTRIES) * ZDB_ENTRY_BYTES;
		return ZDB_OK;
	}
	*payload = i == 0 ? index->first : index->loaded;
	if (i == 0 || i == index->loaded_group)
		return ZDB_OK;
	index->loaded_group = 0;
	got = pread(index->fd, index->loaded, ZDB_GROUP_BYTES,
				(off_t) (i - 1) * ZDB_GROUP_BYTES);
	if (got != ZDB_GROUP_BYTES)
		return zdb_err_set_errno(err, got < 0 ? errno : EIO,
								 "could not read a temporary file");
	index->loaded_group = i;
	return ZDB_OK;
}

void
zdb_index_clear(zdb_index *index)
{
	if (index->fd >= 0)
		close(index->fd);
	index->fd = -1;
}
