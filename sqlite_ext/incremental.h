/*
 * incremental - what an incremental backup of a database stands on
 *
 * Pages are compared by their sums, so any backup of a database with pages of
 * the same size can be a base. A source that looks as it did when the base was
 * made (change counter, length, inode, times of the last write and change, end
 * of the write-ahead log, on a machine that was not started anew) need not
 * even be read.
 */
#ifndef ZDB_SQLITE_EXT_INCREMENTAL_H
#define ZDB_SQLITE_EXT_INCREMENTAL_H

#include "core/job/base.h"
#include "sqlite_ext/backup.h"
#include "sqlite_ext/snapshot.h"

/* Open the base that request asks for; *out NULL: why says why there is none.
 */
zdb_rc zdblite_base_open(zdblite_call *call,
						 const zdblite_backup_request *request,
						 zdb_codec codec, const char *database,
						 zdb_reader **out, zdb_err *why);

/* Put down in manifest how the source of the snapshot looks, if it can be
 * told. */
zdb_rc zdblite_state_note(const zdblite_snapshot *snapshot,
						  zdb_manifest *manifest, zdb_err *err);

/* Does it look so as when base was made? */
bool zdblite_state_same(const zdb_manifest *manifest, const zdb_reader *base);

/* Write a backup that refers to base for everything, without reading the
 * database. */
zdb_rc zdblite_refer_all(zdb_writer *writer, zdb_reader *base,
						 zdb_manifest *manifest, const zdb_host *host,
						 zdb_err *err);

#endif
