/*
 * codec - what each codec and chunk size costs on one file
 *
 * usage: codec FILE
 *
 * Through the same functions as a backup, on one thread; MB are 10^6 bytes of
 * plain data, seconds are CPU seconds, so that a busy machine does little
 * harm. A size is compared with that of zstd -3 over the whole file at once.
 * libdeflate's levels 1 to 3, which we do not use, are measured beside
 * ISA-L's.
 */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/codec/codec.h"
#include "core/io/source.h"

#define BLOCK_MAX (1u << 30)

typedef struct result
{
	uint64_t bytes;
	double encode_s;
	double decode_s;
} result;

static void
check(const zdb_err *err)
{
	if (!err->code)
		return;
	fprintf(stderr, "codec: %s\n", err->msg);
	exit(1);
}

static double
cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* The whole file in memory that the caller frees. */
static uint8_t *
load(const char *path, uint32_t *len)
{
	zdb_source *source;
	zdb_err err = {0};
	uint8_t *bytes;

	zdb_source_file_open(path, &source, &err);
	check(&err);
	*len = source->bytes < BLOCK_MAX ? (uint32_t) source->bytes : BLOCK_MAX;
	bytes = malloc(*len);
	if (!bytes)
		zdb_err_nomem(&err);
	else
		zdb_source_read(source, 0, bytes, *len, &err);
	zdb_source_free(source);
	check(&err);
	return bytes;
}

/* Every chunk there and back. */
static result
measure(zdb_codec codec, const uint8_t *raw, uint32_t len, uint32_t chunk)
{
	uint8_t *back = malloc(chunk);
	zdb_encoder *encoder;
	zdb_decoder *decoder;
	zdb_buf stored = {0};
	zdb_err err = {0};
	result sum = {0};

	if (!back)
		zdb_err_nomem(&err);
	check(&err);
	zdb_encoder_new(codec, &encoder, &err);
	zdb_decoder_new(codec.kind, &decoder, &err);
	check(&err);
	for (uint32_t at = 0, piece; at < len; at += piece)
	{
		double start = cpu_s(), middle;

		piece = len - at < chunk ? len - at : chunk;
		zdb_encode(encoder, raw + at, piece, at == 0, &stored, &err);
		check(&err);
		middle = cpu_s();
		zdb_decode(decoder, stored.data, (uint32_t) stored.len, back, piece,
				   &err);
		check(&err);
		sum.bytes += stored.len;
		sum.encode_s += middle - start;
		sum.decode_s += cpu_s() - middle;
	}
	zdb_encoder_free(encoder);
	zdb_decoder_free(decoder);
	zdb_buf_clear(&stored);
	free(back);
	return sum;
}

/* libdeflate at a level that ISA-L serves. */
static result
measure_libdeflate(int level, const uint8_t *raw, uint32_t len, uint32_t chunk)
{
	struct libdeflate_compressor *deflate = libdeflate_alloc_compressor(level);
	size_t cap = libdeflate_gzip_compress_bound(deflate, chunk);
	uint8_t *stored = malloc(cap);
	double start = cpu_s();
	zdb_err err = {0};
	result sum = {0};

	if (!deflate || !stored)
		zdb_err_nomem(&err);
	check(&err);
	for (uint32_t at = 0, piece; at < len; at += piece)
	{
		piece = len - at < chunk ? len - at : chunk;
		sum.bytes +=
			libdeflate_gzip_compress(deflate, raw + at, piece, stored, cap);
	}
	sum.encode_s = cpu_s() - start;
	libdeflate_free_compressor(deflate);
	free(stored);
	return sum;
}

static void
print_row(const char *name, uint32_t chunk, uint32_t len, result sum,
		  uint64_t whole)
{
	printf("| %s | %u | %.3f | %+.1f | %.0f | ", name, chunk / 1024,
		   (double) len / (double) sum.bytes,
		   100.0 * ((double) sum.bytes / (double) whole - 1),
		   len / 1e6 / sum.encode_s);
	if (sum.decode_s > 0)
		printf("%.0f", len / 1e6 / sum.decode_s);
	printf(" |\n");
	fflush(stdout);
}

static void
measure_hashes(const uint8_t *raw, uint32_t len, uint32_t chunk)
{
	uint8_t digest[ZDB_SHA256_BYTES];
	zdb_err err = {0};
	double start = cpu_s(), middle;

	for (uint32_t at = 0; at + chunk <= len; at += chunk)
		zdb_sha256(raw + at, chunk, digest, &err);
	check(&err);
	middle = cpu_s();
	printf("\nSHA-256: %.0f MB/s",
		   len / chunk * (chunk / 1e6) / (middle - start));
	for (uint32_t at = 0; at + chunk <= len; at += chunk)
		digest[0] ^= (uint8_t) zdb_crc32(raw + at, chunk);
	printf("; CRC-32: %.0f MB/s (check %02x)\n",
		   len / chunk * (chunk / 1e6) / (cpu_s() - middle), digest[0]);
}

/* One row for each codec and chunk size. */
static void
measure_all(const uint8_t *raw, uint32_t len, uint64_t whole)
{
	static const char *const names[] = {
		"gzip:1",  "gzip:2", "gzip:3", "gzip:4", "gzip:6", "gzip:9",
		"gzip:12", "zstd:1", "zstd:3", "zstd:6", "zstd:9"};
	zdb_err err = {0};
	zdb_codec codec;

	for (uint32_t chunk = 64 * 1024; chunk <= 2048 * 1024; chunk *= 2)
	{
		print_row("libdeflate 1", chunk, len,
				  measure_libdeflate(1, raw, len, chunk), whole);
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		{
			zdb_codec_parse(names[i], &codec, &err);
			check(&err);
			print_row(names[i], chunk, len, measure(codec, raw, len, chunk),
					  whole);
		}
	}
}

int
main(int argc, char **argv)
{
	const zdb_codec zstd3 = {ZDB_CODEC_ZSTD, 3};
	uint64_t whole;
	uint32_t len;
	uint8_t *raw;

	if (argc != 2)
	{
		fprintf(stderr, "usage: codec FILE\n");
		return 1;
	}
	raw = load(argv[1], &len);
	whole = measure(zstd3, raw, len, len).bytes;
	printf("%.0f MB; zstd -3 on all of it: %.1f MB\n\n"
		   "| codec | chunk KiB | ratio | size %% | MB/s | back MB/s |\n"
		   "|---|--:|--:|--:|--:|--:|\n",
		   len / 1e6, (double) whole / 1e6);
	measure_all(raw, len, whole);
	measure_hashes(raw, len, 128 * 1024);
	free(raw);
	return 0;
}
