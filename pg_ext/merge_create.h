/*
 * merge_create - tables of a backup that are not here
 */
#ifndef ZDB_PG_EXT_MERGE_CREATE_H
#define ZDB_PG_EXT_MERGE_CREATE_H

#include "pg_ext/merge_source.h"

/* Run what the script says about the source's missing tables: they, their
 * sequences, defaults, constraints and indexes. They belong to whoever merges.
 * They are not missing any more, but created. */
extern void zdbpg_merge_create(zdbpg_source *source);

#endif
