/*
 * pages - database pages in ascending order, cut into chunks
 */
#include "sqlite_ext/pages.h"

#include <string.h>

#define HEADER_COOKIE 40

void
zdblite_pages_init(zdblite_pages *pages, zdb_writer *writer,
				   uint32_t page_size, uint32_t chunk_bytes)
{
	pages->writer = writer;
	pages->page_size = page_size;
	pages->chunk_bytes = chunk_bytes;
	pages->next = page_size;
	pages->used = 0;
	pages->has_page1 = false;
}

static zdb_rc
flush_chunk(zdblite_pages *pages, zdb_err *err)
{
	uint64_t start = pages->next - pages->used;
	zdb_chunk_about about = {
		.kind = ZDB_CHUNK_PAGES,
		.first = start / pages->page_size + 1,
		.count = pages->used / pages->page_size,
	};

	if (pages->used == 0)
		return ZDB_OK;
	if (zdb_writer_chunk(pages->writer, pages->used, &about, err))
		return err->code;
	pages->used = 0;
	return ZDB_OK;
}

/* Append one page; page NULL means zeros. */
static zdb_rc
append_page(zdblite_pages *pages, const void *page, zdb_err *err)
{
	uint8_t *raw;

	if (zdb_writer_lend(pages->writer, pages->chunk_bytes, &raw, err))
		return err->code;
	if (page)
		memcpy(raw + pages->used, page, pages->page_size);
	else
		memset(raw + pages->used, 0, pages->page_size);
	pages->used += pages->page_size;
	pages->next += pages->page_size;
	if (pages->next % pages->chunk_bytes == 0)
		return flush_chunk(pages, err);
	return ZDB_OK;
}

static zdb_rc
skip_lock_page(zdblite_pages *pages, uint64_t offset, zdb_err *err)
{
	if (pages->next == ZDBLITE_LOCK_PAGE_OFFSET &&
		offset > ZDBLITE_LOCK_PAGE_OFFSET)
		return append_page(pages, NULL, err);
	return ZDB_OK;
}

zdb_rc
zdblite_pages_take(zdblite_pages *pages, uint64_t offset, const void *page,
				   uint32_t len, zdb_err *err)
{
	if (len == pages->page_size && offset == 0)
	{
		memcpy(pages->page1, page, len);
		pages->has_page1 = true;
		return ZDB_OK;
	}
	if (skip_lock_page(pages, offset, err))
		return err->code;
	if (len != pages->page_size || offset != pages->next)
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "SQLite wrote its pages out of order");
	return append_page(pages, page, err);
}

zdb_rc
zdblite_pages_finish(zdblite_pages *pages, uint64_t bytes, uint32_t cookie,
					 zdb_err *err)
{
	zdb_chunk_about about = {.kind = ZDB_CHUNK_PAGES, .first = 1, .count = 1};

	if (skip_lock_page(pages, bytes, err))
		return err->code;
	if (!pages->has_page1 || pages->next != bytes)
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "SQLite did not write all pages");
	if (flush_chunk(pages, err))
		return err->code;
	for (int i = 0; i < 4; i++) /* the header is big-endian */
		pages->page1[HEADER_COOKIE + i] = (uint8_t) (cookie >> (24 - 8 * i));
	return zdb_writer_head(pages->writer, pages->page1, &about, err);
}
