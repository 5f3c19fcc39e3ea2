/*
 * scan_foreign - a file without an index, read as far as its format tells
 */
#ifndef ZDB_CORE_ARCHIVE_SCAN_FOREIGN_H
#define ZDB_CORE_ARCHIVE_SCAN_FOREIGN_H

#include "core/archive/scan.h"

/* Like zdb_scan(), for a file that is not ours: every checksum of gzip or
 * zstd is checked; a SQLite database must have the length its header says. */
zdb_rc zdb_scan_foreign(zdb_reader *reader, const zdb_scan_options *options,
						zdb_scan_result *result, zdb_err *err);

#endif
