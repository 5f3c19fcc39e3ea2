/*
 * table_names - the tables that options name
 *
 * A name is taken as it stands first ("My Table", "public.users"), else as an
 * SQL identifier ("\"My Table\"").
 */
#ifndef ZDB_PG_EXT_TABLE_NAMES_H
#define ZDB_PG_EXT_TABLE_NAMES_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* The table's OID. Raises an error that names it when there is none. */
extern Oid zdbpg_table_find(const char *name);

/* Like zdbpg_table_find(), but InvalidOid. */
extern Oid zdbpg_table_lookup(const char *name);

/* A partitioned table with all its partitions, or the table alone (OIDs). */
extern List *zdbpg_table_family(Oid relid);

/* A pattern for pg_dump that matches this table only. */
extern char *zdbpg_table_pattern(Oid relid);

#endif
