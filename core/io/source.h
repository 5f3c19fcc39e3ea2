/*
 * source - somewhere bytes come from, by range
 *
 * A file now, an object in a cloud later: so readers begin at the end and ask
 * for few ranges. Reads may come from several threads if the kind says so
 * (files do).
 */
#ifndef ZDB_CORE_IO_SOURCE_H
#define ZDB_CORE_IO_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

typedef struct zdb_source zdb_source;

typedef struct zdb_source_ops
{
	/* Read exactly len bytes at offset; the range lies inside the source. */
	zdb_rc (*read)(zdb_source *source, uint64_t offset, void *into, size_t len,
				   zdb_err *err);
	void (*free)(zdb_source *source);
} zdb_source_ops;

struct zdb_source
{
	const zdb_source_ops *ops;
	const char *name;  /* for messages; owned by the source */
	uint64_t bytes;    /* size when it was opened */
	zdb_source *under; /* what it decrypts and owns, or NULL */
};

/* The file as it lies there: what source reads through, or source itself. */
zdb_source *zdb_source_outer(zdb_source *source);

/* Read exactly len bytes at offset. A range beyond the end is ZDB_DAMAGED,
 * naming the source and the offset: the file is shorter than it should be. */
zdb_rc zdb_source_read(zdb_source *source, uint64_t offset, void *into,
					   size_t len, zdb_err *err);

/* Release. NULL is fine. */
void zdb_source_free(zdb_source *source);

/* Open a regular file for reading. A directory is ZDB_USAGE, a missing file
 * ZDB_NOT_FOUND; FIFOs and devices are refused without blocking. */
zdb_rc zdb_source_file_open(const char *path, zdb_source **out, zdb_err *err);

/* A source over memory that the caller keeps alive (tests, fuzzing). */
zdb_rc zdb_source_memory_open(const char *name, const void *bytes, size_t len,
							  zdb_source **out, zdb_err *err);

#endif
