/*
 * sqlite_header - does the length of a database fit what its header says?
 */
#include "core/archive/sqlite_header.h"

static uint32_t
big32(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 |
		   (uint32_t) p[2] << 8 | p[3];
}

/* https://www.sqlite.org/fileformat2.html, 1.3: the size in pages is valid
 * when the change counter equals the version-valid-for number. */
zdb_rc
zdb_sqlite_header_check(const char *name,
						const uint8_t header[ZDB_SQLITE_HEADER_BYTES],
						uint64_t bytes, zdb_err *err)
{
	uint32_t page_size = (uint32_t) header[16] << 8 | header[17];
	uint64_t pages = big32(header + 28);

	page_size = page_size == 1 ? 65536 : page_size;
	if (page_size < 512 || (page_size & (page_size - 1)) != 0)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "\"%s\" is damaged: its header has page size %u",
						   name, page_size);
	if (bytes % page_size != 0)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "\"%s\" is damaged: the database has %llu bytes, "
						   "not a whole number of pages of %u",
						   name, (unsigned long long) bytes, page_size);
	if (big32(header + 24) == big32(header + 92) && pages > 0 &&
		pages * page_size > bytes)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "\"%s\" is damaged: the database has %llu pages, "
						   "its header says %llu",
						   name, (unsigned long long) (bytes / page_size),
						   (unsigned long long) pages);
	return ZDB_OK;
}
