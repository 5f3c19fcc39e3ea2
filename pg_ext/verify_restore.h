/*
 * verify_restore - a backup restored for real, into a scratch database
 */
#ifndef ZDB_PG_EXT_VERIFY_RESTORE_H
#define ZDB_PG_EXT_VERIFY_RESTORE_H

#include "core/archive/reader.h"
#include "pg_ext/call.h"

/* What does not restore stands in *err. */
extern zdb_rc zdbpg_verify_restore(zdbpg_call *call, zdb_reader *reader,
								   int jobs, zdb_err *err);

#endif
