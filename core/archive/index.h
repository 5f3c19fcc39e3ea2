/*
 * index - the entries of a backup being written
 *
 * One group is held in memory; full ones go to an unlinked temporary file, so
 * that memory does not grow with the database. The first group stays, because
 * the first entry may be known last.
 */
#ifndef ZDB_CORE_ARCHIVE_INDEX_H
#define ZDB_CORE_ARCHIVE_INDEX_H

#include "core/archive/spool.h"
#include "core/archive/tail.h"

typedef struct zdb_index
{
	uint64_t entries;
	zdb_spool spool;
	uint8_t first[ZDB_GROUP_BYTES];
	uint8_t current[ZDB_GROUP_BYTES]; /* the group being filled */
	uint8_t loaded[ZDB_GROUP_BYTES];  /* one read back, */
	uint64_t loaded_group;            /* its number; 0: none was */
} zdb_index;

void zdb_index_init(zdb_index *index);

/* Append an entry. */
zdb_rc zdb_index_add(zdb_index *index, const zdb_entry *entry, zdb_err *err);

/* Replace entry 0, which was added. */
void zdb_index_set_first(zdb_index *index, const zdb_entry *entry);

/* The payload of group i, valid until the next call; its length. */
zdb_rc zdb_index_group(zdb_index *index, uint64_t i, const uint8_t **payload,
					   uint32_t *len, zdb_err *err);

void zdb_index_clear(zdb_index *index);

#endif
