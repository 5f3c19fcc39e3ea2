/*
 * verify - prove a backup, at one of three depths
 */
#ifndef ZDB_SQLITE_EXT_VERIFY_H
#define ZDB_SQLITE_EXT_VERIFY_H

#include "core/archive/reader.h"
#include "core/archive/scan.h"
#include "sqlite_ext/call.h"

/* Check the reader's file at the level and fill *result. own: on level "data"
 * only what the file holds itself, nothing of its chain. Failure stands in
 * call->err. */
zdb_rc zdblite_verify(zdblite_call *call, zdb_reader *reader, zdb_level level,
					  bool own, zdb_scan_result *result);

#endif
