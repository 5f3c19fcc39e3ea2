/*
 * pages - database pages in ascending order, cut into chunks
 *
 * Chunks are aligned to the database's own offsets, so that a page is found
 * by arithmetic. Page 1 is the writer's head: SQLite writes it last. The
 * lock-byte page is never written by SQLite and stands as zeros.
 */
#ifndef ZDB_SQLITE_EXT_PAGES_H
#define ZDB_SQLITE_EXT_PAGES_H

#include "core/archive/writer.h"
#include "sqlite_ext/zdblite.h"

#define ZDBLITE_PAGE_MAX 65536

/* https://www.sqlite.org/fileformat2.html, "The Lock-Byte Page" */
#define ZDBLITE_LOCK_PAGE_OFFSET 0x40000000u

typedef struct zdblite_pages
{
	zdb_writer *writer;
	uint32_t page_size;
	uint32_t chunk_bytes;
	uint64_t next; /* the offset that comes next; page 1 apart */
	uint32_t used; /* bytes in the chunk being filled */
	bool has_page1;
	uint8_t page1[ZDBLITE_PAGE_MAX];
} zdblite_pages;

void zdblite_pages_init(zdblite_pages *pages, zdb_writer *writer,
						uint32_t page_size, uint32_t chunk_bytes);

/* Take one page. ZDB_UNSUPPORTED when it is not the one that comes next: the
 * caller must go by way of a file. */
zdb_rc zdblite_pages_take(zdblite_pages *pages, uint64_t offset,
						  const void *page, uint32_t len, zdb_err *err);

/* The database ends at bytes: write the rest, page 1 included. cookie is the
 * source's PRAGMA schema_version, which SQLite's backup counts up. */
zdb_rc zdblite_pages_finish(zdblite_pages *pages, uint64_t bytes,
							uint32_t cookie, zdb_err *err);

#endif
