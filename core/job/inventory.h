/*
 * inventory - what backups a repository holds
 *
 * Read from the backups themselves: there is no catalogue that could be lost
 * or wrong. A file that is not ours is listed with what is known of it, one
 * that is damaged with what is wrong with it. Left out are files that belong
 * to others: .zdbi, .sha256, SQLite's journals, and our own, zdbackup_*.
 */
#ifndef ZDB_CORE_JOB_INVENTORY_H
#define ZDB_CORE_JOB_INVENTORY_H

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

typedef struct zdb_inventory
{
	zdb_store *store;
	zdb_arena arena;
	zdb_listed *list; /* newest first */
	size_t count;
	zdb_leftover *leftovers;
	size_t leftover_count;
	zdb_err history; /* why it could not be read, if so */
} zdb_inventory;

/* Read all that the repository holds. *inventory is to be cleared also after
 * an error. What the history says of verifications is not known yet. */
zdb_rc zdb_inventory_open(const zdb_repository *repository,
						  zdb_inventory *inventory, zdb_err *err);

/* Like zdb_inventory_open(), with what the history says, if it can be read. */
zdb_rc zdb_inventory_read(const zdb_repository *repository,
						  zdb_inventory *inventory, zdb_err *err);

void zdb_inventory_clear(zdb_inventory *inventory);

/* Append the rows of zdb_list() to an array. */
zdb_rc zdb_inventory_rows(const zdb_inventory *inventory, json_t *rows,
						  zdb_err *err);

#endif
