/*
 * open - the backup that a path of the call means
 */
#ifndef ZDB_SQLITE_EXT_OPEN_H
#define ZDB_SQLITE_EXT_OPEN_H

#include "core/job/choose.h"
#include "sqlite_ext/call.h"

/* Open a file, or of a directory the newest backup that serves the purpose;
 * at is a moment or NULL. What the call should know is among its warnings. */
zdb_rc zdblite_open(zdblite_call *call, zdb_purpose purpose, const char *path,
					const char *at, zdb_reader **out);

#endif
