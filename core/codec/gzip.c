/*
 * gzip - one chunk <-> one gzip member
 */
#include "core/codec/gzip.h"

#include <isa-l.h>
#include <libdeflate.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/codec/vector.h"

#define ISAL_LEVEL_MAX 3
#define STORED_BLOCK_MAX 65535
#define STORED_BLOCK_HEADER 5

#define XLEN_AT 10
#define LENGTH_AT 16

static const uint8_t header_start[16] = {0x1f, 0x8b, 8, 4, 0,   0,   0, 0,
										 0,    0xff, 8, 0, 'Z', 'D', 4, 0};
static const uint8_t tag_start[2] = {'Z', 'R'};

struct zdb_gzip_encoder
{
	int level;
	struct libdeflate_compressor *deflate; /* levels 4 and up */
	uint8_t *isal_memory;                  /* levels up to 3 */
	uint32_t isal_bytes;
};

struct zdb_gzip_decoder
{
	struct libdeflate_decompressor *inflate;
};

static uint32_t
isal_memory_bytes(int level)
{
	return level == 1   ? ISAL_DEF_LVL1_DEFAULT
		   : level == 2 ? ISAL_DEF_LVL2_DEFAULT
						: ISAL_DEF_LVL3_DEFAULT;
}

zdb_gzip_encoder *
zdb_gzip_encoder_new(int level, zdb_err *err)
{
	zdb_gzip_encoder *encoder = zdb_calloc(1, sizeof *encoder);

	if (!encoder)
		goto fail;
	encoder->level = level;
	if (level > ISAL_LEVEL_MAX)
		encoder->deflate = libdeflate_alloc_compressor(level);
	else
	{
		encoder->isal_bytes = isal_memory_bytes(level);
		encoder->isal_memory = zdb_malloc(encoder->isal_bytes);
	}
	if (encoder->deflate || encoder->isal_memory)
		return encoder;

fail:
	zdb_gzip_encoder_free(encoder);
	zdb_err_nomem(err);
	return NULL;
}

void
zdb_gzip_encoder_free(zdb_gzip_encoder *encoder)
{
	if (!encoder)
		return;
	libdeflate_free_compressor(encoder->deflate);
	zdb_free(encoder->isal_memory);
	zdb_free(encoder);
}

/* Compress into out; 0 when cap is too small. */
static size_t
deflate_isal(zdb_gzip_encoder *encoder, const void *raw, uint32_t raw_bytes,
			 uint8_t *out, size_t cap)
{
	struct isal_zstream stream;
	int rc;

	isal_deflate_stateless_init(&stream);
	stream.level = (uint32_t) encoder->level;
	stream.level_buf = encoder->isal_memory;
	stream.level_buf_size = encoder->isal_bytes;
	stream.end_of_stream = 1;
	stream.next_in = (uint8_t *) raw;
	stream.avail_in = raw_bytes;
	stream.next_out = out;
	stream.avail_out = (uint32_t) cap;
	rc = isal_deflate_stateless(&stream);
	zdb_vector_clear();
	return rc == COMP_OK ? stream.total_out : 0;
}

/* Write the member's header and trailer around deflate_bytes of data. */
static void
wrap_member(zdb_buf *stored, size_t deflate_bytes, const void *raw,
			uint32_t raw_bytes)
{
	size_t member =
		ZDB_GZIP_HEADER_BYTES + deflate_bytes + ZDB_GZIP_TRAILER_BYTES;
	uint8_t *trailer = stored->data + member - ZDB_GZIP_TRAILER_BYTES;

	memcpy(stored->data, header_start, sizeof header_start);
	zdb_put32(stored->data + sizeof header_start, (uint32_t) member);
	zdb_put32(trailer, zdb_crc32(raw, raw_bytes));
	zdb_put32(trailer + 4, raw_bytes);
	stored->len = member;
}

static size_t
stored_blocks_bytes(uint32_t raw_bytes)
{
	return raw_bytes +
		   STORED_BLOCK_HEADER * ((size_t) raw_bytes / STORED_BLOCK_MAX + 1);
}

zdb_rc
zdb_gzip_encode(zdb_gzip_encoder *encoder, const void *raw, uint32_t raw_bytes,
				zdb_buf *stored, zdb_err *err)
{
	size_t cap = stored_blocks_bytes(raw_bytes) + 1024;
	size_t deflated;

	stored->len = 0;
	if (zdb_buf_reserve(
			stored, cap + ZDB_GZIP_HEADER_BYTES + ZDB_GZIP_TRAILER_BYTES, err))
		return err->code;
	if (encoder->deflate)
		deflated = libdeflate_deflate_compress(
			encoder->deflate, raw, raw_bytes,
			stored->data + ZDB_GZIP_HEADER_BYTES, cap);
	else
		deflated = deflate_isal(encoder, raw, raw_bytes,
								stored->data + ZDB_GZIP_HEADER_BYTES, cap);
	if (deflated == 0)
		return zdb_err_set(err, ZDB_INTERNAL, "could not compress a chunk");
	wrap_member(stored, deflated, raw, raw_bytes);
	return ZDB_OK;
}

uint32_t
zdb_gzip_stored_bytes(uint32_t raw_bytes)
{
	return (uint32_t) (ZDB_GZIP_HEADER_BYTES + ZDB_GZIP_TRAILER_BYTES +
					   stored_blocks_bytes(raw_bytes));
}

zdb_rc
zdb_gzip_encode_stored(const void *raw, uint32_t raw_bytes, zdb_buf *stored,
					   zdb_err *err)
{
	const uint8_t *from = raw;
	uint32_t left = raw_bytes;
	uint8_t *to;

	stored->len = 0;
	if (zdb_buf_reserve(stored, zdb_gzip_stored_bytes(raw_bytes), err))
		return err->code;
	to = stored->data + ZDB_GZIP_HEADER_BYTES;
	do
	{
		uint16_t len =
			(uint16_t) (left < STORED_BLOCK_MAX ? left : STORED_BLOCK_MAX);

		to[0] = len < STORED_BLOCK_MAX; /* the last block, type stored */
		zdb_put16(to + 1, len);
		zdb_put16(to + 3, (uint16_t) ~len);
		memcpy(to + STORED_BLOCK_HEADER, from, len);
		to += STORED_BLOCK_HEADER + len;
		from += len;
		left -= len;
	} while (to < stored->data + zdb_gzip_stored_bytes(raw_bytes) -
					  ZDB_GZIP_TRAILER_BYTES);
	wrap_member(stored, stored_blocks_bytes(raw_bytes), raw, raw_bytes);
	return ZDB_OK;
}

zdb_gzip_decoder *
zdb_gzip_decoder_new(zdb_err *err)
{
	zdb_gzip_decoder *decoder = zdb_calloc(1, sizeof *decoder);

	if (decoder)
		decoder->inflate = libdeflate_alloc_decompressor();
	if (decoder && decoder->inflate)
		return decoder;
	zdb_gzip_decoder_free(decoder);
	zdb_err_nomem(err);
	return NULL;
}

void
zdb_gzip_decoder_free(zdb_gzip_decoder *decoder)
{
	if (!decoder)
		return;
	libdeflate_free_decompressor(decoder->inflate);
	zdb_free(decoder);
}

bool
zdb_gzip_is_ours(const uint8_t *head, size_t len)
{
	return len >= sizeof header_start &&
		   memcmp(head, header_start, XLEN_AT) == 0 &&
		   memcmp(head + XLEN_AT + 2, header_start + XLEN_AT + 2,
				  sizeof header_start - XLEN_AT - 2) == 0;
}

/* The length of a member's header, its tag included; 0: it is none of ours. */
static uint32_t
header_bytes(const uint8_t *stored, uint32_t stored_bytes)
{
	const uint8_t *tag = stored + ZDB_GZIP_HEADER_BYTES;
	uint32_t more;

	if (stored_bytes < ZDB_GZIP_HEADER_BYTES + ZDB_GZIP_TRAILER_BYTES ||
		!zdb_gzip_is_ours(stored, stored_bytes) ||
		zdb_get32(stored + LENGTH_AT) != stored_bytes)
		return 0;
	more = zdb_get16(stored + XLEN_AT) - (uint32_t) header_start[XLEN_AT];
	if (more == 0)
		return ZDB_GZIP_HEADER_BYTES;
	if (more < ZDB_GZIP_TAG_BYTES || more > UINT16_MAX ||
		more > stored_bytes - ZDB_GZIP_HEADER_BYTES - ZDB_GZIP_TRAILER_BYTES ||
		memcmp(tag, tag_start, sizeof tag_start) != 0 ||
		zdb_get16(tag + 2) != more - ZDB_GZIP_TAG_BYTES)
		return 0;
	return ZDB_GZIP_HEADER_BYTES + more;
}

zdb_rc
zdb_gzip_tag_put(zdb_buf *stored, const void *tag, uint32_t len, zdb_err *err)
{
	uint32_t more = ZDB_GZIP_TAG_BYTES + len;
	uint8_t *at;

	if (header_bytes(stored->data, (uint32_t) stored->len) !=
		ZDB_GZIP_HEADER_BYTES)
		return zdb_err_set(err, ZDB_INTERNAL, "a chunk cannot have a tag");
	if (zdb_buf_reserve(stored, more, err))
		return err->code;
	at = stored->data + ZDB_GZIP_HEADER_BYTES;
	memmove(at + more, at, stored->len - ZDB_GZIP_HEADER_BYTES);
	memcpy(at, tag_start, sizeof tag_start);
	zdb_put16(at + 2, (uint16_t) len);
	if (len)
		memcpy(at + ZDB_GZIP_TAG_BYTES, tag, len);
	stored->len += more;
	zdb_put16(stored->data + XLEN_AT,
			  (uint16_t) (header_start[XLEN_AT] + more));
	zdb_put32(stored->data + LENGTH_AT, (uint32_t) stored->len);
	return ZDB_OK;
}

const uint8_t *
zdb_gzip_tag_get(const uint8_t *stored, uint32_t stored_bytes, uint32_t *len)
{
	uint32_t header = header_bytes(stored, stored_bytes);

	if (header <= ZDB_GZIP_HEADER_BYTES)
		return NULL;
	*len = header - ZDB_GZIP_HEADER_BYTES - ZDB_GZIP_TAG_BYTES;
	return stored + header - *len;
}

zdb_rc
zdb_gzip_decode(zdb_gzip_decoder *decoder, const void *stored,
				uint32_t stored_bytes, void *raw, uint32_t raw_bytes,
				zdb_err *err)
{
	const uint8_t *bytes = stored;
	const uint8_t *trailer;
	uint32_t header = header_bytes(bytes, stored_bytes);
	size_t deflated, used, got;

	if (header == 0)
		return zdb_err_set(err, ZDB_DAMAGED, "wrong gzip header");
	deflated = stored_bytes - header - ZDB_GZIP_TRAILER_BYTES;
	trailer = bytes + header + deflated;
	if (libdeflate_deflate_decompress_ex(decoder->inflate, bytes + header,
										 deflated, raw, raw_bytes, &used,
										 &got) != LIBDEFLATE_SUCCESS ||
		used != deflated || got != raw_bytes)
		return zdb_err_set(err, ZDB_DAMAGED, "could not decompress");
	if (zdb_get32(trailer) != zdb_crc32(raw, raw_bytes) ||
		zdb_get32(trailer + 4) != raw_bytes)
		return zdb_err_set(err, ZDB_DAMAGED, "wrong gzip checksum");
	return ZDB_OK;
}
