/*
 * tail - where everything after the chunks stands
 */
#include "core/archive/tail.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/codec/zstd.h"

#define GZIP_START 16 /* header, XLEN, sub-field id and length */
#define GZIP_END 10   /* an empty deflate block, CRC-32, length: zeros */
#define BLOCK_MAGIC 0x184D2A5Cu
#define FOOTER_MAGIC 0x184D2A5Du

/* Offsets in the footer's payload: docs/format.md. */
enum
{
	FOOTER_VERSION = 8,
	FOOTER_CODEC = 10,
	FOOTER_ZERO = 11, /* 5 bytes */
	FOOTER_TAIL_OFFSET = 16,
	FOOTER_FILE_BYTES = 24,
	FOOTER_DATA_BYTES = 32,
	FOOTER_RAW_BYTES = 40,
	FOOTER_CHUNKS = 48,
	FOOTER_MANIFEST_BYTES = 56,
	FOOTER_DIRECTORY_BYTES = 60,
	FOOTER_ROOT = 64,
	FOOTER_SUMS_BYTES = 96,
	FOOTER_MEMBERS = 104,
	FOOTER_SHA256 = 112,
};

_Static_assert(FOOTER_SHA256 + ZDB_SHA256_BYTES == ZDB_FOOTER_PAYLOAD,
			   "a footer on disk has 144 bytes");
_Static_assert(ZDB_GROUP_BYTES <= ZDB_BLOCK_PAYLOAD_MAX &&
				   ZDB_BLOCK_PAYLOAD_MAX <= 65531,
			   "a block fits a gzip extra sub-field");

uint32_t
zdb_block_overhead(zdb_codec_kind codec)
{
	return codec == ZDB_CODEC_GZIP ? GZIP_START + GZIP_END
								   : ZDB_SKIPPABLE_HEADER_BYTES;
}

/* Write what stands before a payload of len; returns its length. */
static uint32_t
block_start(zdb_codec_kind codec, zdb_block block, uint32_t len,
			uint8_t start[GZIP_START])
{
	static const uint8_t gzip[GZIP_START] = {0x1f, 0x8b, 8, 4, 0,   0, 0, 0,
											 0,    0xff, 0, 0, 'Z', 0, 0, 0};

	if (codec != ZDB_CODEC_GZIP)
	{
		zdb_put32(start,
				  block == ZDB_BLOCK_FOOTER ? FOOTER_MAGIC : BLOCK_MAGIC);
		zdb_put32(start + 4, len);
		return ZDB_SKIPPABLE_HEADER_BYTES;
	}
	memcpy(start, gzip, GZIP_START);
	zdb_put16(start + 10, (uint16_t) (len + 4));
	start[13] = (uint8_t) block;
	zdb_put16(start + 14, (uint16_t) len);
	return GZIP_START;
}

static const uint8_t gzip_end[GZIP_END] = {3};

zdb_rc
zdb_block_wrap(zdb_codec_kind codec, zdb_block block, const void *payload,
			   uint32_t len, zdb_buf *out, zdb_err *err)
{
	uint8_t start[GZIP_START];
	uint32_t start_len = block_start(codec, block, len, start);

	if (zdb_buf_append(out, start, start_len, err) ||
		zdb_buf_append(out, payload, len, err))
		return err->code;
	return codec == ZDB_CODEC_GZIP
			   ? zdb_buf_append(out, gzip_end, GZIP_END, err)
			   : ZDB_OK;
}

const uint8_t *
zdb_block_unwrap(zdb_codec_kind codec, zdb_block block, const uint8_t *bytes,
				 uint32_t len)
{
	uint8_t start[GZIP_START];
	uint32_t start_len = block_start(codec, block, len, start);

	if (memcmp(bytes, start, start_len) != 0)
		return NULL;
	if (codec == ZDB_CODEC_GZIP &&
		memcmp(bytes + start_len + len, gzip_end, GZIP_END) != 0)
		return NULL;
	return bytes + start_len;
}

uint64_t
zdb_blocks_bytes(zdb_codec_kind codec, uint64_t payload_bytes)
{
	uint64_t blocks =
		(payload_bytes + ZDB_BLOCK_PAYLOAD_MAX - 1) / ZDB_BLOCK_PAYLOAD_MAX;

	return payload_bytes + blocks * zdb_block_overhead(codec);
}

uint64_t
zdb_groups(const zdb_footer *footer)
{
	return (footer->chunks + ZDB_GROUP_ENTRIES - 1) / ZDB_GROUP_ENTRIES;
}

uint32_t
zdb_group_entries(const zdb_footer *footer, uint64_t i)
{
	uint64_t left = footer->chunks - i * ZDB_GROUP_ENTRIES;

	return left < ZDB_GROUP_ENTRIES ? (uint32_t) left : ZDB_GROUP_ENTRIES;
}

uint64_t
zdb_tail_group(const zdb_footer *footer, uint64_t i)
{
	return footer->tail_offset +
		   zdb_blocks_bytes(footer->codec, footer->manifest_bytes) +
		   i * (ZDB_GROUP_BYTES + zdb_block_overhead(footer->codec));
}

uint64_t
zdb_tail_directory(const zdb_footer *footer)
{
	return zdb_tail_group(footer, 0) + footer->chunks * ZDB_ENTRY_BYTES +
		   zdb_groups(footer) * zdb_block_overhead(footer->codec);
}

uint64_t
zdb_tail_sums(const zdb_footer *footer)
{
	return zdb_tail_directory(footer) +
		   zdb_blocks_bytes(footer->codec, footer->directory_bytes);
}

uint64_t
zdb_tail_footer(const zdb_footer *footer)
{
	return zdb_tail_sums(footer) +
		   zdb_blocks_bytes(footer->codec, footer->sums_bytes);
}

static uint64_t
blocks(uint64_t payload_bytes)
{
	return (payload_bytes + ZDB_BLOCK_PAYLOAD_MAX - 1) / ZDB_BLOCK_PAYLOAD_MAX;
}

uint64_t
zdb_seek_frames(const zdb_footer *footer)
{
	if (footer->codec != ZDB_CODEC_ZSTD)
		return 0;
	return footer->members + 1 /* the mark */ +
		   blocks(footer->manifest_bytes) + zdb_groups(footer) +
		   blocks(footer->directory_bytes) + blocks(footer->sums_bytes) +
		   1 /* the footer */;
}

uint64_t
zdb_seek_bytes(const zdb_footer *footer)
{
	if (footer->codec != ZDB_CODEC_ZSTD)
		return 0;
	return ZDB_SKIPPABLE_HEADER_BYTES + 8 * zdb_seek_frames(footer) +
		   ZDB_SEEK_FOOTER_BYTES;
}

zdb_rc
zdb_footer_encode(const zdb_footer *footer, uint8_t out[ZDB_FOOTER_PAYLOAD],
				  zdb_err *err)
{
	memset(out, 0, ZDB_FOOTER_PAYLOAD);
	memcpy(out, ZDB_FOOTER_MAGIC, 8);
	zdb_put16(out + FOOTER_VERSION, footer->version);
	out[FOOTER_CODEC] = footer->codec;
	zdb_put64(out + FOOTER_TAIL_OFFSET, footer->tail_offset);
	zdb_put64(out + FOOTER_FILE_BYTES, footer->file_bytes);
	zdb_put64(out + FOOTER_DATA_BYTES, footer->data_bytes);
	zdb_put64(out + FOOTER_RAW_BYTES, footer->raw_bytes);
	zdb_put64(out + FOOTER_CHUNKS, footer->chunks);
	zdb_put32(out + FOOTER_MANIFEST_BYTES, footer->manifest_bytes);
	zdb_put32(out + FOOTER_DIRECTORY_BYTES, footer->directory_bytes);
	memcpy(out + FOOTER_ROOT, footer->root, ZDB_SHA256_BYTES);
	zdb_put64(out + FOOTER_SUMS_BYTES, footer->sums_bytes);
	zdb_put64(out + FOOTER_MEMBERS, footer->members);
	return zdb_sha256(out, FOOTER_SHA256, out + FOOTER_SHA256, err);
}

/* Do the footer's numbers fit one another? */
static bool
footer_fits(const zdb_footer *footer, const uint8_t *in)
{
	static const uint8_t zeros[16];

	/* 2^48 bounds every product and sum below 2^64 */
	return footer->codec <= ZDB_CODEC_ZSTD &&
		   memcmp(in + FOOTER_ZERO, zeros, 5) == 0 &&
		   (footer->version > 1 ||
			memcmp(in + FOOTER_SUMS_BYTES, zeros, 16) == 0) &&
		   footer->sums_bytes % ZDB_PAGE_SUM_BYTES == 0 &&
		   footer->sums_bytes <=
			   footer->raw_bytes / ZDB_PAGE_BYTES_MIN * ZDB_PAGE_SUM_BYTES &&
		   footer->members >= 1 && footer->members <= footer->chunks + 1 &&
		   footer->raw_bytes < (1ull << 60) && footer->chunks >= 1 &&
		   footer->chunks < (1ull << 40) &&
		   footer->tail_offset < (1ull << 60) &&
		   footer->raw_bytes >= footer->chunks &&
		   footer->manifest_bytes <= ZDB_MANIFEST_BYTES_MAX &&
		   footer->directory_bytes == zdb_groups(footer) * ZDB_SHA256_BYTES &&
		   footer->tail_offset ==
			   (footer->codec == ZDB_CODEC_NONE ? 0 : footer->data_bytes) &&
		   footer->file_bytes ==
			   zdb_tail_footer(footer) + zdb_block_overhead(footer->codec) +
				   ZDB_FOOTER_PAYLOAD + zdb_seek_bytes(footer);
}

bool
zdb_footer_decode(const uint8_t in[ZDB_FOOTER_PAYLOAD], zdb_footer *footer,
				  zdb_err *err)
{
	uint8_t sha256[ZDB_SHA256_BYTES];

	if (memcmp(in, ZDB_FOOTER_MAGIC, 8) != 0)
		return false;
	footer->version = zdb_get16(in + FOOTER_VERSION);
	footer->codec = in[FOOTER_CODEC];
	footer->tail_offset = zdb_get64(in + FOOTER_TAIL_OFFSET);
	footer->file_bytes = zdb_get64(in + FOOTER_FILE_BYTES);
	footer->data_bytes = zdb_get64(in + FOOTER_DATA_BYTES);
	footer->raw_bytes = zdb_get64(in + FOOTER_RAW_BYTES);
	footer->chunks = zdb_get64(in + FOOTER_CHUNKS);
	footer->manifest_bytes = zdb_get32(in + FOOTER_MANIFEST_BYTES);
	footer->directory_bytes = zdb_get32(in + FOOTER_DIRECTORY_BYTES);
	memcpy(footer->root, in + FOOTER_ROOT, ZDB_SHA256_BYTES);
	footer->sums_bytes = zdb_get64(in + FOOTER_SUMS_BYTES);
	footer->members =
		footer->version == 1 ? footer->chunks : zdb_get64(in + FOOTER_MEMBERS);
	if (zdb_sha256(in, FOOTER_SHA256, sha256, err))
		return true;
	if (memcmp(sha256, in + FOOTER_SHA256, ZDB_SHA256_BYTES) != 0)
		zdb_err_set(err, ZDB_DAMAGED, "its footer has a wrong checksum");
	else if (footer->version > ZDB_FORMAT_VERSION)
		zdb_err_set(err, ZDB_FORMAT,
					"it has format version %u, which is newer than %d",
					footer->version, ZDB_FORMAT_VERSION);
	else if (footer->version < 1 || !footer_fits(footer, in))
		zdb_err_set(err, ZDB_DAMAGED, "its footer contradicts itself");
	return true;
}
