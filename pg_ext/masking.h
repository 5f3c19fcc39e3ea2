/*
 * masking - which rules of a mask a backup's columns get
 *
 * Out of the script alone, before anything is made: its columns, types, keys
 * and foreign keys. What a rule does to rows is mask.h.
 */
#ifndef ZDB_PG_EXT_MASKING_H
#define ZDB_PG_EXT_MASKING_H

#include "pg_ext/call.h"

#include "core/archive/reader.h"
#include "core/policy/mask.h"

typedef struct zdbpg_masking
{
	zdb_mask mask;
	char *dump; /* for those who load the rows: zdb_mask_dump(), in UTF-8 */
} zdbpg_masking;

/* Take the option "mask" of the call. An error names the rule that is wrong.
 * Wiped with the current memory context. */
extern zdbpg_masking *zdbpg_masking_plan(zdbpg_call *call, zdb_reader *reader);

#endif
