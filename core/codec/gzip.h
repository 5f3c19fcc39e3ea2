/*
 * gzip - one chunk <-> one gzip member (RFC 1952)
 *
 *   0  1f 8b 08 04 00000000 00 ff     FEXTRA set, no time, OS unknown
 *  10  08 00                          XLEN
 *  12  'Z' 'D' 04 00                  sub-field: 4 bytes follow
 *  16  u32                            length of the whole member
 *  20  'Z' 'R' u16, tag               with a tag only; in XLEN, too
 *  20  deflate data (RFC 1951)
 *   n  CRC-32, raw length             8 bytes
 *
 * The encoder and decoder keep the libraries' working memory; see codec.h.
 */
#ifndef ZDB_CORE_CODEC_GZIP_H
#define ZDB_CORE_CODEC_GZIP_H

#include "core/codec/codec.h"

#define ZDB_GZIP_HEADER_BYTES 20
#define ZDB_GZIP_TRAILER_BYTES 8
#define ZDB_GZIP_TAG_BYTES 4 /* before the tag's own */

typedef struct zdb_gzip_encoder zdb_gzip_encoder;
typedef struct zdb_gzip_decoder zdb_gzip_decoder;

zdb_gzip_encoder *zdb_gzip_encoder_new(int level, zdb_err *err);
void zdb_gzip_encoder_free(zdb_gzip_encoder *encoder);
zdb_rc zdb_gzip_encode(zdb_gzip_encoder *encoder, const void *raw,
					   uint32_t raw_bytes, zdb_buf *stored, zdb_err *err);

/* Like zdb_gzip_encode(), but in stored blocks; raw_bytes <= 65536. */
zdb_rc zdb_gzip_encode_stored(const void *raw, uint32_t raw_bytes,
							  zdb_buf *stored, zdb_err *err);
uint32_t zdb_gzip_stored_bytes(uint32_t raw_bytes);

zdb_gzip_decoder *zdb_gzip_decoder_new(zdb_err *err);
void zdb_gzip_decoder_free(zdb_gzip_decoder *decoder);
zdb_rc zdb_gzip_decode(zdb_gzip_decoder *decoder, const void *stored,
					   uint32_t stored_bytes, void *raw, uint32_t raw_bytes,
					   zdb_err *err);

/* See zdb_tag_put() and zdb_tag_get(). */
zdb_rc zdb_gzip_tag_put(zdb_buf *stored, const void *tag, uint32_t len,
						zdb_err *err);
const uint8_t *zdb_gzip_tag_get(const uint8_t *stored, uint32_t stored_bytes,
								uint32_t *len);

/* Do these first bytes of a file begin with a member of ours? */
bool zdb_gzip_is_ours(const uint8_t *head, size_t len);

#endif
