/*
 * open - the backup that a path of the call means
 */
#ifndef ZDB_PG_EXT_OPEN_H
#define ZDB_PG_EXT_OPEN_H

#include "pg_ext/call.h"

#include "core/job/choose.h"

/* Open a file, or of a directory the newest backup that serves the purpose;
 * at is a moment in UTF-8, or NULL. The current memory context owns it. What
 * the call should know is among its warnings. */
extern zdb_reader *zdbpg_open(zdbpg_call *call, zdb_purpose purpose,
							  const char *path, const char *at);

/* Like zdbpg_open(), but what is wrong with the backup stands in *err, and
 * the caller owns *out. */
extern zdb_rc zdbpg_open_into(zdbpg_call *call, zdb_purpose purpose,
							  const char *path, const char *at,
							  zdb_reader **out, zdb_err *err);

#endif
