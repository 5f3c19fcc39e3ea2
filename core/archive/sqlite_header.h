/*
 * sqlite_header - does the length of a database fit what its header says?
 */
#ifndef ZDB_CORE_ARCHIVE_SQLITE_HEADER_H
#define ZDB_CORE_ARCHIVE_SQLITE_HEADER_H

#include <stdint.h>

#include "core/base/err.h"

#define ZDB_SQLITE_HEADER_BYTES 100

/* Compare the first bytes of a database with its length; ZDB_DAMAGED names
 * the file. */
zdb_rc zdb_sqlite_header_check(const char *name,
							   const uint8_t header[ZDB_SQLITE_HEADER_BYTES],
							   uint64_t bytes, zdb_err *err);

#endif
