/*
 * scan_index - what a scan checks besides the chunks
 */
#ifndef ZDB_CORE_ARCHIVE_SCAN_INDEX_H
#define ZDB_CORE_ARCHIVE_SCAN_INDEX_H

#include "core/archive/reader.h"

/* Where the next chunk begins. */
typedef struct zdb_place
{
	uint64_t file;    /* of those that are in this file */
	uint64_t raw;     /* in the whole */
	uint64_t members; /* seen in this file, the guard too */
} zdb_place;

zdb_place zdb_scan_first(zdb_reader *reader);

/* Does entry i stand there? Each chunk follows the last, in the file and in
 * the whole; *next moves on. */
zdb_rc zdb_scan_order(zdb_reader *reader, uint64_t i, zdb_place *next,
					  const zdb_entry *entry, zdb_err *err);

/* Compare page sums and seek table with the entries. */
zdb_rc zdb_scan_tail(zdb_reader *reader, zdb_err *err);

#endif
