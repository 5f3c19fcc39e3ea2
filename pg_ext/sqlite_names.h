/*
 * sqlite_names - what tables and columns of a SQLite database are called here
 *
 * By the same name, else by the only one that differs in case; a name that is
 * too long for PostgreSQL is cut as it would cut it.
 */
#ifndef ZDB_PG_EXT_SQLITE_NAMES_H
#define ZDB_PG_EXT_SQLITE_NAMES_H

#include "pg_ext/merge_source.h"

/* A table, first along the search path; InvalidOid: it is not here. Raises an
 * error when it could be several. */
extern Oid zdbpg_sqlite_find(const zdbpg_source *source, const char *name);

/* A column of that table; cut, if it is not here. */
extern char *zdbpg_sqlite_column(Oid relid, const char *name);

/* Where missing tables belong: the first schema of the search path. */
extern const char *zdbpg_sqlite_schema(const zdbpg_source *source);

/* A copy of the name, cut. */
extern char *zdbpg_sqlite_cut(const char *name);

/* An identifier for SQLite: quoted, in UTF-8. */
extern char *zdbpg_sqlite_quote(const char *name);

#endif
