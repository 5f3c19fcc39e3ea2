/*
 * zstd - one chunk <-> one zstd frame (RFC 8878)
 *
 * The first chunk of a file is followed by our mark, a skippable frame:
 *
 *   0  5b 2a 4d 18    magic 0x184D2A5B
 *   4  08 00 00 00    8 bytes follow
 *   8  "ZDBMARK1"
 *
 * so that a file that lost its end is still known as ours. Any other may be
 * followed by a tag, a skippable frame with magic 0x184D2A5A.
 */
#ifndef ZDB_CORE_CODEC_ZSTD_H
#define ZDB_CORE_CODEC_ZSTD_H

#include "core/codec/codec.h"

#define ZDB_ZSTD_MARK_BYTES 16

/* Skippable frames: magic, then u32 length. */
#define ZDB_SKIPPABLE_HEADER_BYTES 8
#define ZDB_SKIPPABLE_MARK 0x184D2A5Bu
#define ZDB_SKIPPABLE_TAG 0x184D2A5Au

typedef struct zdb_zstd_encoder zdb_zstd_encoder;
typedef struct zdb_zstd_decoder zdb_zstd_decoder;

zdb_zstd_encoder *zdb_zstd_encoder_new(int level, zdb_err *err);
void zdb_zstd_encoder_free(zdb_zstd_encoder *encoder);
zdb_rc zdb_zstd_encode(zdb_zstd_encoder *encoder, const void *raw,
					   uint32_t raw_bytes, bool first, zdb_buf *stored,
					   zdb_err *err);

/* Like zdb_zstd_encode(), but as one raw block; raw_bytes
 * 256..65536. */
zdb_rc zdb_zstd_encode_stored(const void *raw, uint32_t raw_bytes, bool first,
							  zdb_buf *stored, zdb_err *err);
uint32_t zdb_zstd_stored_bytes(uint32_t raw_bytes, bool first);

zdb_zstd_decoder *zdb_zstd_decoder_new(zdb_err *err);
void zdb_zstd_decoder_free(zdb_zstd_decoder *decoder);
zdb_rc zdb_zstd_decode(zdb_zstd_decoder *decoder, const void *stored,
					   uint32_t stored_bytes, void *raw, uint32_t raw_bytes,
					   zdb_err *err);

/* See zdb_tag_put() and zdb_tag_get(). */
zdb_rc zdb_zstd_tag_put(zdb_buf *stored, const void *tag, uint32_t len,
						zdb_err *err);
const uint8_t *zdb_zstd_tag_get(const uint8_t *stored, uint32_t stored_bytes,
								uint32_t *len);

/* Is this the mark? */
bool zdb_zstd_is_mark(const uint8_t *bytes, size_t len);

#endif
