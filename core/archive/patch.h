/*
 * patch - the pages of a chunk that changed
 *
 * A bitmap, a bit a page from bit 0 of byte 0 on, then the pages whose bit is
 * set, in order. Pure functions.
 */
#ifndef ZDB_CORE_ARCHIVE_PATCH_H
#define ZDB_CORE_ARCHIVE_PATCH_H

#include "core/archive/format.h"
#include "core/base/buf.h"

/* How many of pages' sums differ. */
uint32_t zdb_patch_count(const uint8_t *sums, const uint8_t *base_sums,
						 uint64_t pages);

/* Append a patch of the raw chunk: its pages whose sums differ. */
zdb_rc zdb_patch_make(const uint8_t *raw, uint64_t pages, uint32_t page_size,
					  const uint8_t *sums, const uint8_t *base_sums,
					  zdb_buf *patch, zdb_err *err);

/* Does the bitmap have exactly patched bits, all of them of pages? */
bool zdb_patch_fits(const uint8_t *patch, uint64_t pages, uint32_t patched);

/* Put the patch's pages, which fits, into the raw chunk. */
void zdb_patch_apply(const uint8_t *patch, uint64_t pages, uint32_t page_size,
					 uint8_t *raw);

/* Compare its pages with the sums of all pages of the chunk. */
zdb_rc zdb_patch_check(const uint8_t *patch, uint64_t pages,
					   uint32_t page_size, const uint8_t *sums, zdb_err *err);

#endif
