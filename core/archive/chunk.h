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

/* The same for rows, with the map (row_map.h) that tells where they are from;
 * the entry is flagged. Without an encoder there is no map. */
zdb_rc zdb_chunk_encode_mapped(zdb_encoder *encoder, const void *raw,
							   const zdb_buf *map, zdb_entry *entry,
							   zdb_buf *stored, zdb_err *err);

/* A patch of rows (row_patch.h) instead of the chunk. The entry is flagged,
 * and its patch_bytes set; patched becomes the number of the rows put in,
 * raw_bytes their length, and sha256 is the patch's, until zdb_writer_patch()
 * makes them those of the chunk. */
zdb_rc zdb_chunk_encode_patch(zdb_encoder *encoder, const zdb_buf *patch,
							  zdb_entry *entry, zdb_buf *stored, zdb_err *err);

/* sha256, of a patch of rows for the chunk before, becomes that of what it
 * makes of it. */
zdb_rc zdb_chunk_hash_upon(const zdb_entry *before,
						   uint8_t sha256[ZDB_SHA256_BYTES], zdb_err *err);

/* Like zdb_chunk_encode(), but entry->sha256 (and ZDB_CHUNK_SUMS) is set
 * already. */
zdb_rc zdb_chunk_encode_hashed(zdb_encoder *encoder, const void *raw,
							   bool first, zdb_entry *entry, zdb_buf *stored,
							   zdb_err *err);

/* Compute the sums of the entry's pages, which are raw; entry->sha256 becomes
 * theirs, and the flag is set. */
zdb_rc zdb_chunk_sums(const void *raw, zdb_entry *entry, zdb_buf *sums,
					  zdb_err *err);

/* What one file of a chain holds of a chunk. */
typedef struct zdb_piece
{
	zdb_codec_kind codec;
	zdb_entry entry; /* link is counted from the file that is read */
	size_t at;       /* where in the chunk's stored bytes */
} zdb_piece;

/* A chunk as it comes out of a file and its chain. {0} is empty; buffers are
 * reused. */
typedef struct zdb_chunk
{
	uint64_t number;
	zdb_entry entry;
	bool own;         /* its own piece only was loaded */
	zdb_entry before; /* then, of a patch of rows: what it is for */
	zdb_decoder *decoders[ZDB_CODEC_ZSTD + 1]; /* as they are needed */
	zdb_piece *pieces; /* the newest first; all but the last are patches */
	uint32_t piece_count;
	uint32_t piece_cap;
	zdb_buf stored; /* those that piece by piece; of this file the first */
	zdb_buf patch;
	zdb_buf sums;
	zdb_buf scratch;
	zdb_buf
		map; /* of rows, if it is flagged, not of an own patch: row_map.h */
	zdb_buf raw; /* raw.data holds entry.raw_bytes after zdb_chunk_check() */
} zdb_chunk;

/* Read chunk i of reader (which has a footer) in its stored form. */
zdb_rc zdb_chunk_load(zdb_chunk *chunk, zdb_reader *reader, uint64_t i,
					  zdb_err *err);

/* Like zdb_chunk_load(), but of the chain no chunk is read: raw does not come
 * of it. Nothing at all is read if it lies in another file (entry.link). */
zdb_rc zdb_chunk_load_own(zdb_chunk *chunk, zdb_reader *reader, uint64_t i,
						  zdb_err *err);

/* Decode it and compare all checksums; a message that only says what is wrong:
 * see zdb_reader_blame(), for which entry then says where. Pure. */
zdb_rc zdb_chunk_check(zdb_chunk *chunk, zdb_err *err);

/* Both, and the message says where. */
zdb_rc zdb_chunk_read(zdb_chunk *chunk, zdb_reader *reader, uint64_t i,
					  zdb_err *err);

void zdb_chunk_clear(zdb_chunk *chunk);

#endif
