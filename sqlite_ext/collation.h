/*
 * collation - an application's collations on another connection
 *
 * The image's connection does not have what the application has registered on
 * its own, so that one is asked.
 */
#ifndef ZDB_SQLITE_EXT_COLLATION_H
#define ZDB_SQLITE_EXT_COLLATION_H

#include "sqlite_ext/call.h"

/* Have db, which ends with the call, ask the call's connection for collations
 * that it lacks. What fails meanwhile stands in call->err. */
zdb_rc zdblite_collations_of(zdblite_call *call, sqlite3 *db);

#endif
