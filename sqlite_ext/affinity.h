/*
 * affinity - values as a column stores them
 *
 * https://www.sqlite.org/datatype3.html, 3 and 4.2
 */
#ifndef ZDB_SQLITE_EXT_AFFINITY_H
#define ZDB_SQLITE_EXT_AFFINITY_H

#include "core/dump/value.h"
#include "sqlite_ext/zdblite.h"

/* The declared type of a column, if there is such a one; an ANY that means
 * any is "". Valid until the schema changes. */
const char *zdblite_declared(sqlite3 *db, const char *schema,
							 const char *table, const char *column);

/* Give value, as a column of this affinity would store it. Returns false, and
 * gives nothing, when that is the value as it is. */
bool zdblite_result_as(sqlite3_context *ctx, sqlite3_value *value,
					   zdb_affinity affinity);

#endif
