/*
 * diff - what differs between a backup and this database
 *
 * The backup's rows and the stages are temporary tables of a subtransaction,
 * which is rolled back when the last row has been given. All statements see
 * the live tables as of one moment; nobody waits for them.
 */
#ifndef ZDB_PG_EXT_DIFF_H
#define ZDB_PG_EXT_DIFF_H

#include "pg_ext/call.h"

#include "nodes/execnodes.h"

/* Compare call->path; options is JSON in UTF-8, or NULL. Rows go to result. */
extern void zdbpg_diff(zdbpg_call *call, const char *options,
					   ReturnSetInfo *result);

#endif
