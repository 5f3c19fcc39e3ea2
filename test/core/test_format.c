/*
 * test_format - blocks, entries and footers: each bit of them counts
 */
#include <string.h>

#include "core/archive/tail.h"
#include "core/base/bytes.h"
#include "test/core/test.h"

/* A footer whose numbers fit. */
static zdb_footer
sound_footer(zdb_codec_kind codec, uint64_t chunks)
{
	zdb_footer footer = {
		.version = ZDB_FORMAT_VERSION,
		.codec = (uint8_t) codec,
		.tail_offset = codec == ZDB_CODEC_NONE ? 0 : chunks * 1000,
		.data_bytes = chunks * 1000,
		.raw_bytes = chunks * 4096,
		.chunks = chunks,
		.manifest_bytes = 130001,
		.sums_bytes = chunks * 128,
		.members = chunks,
	};

	footer.directory_bytes =
		(uint32_t) (zdb_groups(&footer) * ZDB_SHA256_BYTES);
	footer.file_bytes = zdb_tail_footer(&footer) + zdb_block_overhead(codec) +
						ZDB_FOOTER_PAYLOAD + zdb_seek_bytes(&footer);
	return footer;
}

static void
test_arithmetic(void)
{
	zdb_footer gzip = sound_footer(ZDB_CODEC_GZIP, 513);
	zdb_footer zstd = sound_footer(ZDB_CODEC_ZSTD, 512);

	test_ok(zdb_groups(&gzip) == 2 && zdb_group_entries(&gzip, 0) == 512 &&
				zdb_group_entries(&gzip, 1) == 1,
			"513 chunks are groups of 512 and 1");
	test_ok(zdb_groups(&zstd) == 1 && zdb_group_entries(&zstd, 0) == 512,
			"512 chunks are one group");
	test_ok(zdb_blocks_bytes(ZDB_CODEC_GZIP, 0) == 0 &&
				zdb_blocks_bytes(ZDB_CODEC_GZIP, 65000) == 65000 + 26 &&
				zdb_blocks_bytes(ZDB_CODEC_GZIP, 65001) == 65001 + 52 &&
				zdb_blocks_bytes(ZDB_CODEC_NONE, 65001) == 65001 + 16,
			"payloads are cut at 65,000 bytes");
	test_ok(zdb_tail_group(&gzip, 1) - zdb_tail_group(&gzip, 0) == 45056 + 26,
			"groups stand a fixed distance apart");
	test_ok(zdb_tail_directory(&gzip) - zdb_tail_group(&gzip, 1) == 88 + 26,
			"the directory follows the last group");
	/* 512 chunks, mark, 3 manifest blocks, group, directory, 2 blocks of
	 * page sums, footer */
	test_ok(zdb_seek_frames(&zstd) == 521 &&
				zdb_seek_bytes(&zstd) == 8 + 8 * 521 + 9,
			"the seek table counts every frame");
}

/* Encode, change, sign again, decode. */
static zdb_rc
decode_changed(zdb_footer footer, size_t at, uint8_t with, zdb_err *err)
{
	uint8_t bytes[ZDB_FOOTER_PAYLOAD];

	zdb_footer_encode(&footer, bytes, err);
	bytes[at] ^= with;
	zdb_sha256(bytes, 112, bytes + 112, err);
	zdb_footer_decode(bytes, &footer, err);
	return err->code;
}

static void
test_footers(zdb_codec_kind codec)
{
	zdb_footer footer = sound_footer(codec, 1025), back;
	uint8_t bytes[ZDB_FOOTER_PAYLOAD];
	int believed = 0;
	zdb_err err = {0};

	memset(footer.root, 7, sizeof footer.root);
	zdb_footer_encode(&footer, bytes, &err);
	test_ok(zdb_footer_decode(bytes, &back, &err) && !err.code &&
				back.chunks == 1025 && back.raw_bytes == 1025 * 4096 &&
				back.file_bytes == footer.file_bytes &&
				memcmp(back.root, footer.root, sizeof back.root) == 0,
			"codec %d: a footer comes back", codec);

	/* signed, but the numbers do not fit: all but raw_bytes, members
	 * (without a seek table) and, in a sidecar, data_bytes are bound to
	 * others */
	for (size_t at = 8; at < 112; at++)
		for (int bit = 0; bit < 8; bit++)
		{
			zdb_err why = {0};
			bool unbound = (at >= 40 && at < 48) || (at >= 64 && at < 96) ||
						   (codec == ZDB_CODEC_NONE && at >= 32 && at < 40) ||
						   (codec != ZDB_CODEC_ZSTD && at >= 104);

			if (!unbound && decode_changed(footer, at, (uint8_t) (1 << bit),
										   &why) == ZDB_OK)
			{
				believed++;
				test_ok(false, "byte %zu, bit %d is believed", at, bit);
			}
		}
	test_ok(believed == 0, "codec %d: contradictions are seen", codec);

	bytes[50] ^= 1;
	test_ok(zdb_footer_decode(bytes, &back, &err), "it is a footer");
	test_err(&err, ZDB_DAMAGED, "wrong checksum");
	bytes[0] = 'z';
	test_ok(!zdb_footer_decode(bytes, &back, &err), "it is no footer");
}

static void
test_versions(void)
{
	zdb_footer footer = sound_footer(ZDB_CODEC_GZIP, 1);
	zdb_err err = {0};

	decode_changed(footer, 8, 1, &err); /* 2 becomes 3 */
	test_err(&err, ZDB_FORMAT, "format version 3, which is newer than 2");
	zdb_err_clear(&err);
	decode_changed(footer, 8, 2, &err); /* 2 becomes 0 */
	test_err(&err, ZDB_DAMAGED, "contradicts itself");
	zdb_err_clear(&err);
	decode_changed(footer, 8, 3, &err); /* and 1, which has no sums */
	test_err(&err, ZDB_DAMAGED, "contradicts itself");
	zdb_err_clear(&err);
	footer.members = 3; /* a guard and two of one chunk */
	decode_changed(footer, 0, 0, &err);
	test_err(&err, ZDB_DAMAGED, "contradicts itself");
	zdb_err_clear(&err);
	footer.chunks = 0;
	decode_changed(footer, 0, 0, &err);
	test_err(&err, ZDB_DAMAGED, "contradicts itself");
	zdb_err_clear(&err);
	footer = sound_footer(ZDB_CODEC_GZIP, 1);
	footer.manifest_bytes = ZDB_MANIFEST_BYTES_MAX + 1;
	footer.file_bytes = zdb_tail_footer(&footer) + 26 + ZDB_FOOTER_PAYLOAD;
	decode_changed(footer, 0, 0, &err);
	test_err(&err, ZDB_DAMAGED, "contradicts itself");
	zdb_err_clear(&err);
	footer = sound_footer(ZDB_CODEC_GZIP, 1);
	footer.chunks = UINT64_MAX / 88 + 2; /* products would wrap around */
	decode_changed(footer, 0, 0, &err);
	test_err(&err, ZDB_DAMAGED, "contradicts itself");
}

static void
test_entries(void)
{
	/* each makes a sound entry on disk invalid */
	static const struct
	{
		int at;
		uint8_t byte;
		const char *what;
	} bad[] = {
		{28, 0, "kind 0"},
		{28, 4, "kind 4"},
		{29, 8, "unknown flag"},
		{29, 2, "page sums of rows"},
		{30, 1, "patched rows"},
		{36, 251, "a link beyond the longest chain"},
		{39, 1, "a link beyond the longest chain"},
		{20, 1, "raw length above 16 MiB"},
		{19, 4, "stored length above 32 MiB"},
	};
	zdb_entry entry = {.file_offset = 1ull << 40,
					   .raw_offset = 3ull << 41,
					   .stored_bytes = 1000,
					   .raw_bytes = ZDB_CHUNK_BYTES_MAX,
					   .stored_crc32 = 0xdeadbeef,
					   .kind = ZDB_CHUNK_ROWS,
					   .flags = ZDB_CHUNK_CONTINUED,
					   .table = 77,
					   .first = 1ull << 50,
					   .count = 9};
	zdb_entry back = {0};
	uint8_t bytes[ZDB_ENTRY_BYTES], changed[ZDB_ENTRY_BYTES];

	memset(entry.sha256, 3, sizeof entry.sha256);
	zdb_entry_encode(&entry, bytes);
	test_ok(
		zdb_entry_decode(bytes, &back) &&
			back.file_offset == entry.file_offset &&
			back.raw_offset == entry.raw_offset && back.stored_bytes == 1000 &&
			back.raw_bytes == entry.raw_bytes &&
			back.stored_crc32 == 0xdeadbeef && back.kind == entry.kind &&
			back.flags == 1 && back.table == 77 && back.first == entry.first &&
			back.count == 9 && memcmp(back.sha256, entry.sha256, 32) == 0,
		"an entry comes back");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
	{
		memcpy(changed, bytes, sizeof bytes);
		changed[bad[i].at] = bad[i].byte;
		test_ok(!zdb_entry_decode(changed, &back), "refused: %s", bad[i].what);
	}
	entry.raw_bytes = 0;
	zdb_entry_encode(&entry, bytes);
	test_ok(!zdb_entry_decode(bytes, &back), "refused: an empty chunk");
}

static void
test_patches(void)
{
	uint8_t bytes[ZDB_ENTRY_BYTES];
	zdb_entry back = {0};
	zdb_entry entry = {.stored_bytes = 9,
					   .raw_bytes = 8192,
					   .kind = ZDB_CHUNK_PAGES,
					   .flags = ZDB_CHUNK_SUMS,
					   .patched = 1,
					   .link = 3,
					   .first = 1,
					   .count = 2};

	zdb_entry_encode(&entry, bytes);
	test_ok(zdb_entry_decode(bytes, &back) && back.patched == 1 &&
				back.link == 3 && zdb_entry_inner_bytes(&back) == 4097,
			"a patch comes back: a bitmap and a page");
	entry.patched = 2;
	zdb_entry_encode(&entry, bytes);
	test_ok(!zdb_entry_decode(bytes, &back), "refused: a patch of all pages");
	entry.count = 0;
	zdb_entry_encode(&entry, bytes);
	test_ok(!zdb_entry_decode(bytes, &back), "refused: pages, but none");
	entry.count = 3;
	zdb_entry_encode(&entry, bytes);
	test_ok(!zdb_entry_decode(bytes, &back), "refused: pages cut apart");
}

/* Changed, an entry of patched rows is none. */
static void
refuse_rows(zdb_entry entry, const char *what)
{
	uint8_t bytes[ZDB_ENTRY_BYTES];
	zdb_entry back;

	zdb_entry_encode(&entry, bytes);
	test_ok(!zdb_entry_decode(bytes, &back), "refused: %s", what);
}

static void
test_patched_rows(void)
{
	const zdb_entry sound = {.stored_bytes = 9,
							 .raw_bytes = 8192,
							 .kind = ZDB_CHUNK_ROWS,
							 .flags = ZDB_CHUNK_MAPPED,
							 .patched = 70,
							 .link = 3,
							 .table = 2,
							 .first = UINT32_MAX,
							 .count = 7,
							 .patch_bytes = ZDB_CHUNK_BYTES_MAX,
							 .patch_of = 123456789};
	uint8_t bytes[ZDB_ENTRY_BYTES];
	zdb_entry back = {0}, entry = sound;

	zdb_entry_encode(&entry, bytes);
	test_ok(zdb_entry_decode(bytes, &back) && back.patched == 70 &&
				back.first == UINT32_MAX && back.count == 7 &&
				back.patch_bytes == ZDB_CHUNK_BYTES_MAX &&
				back.patch_of == 123456789 &&
				zdb_entry_inner_bytes(&back) == ZDB_CHUNK_BYTES_MAX,
			"a patch of rows comes back");
	entry.patch_bytes = 3;
	refuse_rows(entry, "a patch too short for its map's length");
	entry.patch_bytes = ZDB_CHUNK_BYTES_MAX + 1;
	refuse_rows(entry, "a patch above 16 MiB");
	entry = sound;
	entry.first = 0;
	refuse_rows(entry, "patched rows of nowhere");
	entry = sound;
	entry.flags |= ZDB_CHUNK_CONTINUED;
	refuse_rows(entry, "patched rows that go on");
	entry = sound;
	entry.flags |= ZDB_CHUNK_SUMS;
	refuse_rows(entry, "patched rows with page sums");
	entry = sound;
	entry.kind = ZDB_CHUNK_SCRIPT;
	refuse_rows(entry, "a patched script");
	entry.patched = 0;
	refuse_rows(entry, "a mapped script");
	entry.kind = ZDB_CHUNK_PAGES;
	refuse_rows(entry, "mapped pages");
	entry.kind = ZDB_CHUNK_ROWS;
	entry.first = 1ull << 50;
	zdb_entry_encode(&entry, bytes);
	test_ok(zdb_entry_decode(bytes, &back) && back.first == 1ull << 50 &&
				!back.patch_bytes && zdb_entry_inner_bytes(&back) == 8192,
			"mapped rows that are whole begin anywhere");
}

static void
test_blocks(zdb_codec_kind codec)
{
	uint8_t payload[300];
	zdb_buf block = {0};
	zdb_err err = {0};
	int believed = 0;

	memset(payload, 5, sizeof payload);
	zdb_block_wrap(codec, ZDB_BLOCK_TAIL, payload, sizeof payload, &block,
				   &err);
	test_ok(block.len == sizeof payload + zdb_block_overhead(codec),
			"codec %d: wrapping adds what it says", codec);
	test_ok(zdb_block_unwrap(codec, ZDB_BLOCK_TAIL, block.data, 300) &&
				!zdb_block_unwrap(codec, ZDB_BLOCK_FOOTER, block.data, 300) &&
				!zdb_block_unwrap(codec, ZDB_BLOCK_TAIL, block.data, 299),
			"codec %d: only what was wrapped is unwrapped", codec);
	for (size_t bit = 0; bit < 8 * block.len; bit++)
	{
		const uint8_t *inside;

		block.data[bit / 8] ^= (uint8_t) (1 << bit % 8);
		inside = zdb_block_unwrap(codec, ZDB_BLOCK_TAIL, block.data, 300);
		believed += inside && memcmp(inside, payload, sizeof payload) == 0;
		block.data[bit / 8] ^= (uint8_t) (1 << bit % 8);
	}
	test_ok(believed == 0, "codec %d: every bit of a block counts", codec);
	zdb_buf_clear(&block);
}

int
main(void)
{
	test_arithmetic();
	test_versions();
	test_entries();
	test_patches();
	test_patched_rows();
	for (zdb_codec_kind codec = ZDB_CODEC_NONE; codec <= ZDB_CODEC_ZSTD;
		 codec++)
	{
		test_footers(codec);
		test_blocks(codec);
	}
	return test_done();
}
