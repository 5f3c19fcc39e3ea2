/*
 * backup - one backup from snapshot to visible, verified file
 */
#ifndef ZDB_PG_EXT_BACKUP_H
#define ZDB_PG_EXT_BACKUP_H

#include "pg_ext/call.h"

typedef struct zdbpg_backup_request
{
	const char *path; /* absolute; see core/job/path.h */
	const char *type;
	const char *base;     /* of an incremental backup: a path, or NULL */
	const char *compress; /* or NULL: by the path's suffix */
	const char *label;    /* or NULL */
	const zdb_age_recipients *recipients;
	zdb_names tables;
	zdb_names exclude;
	zdb_level verify;
	int jobs; /* 0: as many as are good */
	bool overwrite;
	bool include_foreign_data;
	bool exact; /* path is the file's name: no placeholders, no directory */
} zdbpg_backup_request;

/* The database's name as it may stand in the name of a file. */
extern char *zdbpg_database_file_name(void);

/* Back up the current database. Fills the report's keys into report. */
extern void zdbpg_backup(zdbpg_call *call, const zdbpg_backup_request *request,
						 json_t *report);

#endif
