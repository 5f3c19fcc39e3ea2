/*
 * catalog - what backups a repository holds
 *
 * Read from the backups themselves: there is no catalogue that could be lost
 * or wrong. A file that is not ours is listed with what is known of it, one
 * that is damaged with what is wrong with it. Left out are files that belong
 * to others: .zdbi, .sha256, SQLite's journals, and our own, zdbackup_*.
 */
#ifndef ZDB_CORE_JOB_CATALOG_H
#define ZDB_CORE_JOB_CATALOG_H

#include "core/base/host.h"
#include "core/job/listed.h"
#include "core/job/run.h"

/* A temporary file, of a run that goes on or was killed. */
typedef struct zdb_leftover
{
	const char *name;
	uint64_t bytes;
	int64_t modified_us;
} zdb_leftover;

typedef struct zdb_catalog
{
	zdb_store *store;
	zdb_arena arena;
	zdb_listed *list; /* newest first */
	size_t count;
	zdb_leftover *leftovers;
	size_t leftover_count;
	zdb_err history; /* why it could not be read, if so */
} zdb_catalog;

/* Read all that the repository holds. *catalog is to be cleared also after an
 * error. What the history says of verifications is not known yet. */
zdb_rc zdb_catalog_open(const zdb_repository *repository, zdb_catalog *catalog,
						zdb_err *err);

/* Like zdb_catalog_open(), with what the history says, if it can be read. */
zdb_rc zdb_catalog_read(const zdb_repository *repository, zdb_catalog *catalog,
						zdb_err *err);

void zdb_catalog_clear(zdb_catalog *catalog);

/* Append the rows of zdb_list() to an array. */
zdb_rc zdb_catalog_rows(const zdb_catalog *catalog, json_t *rows,
						zdb_err *err);

#endif
