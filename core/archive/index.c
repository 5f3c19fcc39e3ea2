/*
 * index - the entries of a backup being written
 */
#include "core/archive/index.h"

#include <string.h>

void
zdb_index_init(zdb_index *index)
{
	index->entries = 0;
	index->loaded_group = 0;
	zdb_spool_init(&index->spool);
}

/* A full group leaves current: group i > 0 goes to (i - 1) in the spool. */
static zdb_rc
put_away(zdb_index *index, zdb_err *err)
{
	if (index->entries == ZDB_GROUP_ENTRIES)
	{
		memcpy(index->first, index->current, ZDB_GROUP_BYTES);
		return ZDB_OK;
	}
	return zdb_spool_add(&index->spool, index->current, ZDB_GROUP_BYTES, err);
}

zdb_rc
zdb_index_add(zdb_index *index, const zdb_entry *entry, zdb_err *err)
{
	uint64_t place = index->entries % ZDB_GROUP_ENTRIES;

	zdb_entry_encode(entry, index->current + place * ZDB_ENTRY_BYTES);
	index->entries++;
	return index->entries % ZDB_GROUP_ENTRIES == 0 ? put_away(index, err)
												   : ZDB_OK;
}

void
zdb_index_set_first(zdb_index *index, const zdb_entry *entry)
{
	zdb_entry_encode(entry, index->entries < ZDB_GROUP_ENTRIES ? index->current
															   : index->first);
}

zdb_rc
zdb_index_group(zdb_index *index, uint64_t i, const uint8_t **payload,
				uint32_t *len, zdb_err *err)
{
	*len = ZDB_GROUP_BYTES;
	if (i == index->entries / ZDB_GROUP_ENTRIES)
	{
		*payload = index->current;
		*len =
			(uint32_t) (index->entries % ZDB_GROUP_ENTRIES) * ZDB_ENTRY_BYTES;
		return ZDB_OK;
	}
	*payload = i == 0 ? index->first : index->loaded;
	if (i == 0 || i == index->loaded_group)
		return ZDB_OK;
	index->loaded_group = 0;
	if (zdb_spool_read(&index->spool, (i - 1) * ZDB_GROUP_BYTES, index->loaded,
					   ZDB_GROUP_BYTES, err))
		return err->code;
	index->loaded_group = i;
	return ZDB_OK;
}

void
zdb_index_clear(zdb_index *index)
{
	zdb_spool_clear(&index->spool);
}
