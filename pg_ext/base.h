/*
 * base - the backup whose chunks an incremental one refers to
 */
#ifndef ZDB_PG_EXT_BASE_H
#define ZDB_PG_EXT_BASE_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "core/archive/reader.h"
#include "core/base/host.h"
#include "pg_ext/origin.h"
#include "pg_ext/plan.h"

/* What a base is compared with. */
typedef struct zdbpg_base_wanted
{
	zdbpg_origin now;
	uint32 unit_blocks;
	const char *path; /* of the new backup, as it was given */
	const zdb_host *host;
} zdbpg_base_wanted;

/* Can the reader's backup be one? If not, *why says so. arg is a
 * zdbpg_base_wanted; called by core. */
extern zdb_rc zdbpg_base_fits(void *arg, zdb_reader *reader, zdb_err *why);

/* Give surveyed tables (zdbpg_table *) their chunks in the base, which was not
 * refused. */
extern void zdbpg_base_match(zdb_reader *base, List *tables,
							 zdbpg_moment *moment);

#endif
