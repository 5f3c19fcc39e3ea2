/*
 * merge_facts - a SQLite schema as core/policy/merge.h wants it
 */
#ifndef ZDB_SQLITE_EXT_MERGE_FACTS_H
#define ZDB_SQLITE_EXT_MERGE_FACTS_H

#include "sqlite_ext/call.h"

/* The tables of one schema of the call's connection; NULL with the call's err
 * set. */
json_t *zdblite_merge_live(zdblite_call *call, const char *schema);

/* Those of an image that db is open on, shown by vtab_rows.h, to be merged
 * into schema. */
json_t *zdblite_merge_backup(zdblite_call *call, sqlite3 *db,
							 const char *schema);

#endif
