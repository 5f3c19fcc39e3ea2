/*
 * zstd - one chunk <-> one zstd frame
 */
#include "core/codec/zstd.h"

#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "core/base/bytes.h"
#include "core/base/mem.h"

/* The frame of a raw block: magic, descriptor (single segment, content size
 * in two bytes, no checksum), content size less 256, block header. */
#define FRAME_MAGIC 0xFD2FB528u
#define FRAME_DESCRIPTOR 0x60
#define STORED_OVERHEAD 10

static const uint8_t mark[ZDB_ZSTD_MARK_BYTES] = {
	0x5b, 0x2a, 0x4d, 0x18, 8,   0,   0,   0,
	'Z',  'D',  'B',  'M',  'A', 'R', 'K', '1'};

struct zdb_zstd_encoder
{
	ZSTD_CCtx *context;
};

struct zdb_zstd_decoder
{
	ZSTD_DCtx *context;
};

zdb_zstd_encoder *
zdb_zstd_encoder_new(int level, zdb_err *err)
{
	zdb_zstd_encoder *encoder = zdb_calloc(1, sizeof *encoder);

	if (encoder)
		encoder->context = ZSTD_createCCtx();
	if (!encoder || !encoder->context)
	{
		zdb_zstd_encoder_free(encoder);
		zdb_err_nomem(err);
		return NULL;
	}
	ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(encoder->context, ZSTD_c_checksumFlag, 1);
	return encoder;
}

void
zdb_zstd_encoder_free(zdb_zstd_encoder *encoder)
{
	if (!encoder)
		return;
	ZSTD_freeCCtx(encoder->context);
	zdb_free(encoder);
}

/* The error for a failed library call: memory, or code with message. */
static zdb_rc
library_error(size_t result, zdb_rc code, const char *message, zdb_err *err)
{
	if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
		return zdb_err_nomem(err);
	return zdb_err_set(err, code, "%s", message);
}

zdb_rc
zdb_zstd_encode(zdb_zstd_encoder *encoder, const void *raw, uint32_t raw_bytes,
				bool first, zdb_buf *stored, zdb_err *err)
{
	size_t cap = ZSTD_compressBound(raw_bytes), len;

	stored->len = 0;
	if (zdb_buf_reserve(stored, cap + sizeof mark, err))
		return err->code;
	len = ZSTD_compress2(encoder->context, stored->data, cap, raw, raw_bytes);
	if (ZSTD_isError(len))
		return library_error(len, ZDB_INTERNAL, "could not compress a chunk",
							 err);
	stored->len = len;
	return first ? zdb_buf_append(stored, mark, sizeof mark, err) : ZDB_OK;
}

uint32_t
zdb_zstd_stored_bytes(uint32_t raw_bytes, bool first)
{
	return STORED_OVERHEAD + raw_bytes + (first ? (uint32_t) sizeof mark : 0);
}

zdb_rc
zdb_zstd_encode_stored(const void *raw, uint32_t raw_bytes, bool first,
					   zdb_buf *stored, zdb_err *err)
{
	uint8_t *to;
	uint32_t block = 1 | raw_bytes << 3; /* last block, type raw */

	stored->len = 0;
	if (zdb_buf_reserve(stored, zdb_zstd_stored_bytes(raw_bytes, first), err))
		return err->code;
	to = stored->data;
	zdb_put32(to, FRAME_MAGIC);
	to[4] = FRAME_DESCRIPTOR;
	zdb_put16(to + 5, (uint16_t) (raw_bytes - 256));
	zdb_put16(to + 7, (uint16_t) block);
	to[9] = (uint8_t) (block >> 16);
	memcpy(to + STORED_OVERHEAD, raw, raw_bytes);
	if (first)
		memcpy(to + STORED_OVERHEAD + raw_bytes, mark, sizeof mark);
	stored->len = zdb_zstd_stored_bytes(raw_bytes, first);
	return ZDB_OK;
}

zdb_zstd_decoder *
zdb_zstd_decoder_new(zdb_err *err)
{
	zdb_zstd_decoder *decoder = zdb_calloc(1, sizeof *decoder);

	if (decoder)
		decoder->context = ZSTD_createDCtx();
	if (decoder && decoder->context)
		return decoder;
	zdb_zstd_decoder_free(decoder);
	zdb_err_nomem(err);
	return NULL;
}

void
zdb_zstd_decoder_free(zdb_zstd_decoder *decoder)
{
	if (!decoder)
		return;
	ZSTD_freeDCtx(decoder->context);
	zdb_free(decoder);
}

/* Is this exactly one tag? */
static bool
is_tag(const uint8_t *bytes, size_t len)
{
	return len >= ZDB_SKIPPABLE_HEADER_BYTES &&
		   zdb_get32(bytes) == ZDB_SKIPPABLE_TAG &&
		   zdb_get32(bytes + 4) == len - ZDB_SKIPPABLE_HEADER_BYTES &&
		   len - ZDB_SKIPPABLE_HEADER_BYTES <= ZDB_TAG_BYTES_MAX;
}

/* The length of the data frame when stored is one, alone or followed by the
 * mark or a tag; else 0. Frames of zstd's old formats are none. */
static size_t
data_frame_bytes(const uint8_t *stored, uint32_t stored_bytes)
{
	size_t frame, rest;

	if (stored_bytes < sizeof(uint32_t) || zdb_get32(stored) != FRAME_MAGIC)
		return 0;
	frame = ZSTD_findFrameCompressedSize(stored, stored_bytes);
	if (ZSTD_isError(frame) || frame > stored_bytes)
		return 0;
	rest = stored_bytes - frame;
	if (rest == 0 || is_tag(stored + frame, rest) ||
		(rest == sizeof mark && zdb_zstd_is_mark(stored + frame, rest)))
		return frame;
	return 0;
}

zdb_rc
zdb_zstd_tag_put(zdb_buf *stored, const void *tag, uint32_t len, zdb_err *err)
{
	uint8_t start[ZDB_SKIPPABLE_HEADER_BYTES];

	if (data_frame_bytes(stored->data, (uint32_t) stored->len) != stored->len)
		return zdb_err_set(err, ZDB_INTERNAL, "a chunk cannot have a tag");
	zdb_put32(start, ZDB_SKIPPABLE_TAG);
	zdb_put32(start + 4, len);
	return zdb_buf_append(stored, start, sizeof start, err)
			   ? err->code
			   : zdb_buf_append(stored, tag, len, err);
}

const uint8_t *
zdb_zstd_tag_get(const uint8_t *stored, uint32_t stored_bytes, uint32_t *len)
{
	size_t frame = data_frame_bytes(stored, stored_bytes);

	if (frame == 0 || !is_tag(stored + frame, stored_bytes - frame))
		return NULL;
	*len = stored_bytes - (uint32_t) frame - ZDB_SKIPPABLE_HEADER_BYTES;
	return stored + stored_bytes - *len;
}

zdb_rc
zdb_zstd_decode(zdb_zstd_decoder *decoder, const void *stored,
				uint32_t stored_bytes, void *raw, uint32_t raw_bytes,
				zdb_err *err)
{
	size_t frame = data_frame_bytes(stored, stored_bytes);
	size_t got;

	if (frame == 0)
		return zdb_err_set(err, ZDB_DAMAGED, "wrong zstd frame");
	got = ZSTD_decompressDCtx(decoder->context, raw, raw_bytes, stored, frame);
	if (ZSTD_isError(got))
		return library_error(got, ZDB_DAMAGED, "could not decompress", err);
	if (got != raw_bytes)
		return zdb_err_set(err, ZDB_DAMAGED, "wrong length");
	return ZDB_OK;
}

bool
zdb_zstd_is_mark(const uint8_t *bytes, size_t len)
{
	return len >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0;
}
