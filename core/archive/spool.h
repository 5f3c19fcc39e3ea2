/*
 * spool - bytes that wait in an unlinked temporary file
 *
 * What grows with the database goes there while a backup is written. The file
 * is made when the first byte comes, in TMPDIR, /var/tmp or /tmp.
 */
#ifndef ZDB_CORE_ARCHIVE_SPOOL_H
#define ZDB_CORE_ARCHIVE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

typedef struct zdb_spool
{
	int fd; /* or -1 */
	uint64_t bytes;
} zdb_spool;

void zdb_spool_init(zdb_spool *spool);

/* Append bytes. */
zdb_rc zdb_spool_add(zdb_spool *spool, const void *bytes, size_t len,
					 zdb_err *err);

/* Replace the first len bytes, which were added. */
zdb_rc zdb_spool_set_first(zdb_spool *spool, const void *bytes, size_t len,
						   zdb_err *err);

/* Read len bytes at offset, which were added. */
zdb_rc zdb_spool_read(const zdb_spool *spool, uint64_t offset, void *into,
					  size_t len, zdb_err *err);

void zdb_spool_clear(zdb_spool *spool);

#endif
