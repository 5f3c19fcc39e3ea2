/*
 * restore_file - restore into another file
 */
#ifndef ZDB_SQLITE_EXT_RESTORE_FILE_H
#define ZDB_SQLITE_EXT_RESTORE_FILE_H

#include "core/archive/reader.h"
#include "sqlite_ext/call.h"

/* Write the reader's database to file: complete, synced and, unless the
 * option verify says no, looked into; or not at all. */
zdb_rc zdblite_restore_file(zdblite_call *call, zdb_reader *reader,
							const char *file);

#endif
