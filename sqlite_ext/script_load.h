/*
 * script_load - run an SQL script in a scratch database
 *
 * The script may be hostile: it can reach no file (no ATTACH, no function
 * that touches the disk, a short list of PRAGMAs). Statements are run one by
 * one as they are read.
 */
#ifndef ZDB_SQLITE_EXT_SCRIPT_LOAD_H
#define ZDB_SQLITE_EXT_SCRIPT_LOAD_H

#include "core/codec/inflate.h"
#include "sqlite_ext/zdblite.h"

/* Run all of the stream. Errors name the script, the line and the statement's
 * beginning; a script that stops in the middle is ZDB_DAMAGED, one for
 * PostgreSQL ZDB_FORMAT. */
zdb_rc zdblite_script_load(sqlite3 *db, const char *name, zdb_inflate *stream,
						   const zdb_host *host, zdb_err *err);

#endif
