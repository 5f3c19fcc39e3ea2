/*
 * backup - one backup from snapshot to visible, verified file
 */
#ifndef ZDB_SQLITE_EXT_BACKUP_H
#define ZDB_SQLITE_EXT_BACKUP_H

#include "core/job/options.h"
#include "sqlite_ext/call.h"

typedef struct zdblite_backup_request
{
	const char *path; /* as the user gave it; see core/job/path.h */
	const char *schema;
	const char *type;
	const char *base;                     /* or NULL: found by itself */
	const char *compress;                 /* or NULL: by the path's suffix */
	const char *label;                    /* or NULL */
	const zdb_age_recipients *recipients; /* of the caller */
	zdb_names tables;                     /* count 0: all */
	zdb_names exclude;
	zdb_level verify;
	bool overwrite;
	bool exact; /* path is the file's name: no placeholders, no directory */
} zdblite_backup_request;

/* Back up the call's database. Fills the report's keys into report. */
zdb_rc zdblite_backup(zdblite_call *call,
					  const zdblite_backup_request *request, json_t *report);

#endif
