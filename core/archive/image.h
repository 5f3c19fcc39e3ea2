/*
 * image - the database inside a backup, read at any offset
 *
 * Of an indexed backup only the chunks are read that hold what is asked for,
 * each compared with its SHA-256. A b-tree is read in any order, so a chunk
 * that was read once is kept in a scratch file: 159 MB of a table WITHOUT
 * ROWID with random keys are read in 1.3 s; with the last 32 MB of chunks in
 * memory instead it took 24 s (gzip) and minutes (zstd, with its larger
 * chunks), and a table in order took as long as with the file. A compressed
 * file without an index is unpacked when it is opened; a plain one is read
 * where it lies.
 *
 * While chunks are read in order, those that follow are decompressed and
 * checked as tasks on the runner, and are not kept: writing them took as long
 * as all the rest. Who comes back to one reads it again, and then it is kept.
 *
 * One thread at a time.
 */
#ifndef ZDB_CORE_ARCHIVE_IMAGE_H
#define ZDB_CORE_ARCHIVE_IMAGE_H

#include "core/archive/reader.h"
#include "core/base/host.h"
#include "core/base/task.h"
#include "core/io/scratch.h"

typedef struct zdb_image zdb_image;

typedef struct zdb_image_options
{
	const zdb_host *host; /* or NULL; asked at each chunk */
	zdb_runner *runner;   /* or NULL; outlives the image */
	zdb_scratch scratch;  /* see zdb_image_keeps() */
} zdb_image_options;

/* Does an image of this file need a scratch file? */
bool zdb_image_keeps(const zdb_reader *reader);

/* Open the database that reader's file holds; a script is ZDB_FORMAT. The
 * reader and the host outlive the image; the scratch file is the image's, also
 * when this fails. */
zdb_rc zdb_image_open(zdb_reader *reader, const zdb_image_options *options,
					  zdb_image **out, zdb_err *err);

/* The file that holds it. */
const char *zdb_image_name(const zdb_image *image);

/* The length of the database. */
uint64_t zdb_image_bytes(const zdb_image *image);

/* Read exactly len bytes at offset; the range lies inside the database. */
zdb_rc zdb_image_read(zdb_image *image, uint64_t offset, void *into,
					  size_t len, zdb_err *err);

/* So far: chunks that were read (0 without an index), bytes in the scratch
 * file. */
uint64_t zdb_image_chunks_read(const zdb_image *image);
uint64_t zdb_image_kept_bytes(const zdb_image *image);

void zdb_image_free(zdb_image *image);

#endif
