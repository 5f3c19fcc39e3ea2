/*
 * chunk - one chunk between its raw and its stored form
 *
 * Encoding and checking are pure functions: bytes in, bytes and hashes out,
 * no shared state. Threads and processes run them alike.
 */
#ifndef ZDB_CORE_ARCHIVE_CHUNK_H
#define ZDB_CORE_ARCHIVE_CHUNK_H

#include "core/archive/reader.h"
#include "core/base/buf.h"

/* Encode entry->raw_bytes of raw and fill entry's lengths and hashes. encoder
 * is NULL for codec none: then stored is not touched, the raw bytes are the
 * stored ones. first: the first chunk of a file, see zdb_encode(). */
zdb_rc zdb_chunk_encode(zdb_encoder *encoder, const void *raw, bool first,
						zdb_entry *entry, zdb_buf *stored, zdb_err *err);

/* A chunk as it comes out of a file. {0} is empty; buffers are reused. */
typedef struct zdb_chunk
{
	uint64_t number;
	zdb_entry entry;
	zdb_decoder *decoder;
	zdb_buf stored;
	zdb_buf raw; /* raw.data holds entry.raw_bytes after zdb_chunk_check() */
} zdb_chunk;

/* Read chunk i of reader (which has a footer) in its stored form. */
zdb_rc zdb_chunk_load(zdb_chunk *chunk, zdb_reader *reader, uint64_t i,
					  zdb_err *err);

/* Decode it and compare both checksums; a message that only says what is
 * wrong: see zdb_reader_blame(). Pure. */
zdb_rc zdb_chunk_check(zdb_chunk *chunk, zdb_err *err);

/* Both, and the message says where. */
zdb_rc zdb_chunk_read(zdb_chunk *chunk, zdb_reader *reader, uint64_t i,
					  zdb_err *err);

void zdb_chunk_clear(zdb_chunk *chunk);

#endif
