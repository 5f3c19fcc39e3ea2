/*
 * consolidate - the end of a chain as an ordinary full backup
 *
 * Chunks that are whole in some file of the chain are copied as they are
 * stored there; only what was patched, and the first chunk, is compressed
 * again.
 */
#ifndef ZDB_CORE_ARCHIVE_CONSOLIDATE_H
#define ZDB_CORE_ARCHIVE_CONSOLIDATE_H

#include "core/archive/writer.h"

typedef struct zdb_consolidated
{
	zdb_writer *writer; /* sealed; the caller's, also after an error */
	/* Of the new file. Its texts are the reader's, and label the caller's. */
	zdb_manifest manifest;
	zdb_table *tables; /* the manifest's; to be freed, also after an error */
	uint64_t copied;
	uint64_t encoded;
} zdb_consolidated;

/* Write what reader reads, its chain with it, to a file as options say. label:
 * of the new backup, or NULL. */
zdb_rc zdb_consolidate(zdb_reader *reader, const zdb_writer_options *options,
					   const char *label, const zdb_host *host,
					   zdb_consolidated *into, zdb_err *err);

/* How the chain's full backup is compressed; the level is the usual one. */
zdb_codec zdb_consolidate_codec(zdb_reader *reader);

#endif
