/*
 * merge_facts - PostgreSQL's tables as core/policy/merge.h wants them
 */
#ifndef ZDB_PG_EXT_MERGE_FACTS_H
#define ZDB_PG_EXT_MERGE_FACTS_H

#include "postgres.h"

#include "pg_ext/json.h"

/* Every table that can be merged into or referred to, an array that goes with
 * the current memory context. writes: rows are to be changed; triggers: the
 * user wants them to fire then. */
extern json_t *zdbpg_merge_live(bool writes, bool triggers);

/* Have the current memory context own what is a json_t, or raise that there
 * was no memory for it. */
extern json_t *zdbpg_merge_own(json_t *json);

#endif
