/*
 * bg_check - is a restored database what the manifest says?
 */
#ifndef ZDB_PG_EXT_BG_CHECK_H
#define ZDB_PG_EXT_BG_CHECK_H

#include "core/archive/reader.h"
#include "pg_ext/bg.h"

/* Compare the rows of every table; if the job says so, insert one row, taken
 * back, into each table with a sequence. A wrong count is an error, a sequence
 * behind its rows a warning. */
extern void zdbpg_bg_check(zdbpg_bg_job *job, zdb_reader *reader);

#endif
