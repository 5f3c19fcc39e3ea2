/*
 * slot - a chunk on its way into a file: lent, encoded by some thread,
 * appended
 */
#ifndef ZDB_CORE_ARCHIVE_SLOT_H
#define ZDB_CORE_ARCHIVE_SLOT_H

#include "core/archive/reader.h"
#include "core/base/task.h"

typedef struct zdb_slot
{
	zdb_task task;        /* first: the task is the slot; pure */
	zdb_encoder *encoder; /* NULL: codec none */
	zdb_buf raw;
	zdb_buf stored;
	bool busy;
	bool first;     /* of the file: see zdb_encode() */
	bool with_sums; /* a chunk of pages whose sums are wanted */
	bool has_base;  /* base is the same pages' chunk in the base */
	bool has_map;   /* of rows: map is theirs */
	zdb_entry base; /* its link as the new file counts */
	zdb_buf base_sums;
	zdb_buf sums;
	zdb_buf patch;
	zdb_buf map;
	zdb_entry entry; /* of link 0 when stored (codec none: raw) is to be
						appended, else a reference */
	zdb_err err;
} zdb_slot;

/* codec: of the file. */
zdb_rc zdb_slot_init(zdb_slot *slot, zdb_codec codec, zdb_err *err);

/* Look for the pages of entry, chunk number of its file, in base. */
zdb_rc zdb_slot_find_base(zdb_slot *slot, zdb_reader *base, uint64_t number,
						  zdb_err *err);

/* The map of entry's rows, or NULL; the first chunk of a file has none. */
zdb_rc zdb_slot_take_map(zdb_slot *slot, const zdb_buf *map, zdb_err *err);

void zdb_slot_clear(zdb_slot *slot);

/* An entry of base as who stands on base counts links. */
zdb_entry zdb_entry_upon(const zdb_reader *base, const zdb_entry *entry);

#endif
