/*
 * merge - bring a backup's rows into a database that went on living
 *
 * The rows are loaded into temporary tables, core/policy/merge.h decides, and
 * its statements run in the caller's transaction.
 */
#ifndef ZDB_PG_EXT_MERGE_H
#define ZDB_PG_EXT_MERGE_H

#include "pg_ext/call.h"

/* Merge the file at path by the policy (JSON, a word, or NULL); fills the
 * report. */
extern void zdbpg_merge(zdbpg_call *call, const char *path,
						const char *policy);

#endif
