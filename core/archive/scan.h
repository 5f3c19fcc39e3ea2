/*
 * scan - every byte of a backup, checked, in order
 *
 * The one way through a file: verify throws the bytes away, restore writes
 * them. An indexed file's chunks are read in order, decompressed and compared
 * with CRC and SHA-256 as tasks on the runner; a foreign file is inflated as
 * a stream. Tail blocks, padding and seek table are compared byte for byte.
 */
#ifndef ZDB_CORE_ARCHIVE_SCAN_H
#define ZDB_CORE_ARCHIVE_SCAN_H

#include "core/archive/reader.h"
#include "core/base/host.h"
#include "core/base/task.h"

typedef struct zdb_scan_options
{
	zdb_runner *runner;
	const zdb_host *host; /* or NULL */
	/* Called with the plain bytes in order, or NULL. entry is NULL for a
	 * foreign file. */
	zdb_rc (*take)(void *arg, const zdb_entry *entry, const void *raw,
				   size_t raw_bytes, zdb_err *err);
	void *arg;
	bool own; /* what this file holds itself, nothing of its chain; no take */
} zdb_scan_options;

typedef struct zdb_scan_result
{
	bool complete; /* all was read; else nothing here is valid */
	uint64_t raw_bytes;
	uint64_t chunks;                       /* 0 for a foreign file */
	uint8_t file_sha256[ZDB_SHA256_BYTES]; /* of the file as it lies there */
} zdb_scan_result;

/* Level "data": read everything, the chain too: what of it is needed, and all
 * of it for its SHA-256. */
zdb_rc zdb_scan(zdb_reader *reader, const zdb_scan_options *options,
				zdb_scan_result *result, zdb_err *err);

/* Level "index": footer, manifest, every index entry, tail blocks and seek
 * table, but no chunk. A foreign file passes: it has none. */
zdb_rc zdb_scan_index(zdb_reader *reader, const zdb_host *host, zdb_err *err);

/* SHA-256 of the whole file as it lies there. */
zdb_rc zdb_scan_sha256(zdb_source *source, const zdb_host *host,
					   uint8_t digest[ZDB_SHA256_BYTES], zdb_err *err);

#endif
