/*
 * scratch - a file for bytes that are needed again, gone with its descriptor
 *
 * Nobody else finds it: it has no name, or one that the host takes away.
 * Bytes may be written anywhere, so it can have holes.
 */
#ifndef ZDB_CORE_IO_SCRATCH_H
#define ZDB_CORE_IO_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

typedef struct zdb_scratch
{
	int fd;             /* for reading and writing; -1: none */
	uint64_t bytes_max; /* more than this is ZDB_DISK_FULL; 0: no limit */
	uint64_t bytes;     /* written so far */
} zdb_scratch;

/* Make one in path's directory. After a failure fd is -1. */
zdb_rc zdb_scratch_open(zdb_scratch *scratch, const char *path, zdb_err *err);

/* Exactly len bytes at offset. What was never written cannot be read. */
zdb_rc zdb_scratch_write(zdb_scratch *scratch, uint64_t offset,
						 const void *bytes, size_t len, zdb_err *err);
zdb_rc zdb_scratch_read(const zdb_scratch *scratch, uint64_t offset,
						void *into, size_t len, zdb_err *err);

void zdb_scratch_clear(zdb_scratch *scratch);

#endif
