/*
 * merge_facts - PostgreSQL's tables as core/policy/merge.h wants them
 */
#ifndef ZDB_PG_EXT_MERGE_FACTS_H
#define ZDB_PG_EXT_MERGE_FACTS_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* JSON texts, one for every table that can be merged into or referred to.
 * triggers: the user wants them to fire. */
extern List *zdbpg_merge_live(bool triggers);

#endif
