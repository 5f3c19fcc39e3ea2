/*
 * codec - which compression, and one chunk through it
 *
 * A chunk becomes one complete gzip member (RFC 1952) or zstd frame (RFC
 * 8878), or stays as it is. Encoders and decoders keep the libraries' working
 * memory; one belongs to one thread at a time.
 *
 * gzip members carry an extra field that marks them as ours and holds their
 * length (docs/format.md); ISA-L serves levels up to 3 (its level 3 has
 * zlib -1's ratio at 4 times the speed), libdeflate levels 4 to 12.
 */
#ifndef ZDB_CORE_CODEC_CODEC_H
#define ZDB_CORE_CODEC_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

typedef enum zdb_codec_kind
{
	ZDB_CODEC_NONE = 0,
	ZDB_CODEC_GZIP = 1,
	ZDB_CODEC_ZSTD = 2,
} zdb_codec_kind;

typedef struct zdb_codec
{
	zdb_codec_kind kind;
	int level; /* gzip 1..12, zstd 1..19, none 0 */
} zdb_codec;

#define ZDB_SHA256_BYTES 32

/* Parse 'gzip', 'gzip:9', 'zstd', 'zstd:3', 'none', 'true', 'false'. Anything
 * else is ZDB_USAGE naming the valid ones. */
zdb_rc zdb_codec_parse(const char *text, zdb_codec *codec, zdb_err *err);

/* "gzip", "zstd", "none". */
const char *zdb_codec_name(zdb_codec_kind kind);

/* ".gz", ".zst", "". */
const char *zdb_codec_suffix(zdb_codec_kind kind);

/* How many raw bytes a chunk should have with this codec (a power of two). */
uint32_t zdb_codec_chunk_bytes(zdb_codec codec);

typedef struct zdb_encoder zdb_encoder;

zdb_rc zdb_encoder_new(zdb_codec codec, zdb_encoder **out, zdb_err *err);
void zdb_encoder_free(zdb_encoder *encoder);

zdb_codec_kind zdb_encoder_kind(const zdb_encoder *encoder);

/* Encode raw into stored (replaced, not appended). With "none" stored
 * becomes a copy. first is true for the first chunk of a file only: a zstd
 * file carries its mark there. */
zdb_rc zdb_encode(zdb_encoder *encoder, const void *raw, uint32_t raw_bytes,
				  bool first, zdb_buf *stored, zdb_err *err);

/* The longest tag. */
#define ZDB_TAG_BYTES_MAX 65000

/* Put a tag into what zdb_encode() made: bytes that decompressors look past.
 * Not with "none", nor where a mark or a tag is, nor a longer one:
 * ZDB_INTERNAL. */
zdb_rc zdb_tag_put(zdb_codec_kind kind, zdb_buf *stored, const void *tag,
				   uint32_t len, zdb_err *err);

/* The tag of a stored chunk; NULL: it has none. *tag points into stored. */
const uint8_t *zdb_tag_get(zdb_codec_kind kind, const uint8_t *stored,
						   uint32_t stored_bytes, uint32_t *len);

/* Like zdb_encode(), but without compression, so that the length
 * follows from raw_bytes alone (the page that is written last needs a hole
 * of known size): zdb_stored_bytes(). raw_bytes 1..65536 for gzip and
 * 256..65536 for zstd. */
zdb_rc zdb_encode_stored(zdb_codec_kind kind, const void *raw,
						 uint32_t raw_bytes, bool first, zdb_buf *stored,
						 zdb_err *err);
uint32_t zdb_stored_bytes(zdb_codec_kind kind, uint32_t raw_bytes, bool first);

typedef struct zdb_decoder zdb_decoder;

zdb_rc zdb_decoder_new(zdb_codec_kind kind, zdb_decoder **out, zdb_err *err);
void zdb_decoder_free(zdb_decoder *decoder);

/* Decode one stored chunk that must give exactly raw_bytes into raw. Anything
 * else is ZDB_DAMAGED with a message that says what ("wrong checksum"); the
 * caller adds where. Never writes beyond raw_bytes. */
zdb_rc zdb_decode(zdb_decoder *decoder, const void *stored,
				  uint32_t stored_bytes, void *raw, uint32_t raw_bytes,
				  zdb_err *err);

/* SHA-256 (FIPS 180-4), at once and in pieces. */
zdb_rc zdb_sha256(const void *bytes, size_t len,
				  uint8_t digest[ZDB_SHA256_BYTES], zdb_err *err);

/* Sums of count pieces of piece_bytes each, one after the other: SHA-256 cut
 * to sum_bytes. One context serves them all: half as long for small pieces. */
zdb_rc zdb_sha256_pieces(const void *bytes, uint32_t piece_bytes,
						 uint64_t count, uint32_t sum_bytes, uint8_t *sums,
						 zdb_err *err);

typedef struct zdb_sha256_stream zdb_sha256_stream;

zdb_rc zdb_sha256_new(zdb_sha256_stream **out, zdb_err *err);
zdb_rc zdb_sha256_update(zdb_sha256_stream *stream, const void *bytes,
						 size_t len, zdb_err *err);
zdb_rc zdb_sha256_final(zdb_sha256_stream *stream,
						uint8_t digest[ZDB_SHA256_BYTES], zdb_err *err);
void zdb_sha256_free(zdb_sha256_stream *stream);

/* CRC-32 as in gzip (ISA-L). */
uint32_t zdb_crc32(const void *bytes, size_t len);

#endif
