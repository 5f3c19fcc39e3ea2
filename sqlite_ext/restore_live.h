/*
 * restore_live - replace the live database, or some of its tables
 *
 * Order: the backup is read and checked, the live database is backed up, then
 * one transaction replaces it, then the result is checked. Other connections
 * see the old database or the new one. A crash in the middle leaves the old
 * one: SQLite's own journal or WAL takes it back.
 */
#ifndef ZDB_SQLITE_EXT_RESTORE_LIVE_H
#define ZDB_SQLITE_EXT_RESTORE_LIVE_H

#include "core/archive/reader.h"
#include "sqlite_ext/call.h"

zdb_rc zdblite_restore_live(zdblite_call *call, zdb_reader *reader);

#endif
