/*
 * merge - bring a backup's rows into a database that went on living
 *
 * The image is opened beside, its tables are shown as virtual ones,
 * core/policy/merge.h decides, and its statements run in one immediate
 * transaction, foreign keys on, triggers off.
 */
#ifndef ZDB_SQLITE_EXT_MERGE_H
#define ZDB_SQLITE_EXT_MERGE_H

#include "core/archive/reader.h"
#include "sqlite_ext/call.h"

/* Merge the backup at path by the policy (JSON, a word, or NULL); fills the
 * report. */
zdb_rc zdblite_merge(zdblite_call *call, const char *path, const char *policy);

#endif
