/*
 * set_aside - what would change rows and rights while they are restored
 *
 * It is put aside at the beginning and back at the end, in one transaction,
 * so nobody else ever sees it missing.
 */
#ifndef ZDB_PG_EXT_SET_ASIDE_H
#define ZDB_PG_EXT_SET_ASIDE_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* Disable the triggers and rules of a table, and of the partitioned tables
 * above it, that work: in session_replication_role = replica, or as usual.
 * Returns the statements that enable them again as they were, char *. */
extern List *zdbpg_aside_triggers(Oid relid, bool in_replica);

/* Let ALTER DEFAULT PRIVILEGES of the past have no effect. Returns what
 * zdbpg_aside_privileges_back() wants. */
extern List *zdbpg_aside_privileges(void);

/* In effect again, except where new ones stand. */
extern void zdbpg_aside_privileges_back(List *aside);

#endif
