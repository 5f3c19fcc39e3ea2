/*
 * check - what is inside a database: is it whole, does it add up
 */
#ifndef ZDB_SQLITE_EXT_CHECK_H
#define ZDB_SQLITE_EXT_CHECK_H

#include "core/archive/manifest.h"
#include "sqlite_ext/call.h"

/* Run integrity_check on db's schema, then foreign_key_check. Corruption is
 * ZDB_DAMAGED naming the first finding. Violated foreign keys are a warning:
 * SQLite lets databases live with them, and a backup is true to its source. */
zdb_rc zdblite_check_database(zdblite_call *call, sqlite3 *db,
							  const char *schema, const char *name);

/* Compare every table's rows with the manifest; ZDB_MISMATCH names the first
 * that differs. */
zdb_rc zdblite_check_rows(zdblite_call *call, sqlite3 *db, const char *schema,
						  const char *name, const zdb_manifest *manifest);

#endif
