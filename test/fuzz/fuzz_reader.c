/*
 * fuzz_reader - any bytes as a backup, or as a backup and its sidecar
 *
 * The first two bytes are the sidecar's length (0: there is none). Random
 * changes would all end at a wrong checksum: so most of them are signed
 * again, and what lies behind the checksums is reached too.
 */
#include <string.h>
#include <sys/mman.h>

#include "core/archive/image.h"
#include "core/archive/scan.h"
#include "core/archive/tail.h"
#include "core/base/bytes.h"

#define SCRATCH_BYTES_MAX (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t cap);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t cap,
							   unsigned int seed);

/* The database inside, if it is one: read here and there. */
static void
read_image(zdb_reader *reader)
{
	zdb_image_options options = {
		.scratch = {.fd = memfd_create("scratch", MFD_CLOEXEC),
					.bytes_max = SCRATCH_BYTES_MAX}};
	uint8_t bytes[5000];
	zdb_image *image;
	zdb_err err = {0};

	if (zdb_image_open(reader, &options, &image, &err) == ZDB_OK)
		for (uint64_t i = 0; i <= 16; i++)
		{
			uint64_t size = zdb_image_bytes(image), at = size / 16 * i;
			uint64_t left = size - at;

			zdb_err_clear(&err);
			zdb_image_read(image, at, bytes,
						   left < sizeof bytes ? (size_t) left : sizeof bytes,
						   &err);
		}
	zdb_image_free(image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_scan_options options = {.runner = &runner};
	zdb_source *source = NULL, *sidecar = NULL;
	zdb_reader *reader = NULL;
	zdb_scan_result result;
	zdb_err err = {0};
	size_t beside, here;

	if (len < 2)
		return 0;
	beside = zdb_get16(bytes) < len - 2 ? zdb_get16(bytes) : 0;
	here = len - 2 - beside;
	if (zdb_source_memory_open("data", bytes + 2, here, &source, &err))
		return 0;
	if (beside && zdb_source_memory_open("sidecar", bytes + 2 + here, beside,
										 &sidecar, &err))
	{
		zdb_source_free(source);
		return 0;
	}
	if (zdb_reader_open_source(source, sidecar, NULL, &reader, &err) ==
			ZDB_OK &&
		zdb_scan_index(reader, NULL, &err) == ZDB_OK)
		zdb_scan(reader, &options, &result, &err);
	if (reader)
		read_image(reader);
	zdb_reader_free(reader);
	return 0;
}

/* The file's length without a seek table. */
static size_t
without_seek_table(const uint8_t *file, size_t len)
{
	uint64_t table;

	if (len < 9 || zdb_get32(file + len - 4) != ZDB_SEEK_MAGIC)
		return len;
	table = 8 + 8ull * zdb_get32(file + len - 9) + ZDB_SEEK_FOOTER_BYTES;
	return table < len ? len - (size_t) table : len;
}

/* Make the hashes of the groups and the root hash fit, where the footer's
 * numbers lead to bytes that exist. Small directories and manifests only. */
static void
sign_index(uint8_t *file, size_t len, const zdb_footer *footer, uint8_t *root)
{
	uint32_t skip = footer->codec == ZDB_CODEC_GZIP ? 16 : 8;
	uint8_t both[2 * ZDB_BLOCK_PAYLOAD_MAX];
	uint8_t *directory;
	zdb_err err = {0};

	if (footer->chunks > 100000 || footer->tail_offset > len ||
		footer->manifest_bytes > ZDB_BLOCK_PAYLOAD_MAX ||
		footer->directory_bytes != zdb_groups(footer) * ZDB_SHA256_BYTES ||
		zdb_tail_footer(footer) > len)
		return;
	directory = file + zdb_tail_directory(footer) + skip;
	for (uint64_t i = 0; i < zdb_groups(footer); i++)
		zdb_sha256(file + zdb_tail_group(footer, i) + skip,
				   zdb_group_entries(footer, i) * ZDB_ENTRY_BYTES,
				   directory + i * ZDB_SHA256_BYTES, &err);
	memcpy(both, file + footer->tail_offset + skip, footer->manifest_bytes);
	memcpy(both + footer->manifest_bytes, directory, footer->directory_bytes);
	zdb_sha256(both, footer->manifest_bytes + footer->directory_bytes, root,
			   &err);
}

/* Sign the file that ends in a footer with this codec's wrapping, if any. */
static void
sign(uint8_t *file, size_t len, zdb_codec_kind codec)
{
	size_t end = without_seek_table(file, len);
	uint32_t after = codec == ZDB_CODEC_GZIP ? 10 : 0;
	zdb_footer footer;
	uint8_t *payload;
	zdb_err err = {0};

	if (end < ZDB_FOOTER_PAYLOAD + zdb_block_overhead(codec))
		return;
	payload = file + end - after - ZDB_FOOTER_PAYLOAD;
	if (!zdb_footer_decode(payload, &footer, &err))
		return;
	sign_index(file, end, &footer, payload + 64);
	zdb_sha256(payload, 112, payload + 112, &err);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t cap,
						unsigned int seed)
{
	size_t beside;
	uint8_t *tail;

	len = LLVMFuzzerMutate(bytes, len, cap);
	if (len < 2 || seed % 4 == 0)
		return len;
	beside = zdb_get16(bytes) < len - 2 ? zdb_get16(bytes) : 0;
	tail = beside ? bytes + len - beside : bytes + 2;
	sign(tail, (size_t) (bytes + len - tail), ZDB_CODEC_GZIP);
	sign(tail, (size_t) (bytes + len - tail), ZDB_CODEC_ZSTD);
	return len;
}
