/*
 * restore - bring a backup back
 *
 * Into the live database: the backup is checked and opened as an image, the
 * live database is backed up, and the image replaces it in one transaction
 * (SQLite's backup API), or chosen tables' rows do (table_copy). Into another
 * file: the image is built under a temporary name, checked, and published.
 */
#ifndef ZDB_SQLITE_EXT_RESTORE_H
#define ZDB_SQLITE_EXT_RESTORE_H

#include "core/archive/reader.h"
#include "sqlite_ext/call.h"

/* Restore the backup at path by the call's options; fills the report. */
zdb_rc zdblite_restore(zdblite_call *call, const char *path);

#endif
