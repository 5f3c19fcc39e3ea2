/*
 * choose - which backup a path means
 *
 * A file is itself. A directory is a repository: the newest backup in it, or
 * the newest at or before a moment, of those that serve the purpose. One from
 * the future, made while a clock was wrong, counts when there is no other.
 * Backups that a restore took first (label "prebackup") are never chosen so:
 * they hold what somebody wanted to get rid of. One of some tables is, for its
 * rows, when there is none of all.
 */
#ifndef ZDB_CORE_JOB_CHOOSE_H
#define ZDB_CORE_JOB_CHOOSE_H

#include "core/job/inventory.h"

typedef enum zdb_purpose
{
	ZDB_PURPOSE_READ,    /* any backup */
	ZDB_PURPOSE_RESTORE, /* full, of this engine, of this database if the
							repository holds several */
	ZDB_PURPOSE_MERGE,   /* with rows; of this database, likewise */
} zdb_purpose;

typedef struct zdb_wanted
{
	zdb_purpose purpose;
	const char *path;       /* a file or a directory */
	const char *at;         /* a moment, or NULL */
	const char *engine;     /* ours: "sqlite" or "postgresql" */
	const char *database;   /* ours */
	const zdb_host *host;   /* or NULL */
	zdb_settings *settings; /* for a URL */
	zdb_age_keys *keys;     /* of what is encrypted; or NULL */
	json_t *warnings;       /* files that could not be read; or NULL */
} zdb_wanted;

/* Open the backup that is wanted. When nothing fits, the error says what
 * there is. */
zdb_rc zdb_backup_open(const zdb_wanted *wanted, zdb_reader **out,
					   zdb_err *err);

/* The one of the inventory that is wanted; NULL with err set. */
const zdb_listed *zdb_choose(const zdb_inventory *inventory,
							 const zdb_wanted *wanted, zdb_err *err);

#endif
