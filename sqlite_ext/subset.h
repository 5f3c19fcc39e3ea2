/*
 * subset - a scratch database that holds some of the tables
 *
 * A full backup of chosen tables is still an ordinary database file: the
 * snapshot is copied, what was not asked for is dropped, and the rest is
 * vacuumed. Indexes and triggers stay with their tables; views are kept only
 * when named. Foreign keys to tables left out stay declared.
 */
#ifndef ZDB_SQLITE_EXT_SUBSET_H
#define ZDB_SQLITE_EXT_SUBSET_H

#include "sqlite_ext/backup.h"
#include "sqlite_ext/snapshot.h"

typedef struct zdblite_subset
{
	sqlite3 *db;
	char *path;
} zdblite_subset;

/* Make it beside the path "beside". Close it in either case. */
zdb_rc zdblite_subset_open(zdblite_subset *subset, zdblite_call *call,
						   zdblite_snapshot *snapshot,
						   const zdblite_backup_request *request,
						   const char *beside);

void zdblite_subset_close(zdblite_subset *subset);

#endif
