/*
 * output - the files of one backup on their way into a store
 *
 * The backup itself, its index when that stands beside it, its SHA-256. They
 * become visible in this order: at no moment does a file stand beside one
 * that contradicts it.
 *
 * A directory lets a file be read before it is visible; a cloud does not.
 * There it gets its name first, is read back, and goes again unless finish
 * follows. But what replaces an object gets a temporary name first, and its
 * own in finish: until then the old one stays.
 */
#ifndef ZDB_CORE_ARCHIVE_OUTPUT_H
#define ZDB_CORE_ARCHIVE_OUTPUT_H

#include "core/codec/codec.h"
#include "core/store/store.h"

typedef struct zdb_output
{
	zdb_store *store;
	char *name;  /* in the store */
	char *aside; /* what temporary names end in, or NULL: there are none */
	bool overwrite;
	bool published; /* the backup has its name, or a temporary one */
	bool finished;
	zdb_sink *file;
	zdb_sink *sidecar; /* or NULL */
	zdb_sink *sums;
	/* Where bytes are to be written: the two above, or what was put over them
	 * and owns them. */
	zdb_sink *file_top;
	zdb_sink *sidecar_top;
} zdb_output;

/* Begin: where names the file, by a path or a URL. Clear it in either case. */
zdb_rc zdb_output_open(zdb_output *output, const zdb_store_options *where,
					   bool overwrite, bool sidecar, zdb_err *err);

/* Open what was written; sidecar may be NULL when it is not wanted. */
zdb_rc zdb_output_sources(zdb_output *output, zdb_source **file,
						  zdb_source **sidecar, zdb_err *err);

/* Make all of it visible; sha256 is the file's, or NULL: it is not known. */
zdb_rc zdb_output_finish(zdb_output *output,
						 const uint8_t sha256[ZDB_SHA256_BYTES], zdb_err *err);

/* Without finish nothing stays. */
void zdb_output_clear(zdb_output *output);

/* Remove what stood beside an older file of this name. */
zdb_rc zdb_output_clear_beside(zdb_store *store, const char *name,
							   zdb_err *err);

#endif
