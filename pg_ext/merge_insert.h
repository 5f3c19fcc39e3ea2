/*
 * merge_insert - new rows into a live table
 */
#ifndef ZDB_PG_EXT_MERGE_INSERT_H
#define ZDB_PG_EXT_MERGE_INSERT_H

#include "pg_ext/json.h"

#include "core/policy/merge.h"

/* Run an INSERT step; returns how many rows it inserted. Foreign keys in
 * step->proven are not looked at row by row. */
extern uint64 zdbpg_merge_insert(const zdb_merge_step *step);

#endif
