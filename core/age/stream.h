/*
 * stream - the chunks of an age payload, sealed and opened one by one
 *
 *   nonce 16 | chunk 0: 64 KiB + tag 16 | chunk 1 | ... | last chunk
 *
 * Each chunk is sealed under the payload key; its nonce is its number, 11
 * bytes big-endian, and a byte that is 1 for the last one. So a chunk can be
 * read alone, and none can be moved, dropped or appended.
 *
 * No number may be sealed twice, see aead.h.
 */
#ifndef ZDB_CORE_AGE_STREAM_H
#define ZDB_CORE_AGE_STREAM_H

#include "core/age/aead.h"

#define ZDB_AGE_CHUNK_BYTES 65536
#define ZDB_AGE_SEALED_BYTES (ZDB_AGE_CHUNK_BYTES + ZDB_AGE_TAG_BYTES)
#define ZDB_AGE_NONCE_BYTES 16 /* before the chunks; makes the payload key */

/* The payload's key. NULL in *out after an error. */
zdb_rc zdb_age_stream_new(const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
						  const uint8_t nonce[ZDB_AGE_NONCE_BYTES],
						  zdb_age_aead **out, zdb_err *err);

/* Seal len bytes (at most a chunk) as the chunk of this number; sealed gets
 * len + ZDB_AGE_TAG_BYTES. */
zdb_rc zdb_age_stream_seal(zdb_age_aead *payload, uint64_t number, bool last,
						   const void *plain, size_t len, uint8_t *sealed,
						   zdb_err *err);

/* Open a chunk of len bytes, tag included; plain gets the rest. *ok tells
 * whether it is what was sealed with this number, in this place; if not, plain
 * is zeroed. */
zdb_rc zdb_age_stream_open(zdb_age_aead *payload, uint64_t number, bool last,
						   const uint8_t *sealed, size_t len, void *plain,
						   bool *ok, zdb_err *err);

#endif
