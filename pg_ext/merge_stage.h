/*
 * merge_stage - stage tables, without the rows that are only counted
 */
#ifndef ZDB_PG_EXT_MERGE_STAGE_H
#define ZDB_PG_EXT_MERGE_STAGE_H

#include "postgres.h"

#include "utils/snapshot.h"

#include "pg_ext/call.h"

#include "core/policy/merge.h"

/* Run a ZDB_MERGE_STAGE step: a temporary table that goes with the
 * transaction. */
extern void zdbpg_merge_stage(zdb_merge *merge, const zdb_merge_step *step,
							  Snapshot snapshot);

#endif
