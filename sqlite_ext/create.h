/*
 * create - tables of a backup, created in the live database
 */
#ifndef ZDB_SQLITE_EXT_CREATE_H
#define ZDB_SQLITE_EXT_CREATE_H

#include "sqlite_ext/call.h"

/* Create what schema of the connection from has of a table in the call's
 * database; types is a list for SQL: 'table', 'index', 'trigger'. */
zdb_rc zdblite_create_objects(zdblite_call *call, sqlite3 *from,
							  const char *schema, const char *table,
							  const char *types);

#endif
