/*
 * chunk_part - the inside of a chunk
 */
#ifndef ZDB_CORE_ARCHIVE_CHUNK_PART_H
#define ZDB_CORE_ARCHIVE_CHUNK_PART_H

#include "core/archive/chunk.h"

/* Decode a piece into into, which has room for it. */
zdb_rc zdb_chunk_decode_piece(zdb_chunk *chunk, const zdb_piece *piece,
							  void *into, zdb_err *err);

/* Like zdb_chunk_check(), of rows. */
zdb_rc zdb_chunk_check_rows(zdb_chunk *chunk, zdb_err *err);

#endif
