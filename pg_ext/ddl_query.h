/*
 * ddl_query - what pg_dump asks, answered from inside
 */
#ifndef ZDB_PG_EXT_DDL_QUERY_H
#define ZDB_PG_EXT_DDL_QUERY_H

#include "pg_ext/ddl_server.h"

/* Answer a Query message but for ReadyForQuery. */
extern void zdbpg_ddl_query(zdbpg_ddl *ddl, const char *text);

/* Answer a FunctionCall message (large objects) but for ReadyForQuery. */
extern void zdbpg_ddl_function(zdbpg_ddl *ddl, StringInfo message);

/* Drop the statements it prepared. */
extern void zdbpg_ddl_forget(zdbpg_ddl *ddl);

#endif
