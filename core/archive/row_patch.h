/*
 * row_patch - the rows of a chunk that changed
 *
 *   u32  length of the map that follows: where the chunk's rows are from now
 *        (row_map.h)
 *   map  of these, those that the chunk before has, from the same places
 *   text of the others, as lines of COPY, in their order
 *
 * The chunk before is "COPY ... FROM stdin;", a line a row, and "\\.". Rows
 * that are not in the second map are left out of it. So that the new length
 * follows from the lengths alone, without a look at the chunk before, their
 * bytes stay as empty lines behind "\\.".
 *
 * Pure functions.
 */
#ifndef ZDB_CORE_ARCHIVE_ROW_PATCH_H
#define ZDB_CORE_ARCHIVE_ROW_PATCH_H

#include "core/archive/row_map.h"

/* Make a patch (replaced, not appended). The maps have as many blocks, and the
 * text has a line for each row that is not kept, or it is ZDB_INTERNAL. */
zdb_rc zdb_row_patch_make(const zdb_buf *map, const zdb_buf *kept,
						  const void *text, uint32_t text_bytes,
						  zdb_buf *patch, zdb_err *err);

/* Length of the text in a patch; UINT32_MAX if it is none. */
uint32_t zdb_row_patch_text(const uint8_t *patch, uint32_t len);

/* How many rows are in that text. */
uint32_t zdb_row_patch_rows(const uint8_t *patch, uint32_t len);

/* raw, a chunk with its map, becomes what the patch makes of it; raw_bytes is
 * that length. scratch is used. Whatever does not fit is ZDB_DAMAGED. */
zdb_rc zdb_row_patch_apply(const uint8_t *patch, uint32_t len,
						   uint32_t raw_bytes, zdb_buf *raw, zdb_buf *map,
						   zdb_buf *scratch, zdb_err *err);

/* The length of a chunk of rows without the empty lines at its end. */
uint32_t zdb_row_patch_trim(const uint8_t *raw, uint32_t len);

#endif
