/*
 * verify - prove a backup, at one of three depths
 */
#ifndef ZDB_PG_EXT_VERIFY_H
#define ZDB_PG_EXT_VERIFY_H

#include "core/archive/scan.h"
#include "pg_ext/call.h"

/* Check the reader's file at the level and fill *result; own: at level "data"
 * not what it refers to in its chain. What is wrong with the backup stands in
 * *err; anything else is raised. */
extern zdb_rc zdbpg_verify(zdbpg_call *call, zdb_reader *reader,
						   zdb_level level, bool own, int jobs,
						   zdb_scan_result *result, zdb_err *err);

/* Level "data" by several processes. */
extern zdb_rc zdbpg_verify_parallel(zdbpg_call *call, zdb_reader *reader,
									int jobs, zdb_scan_result *result,
									zdb_err *err);

#endif
