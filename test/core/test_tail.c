/*
 * test_tail - positions by arithmetic, and footers that lie
 */
#include <string.h>

#include "core/archive/tail.h"
#include "core/base/bytes.h"
#include "test/core/test.h"

static zdb_footer
sound_footer(uint8_t codec, uint64_t chunks)
{
	zdb_footer footer = {.version = ZDB_FORMAT_VERSION,
						 .codec = codec,
						 .data_bytes = 100000,
						 .raw_bytes = 200000,
						 .chunks = chunks,
						 .manifest_bytes = 70000};

	footer.tail_offset = codec == ZDB_CODEC_NONE ? 0 : footer.data_bytes;
	footer.directory_bytes =
		(uint32_t) (zdb_groups(&footer) * ZDB_SHA256_BYTES);
	footer.file_bytes = zdb_tail_footer(&footer) + zdb_block_overhead(codec) +
						ZDB_FOOTER_PAYLOAD + zdb_seek_bytes(&footer);
	return footer;
}

/* Encode, change, hash again (a lie, not damage), decode. */
static void
test_lie(const char *what, size_t offset, uint8_t value, zdb_rc code)
{
	zdb_footer footer = sound_footer(ZDB_CODEC_GZIP, 600), back;
	uint8_t payload[ZDB_FOOTER_PAYLOAD];
	zdb_err err = {0};

	zdb_footer_encode(&footer, payload, &err);
	payload[offset] = value;
	zdb_sha256(payload, 112, payload + 112, &err);
	test_ok(zdb_footer_decode(payload, &back, &err) && err.code == code,
			"%s: %s", what, err.msg);
}

int
main(void)
{
	zdb_entry entry = {.file_offset = 1,
					   .raw_offset = 2,
					   .stored_bytes = 3,
					   .raw_bytes = 4,
					   .stored_crc32 = 5,
					   .kind = ZDB_CHUNK_ROWS,
					   .flags = ZDB_CHUNK_CONTINUED,
					   .table = 6,
					   .first = 7,
					   .count = 8,
					   .sha256 = {9}};
	uint8_t disk[ZDB_ENTRY_BYTES], payload[ZDB_FOOTER_PAYLOAD];
	zdb_entry back;
	zdb_err err = {0};

	zdb_entry_encode(&entry, disk);
	test_ok(zdb_entry_decode(disk, &back) && back.count == 8 &&
				back.stored_crc32 == 5 && back.sha256[0] == 9,
			"an entry comes back");
	zdb_put32(disk + 20, ZDB_CHUNK_BYTES_MAX + 1);
	test_ok(!zdb_entry_decode(disk, &back), "a chunk that is too large");

	for (int codec = ZDB_CODEC_NONE; codec <= ZDB_CODEC_ZSTD; codec++)
		for (uint64_t chunks = 1; chunks < 3000; chunks += 511)
		{
			zdb_footer footer = sound_footer((uint8_t) codec, chunks), again;

			zdb_footer_encode(&footer, payload, &err);
			test_ok(zdb_footer_decode(payload, &again, &err) && !err.code &&
						again.file_bytes == footer.file_bytes,
					"codec %d, %d chunks", codec, (int) chunks);
		}
	test_lie("newer version", 8, 2, ZDB_FORMAT);
	test_lie("version 0", 8, 0, ZDB_DAMAGED);
	test_lie("codec", 10, 7, ZDB_DAMAGED);
	test_lie("zero byte", 12, 1, ZDB_DAMAGED);
	test_lie("tail offset", 16, 1, ZDB_DAMAGED);
	test_lie("file length", 30, 1, ZDB_DAMAGED);
	test_lie("chunks", 54, 0xff, ZDB_DAMAGED);
	test_lie("manifest length", 59, 0xff, ZDB_DAMAGED);
	test_lie("zeros at the end", 100, 1, ZDB_DAMAGED);
	payload[0] = 'X';
	test_ok(!zdb_footer_decode(payload, &(zdb_footer){0}, &err),
			"other bytes are no footer");
	return test_done();
}
