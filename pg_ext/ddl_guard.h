/*
 * ddl_guard - did somebody change the schema while it was read?
 *
 * pg_dump's queries see the snapshot's rows, but the functions that print
 * definitions (pg_get_indexdef and its like) look at the newest catalogs. If
 * these differ, the script may be wrong.
 */
#ifndef ZDB_PG_EXT_DDL_GUARD_H
#define ZDB_PG_EXT_DDL_GUARD_H

#include "postgres.h"

#include "utils/snapshot.h"

/* Raise an error when the catalogs differ between snapshot and now. */
extern void zdbpg_ddl_guard(Snapshot snapshot);

#endif
