/*
 * outside - what the backup does not know and would lose unasked
 *
 * Dropping a table takes along what PostgreSQL counts as its parts, without
 * an error; not all of that is the table's.
 */
#ifndef ZDB_PG_EXT_OUTSIDE_H
#define ZDB_PG_EXT_OUTSIDE_H

#include "pg_ext/restore.h"

/* Before the drop: an error for sequences that a table owns, a warning for
 * publications, where the backup has the table and not them. */
extern void zdbpg_outside_check(zdbpg_restore *restore);

#endif
