/*
 * test_codec - every codec and level gives back what it got, and nothing else
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/base/mem.h"
#include "core/codec/codec.h"
#include "core/codec/inflate.h"
#include "test/core/test.h"

#define MOST (300 * 1024)

static const char *const codecs[] = {"none",   "gzip:1", "gzip:2",  "gzip",
									 "gzip:4", "gzip:6", "gzip:12", "zstd:1",
									 "zstd:3", "zstd:19"};

/* Text-like, random or zero bytes. */
static void
fill(uint8_t *raw, size_t len, int kind)
{
	unsigned int seed = 1;

	for (size_t i = 0; i < len; i++)
	{
		seed = seed * 1103515245 + 12345;
		raw[i] = kind == 0   ? (uint8_t) ("etaoin shrdlu"[(seed >> 16) % 13])
				 : kind == 1 ? (uint8_t) (seed >> 16)
							 : 0;
	}
}

static bool
round_trip(zdb_codec codec, const uint8_t *raw, uint32_t len, bool first)
{
	uint8_t *back = malloc(len);
	zdb_encoder *encoder = NULL;
	zdb_decoder *decoder = NULL;
	zdb_buf stored = {0};
	zdb_err err = {0};
	bool ok;

	ok = zdb_encoder_new(codec, &encoder, &err) == ZDB_OK &&
		 zdb_encode(encoder, raw, len, first, &stored, &err) == ZDB_OK &&
		 zdb_decoder_new(codec.kind, &decoder, &err) == ZDB_OK &&
		 zdb_decode(decoder, stored.data, (uint32_t) stored.len, back, len,
					&err) == ZDB_OK &&
		 memcmp(raw, back, len) == 0;
	if (ok && codec.kind != ZDB_CODEC_NONE)
	{
		/* one byte too few, one too many, a byte changed */
		ok = zdb_decode(decoder, stored.data, (uint32_t) stored.len - 1, back,
						len, &err) == ZDB_DAMAGED;
		zdb_err_clear(&err);
		stored.data[stored.len / 2] ^= 0x10;
		ok = ok && (zdb_decode(decoder, stored.data, (uint32_t) stored.len,
							   back, len, &err) == ZDB_DAMAGED ||
					memcmp(raw, back, len) == 0);
	}
	zdb_encoder_free(encoder);
	zdb_decoder_free(decoder);
	zdb_buf_clear(&stored);
	free(back);
	return ok;
}

static void
test_round_trips(void)
{
	static const uint32_t lengths[] = {1, 2, 100, 65535, 65536, 131072, MOST};
	static uint8_t raw[MOST];

	for (size_t c = 0; c < sizeof codecs / sizeof codecs[0]; c++)
	{
		zdb_err err = {0};
		zdb_codec codec;
		bool ok = zdb_codec_parse(codecs[c], &codec, &err) == ZDB_OK;

		for (int kind = 0; kind < 3; kind++)
			for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
			{
				fill(raw, lengths[i], kind);
				ok = ok && round_trip(codec, raw, lengths[i], i % 2);
			}
		test_ok(ok, "%s: 21 round trips", codecs[c]);
	}
}

static void
test_stored(void)
{
	static const uint32_t lengths[] = {512, 1024, 4096, 32768, 65536};
	static uint8_t raw[65536], back[65536];

	fill(raw, sizeof raw, 1);
	for (int kind = ZDB_CODEC_NONE; kind <= ZDB_CODEC_ZSTD; kind++)
	{
		bool ok = true;

		for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		{
			uint32_t len = lengths[i];
			zdb_decoder *decoder;
			zdb_buf stored = {0};
			zdb_err err = {0};

			zdb_encode_stored(kind, raw, len, true, &stored, &err);
			zdb_decoder_new(kind, &decoder, &err);
			ok = ok && stored.len == zdb_stored_bytes(kind, len, true) &&
				 zdb_decode(decoder, stored.data, (uint32_t) stored.len, back,
							len, &err) == ZDB_OK &&
				 memcmp(raw, back, len) == 0;
			zdb_decoder_free(decoder);
			zdb_buf_clear(&stored);
		}
		test_ok(ok, "%s: a stored chunk has the length foretold",
				zdb_codec_name(kind));
	}
}

static void
test_parse(void)
{
	static const char *const wrong[] = {
		"",        "gz",      "gzip:", "gzip:0",  "gzip:13", "gzip:9x",
		"zstd:20", "zstd:-1", "lz4",   "gzip:+3", "gzip:003"};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
	{
		zdb_err err = {0};
		zdb_codec codec;

		test_ok(zdb_codec_parse(wrong[i], &codec, &err) == ZDB_USAGE &&
					*err.hint,
				"\"%s\" is refused with a hint", wrong[i]);
	}
}

/* Inflate everything in pieces of cap; returns the total, or -1. */
static long
inflate_all(const void *bytes, size_t len, size_t cap, uint8_t *out,
			size_t room, zdb_err *err)
{
	zdb_source *source = NULL;
	zdb_inflate *inflate = NULL;
	size_t got = 1, total = 0;

	zdb_source_memory_open("memory", bytes, len, &source, err);
	zdb_inflate_open(source, zdb_codec_sniff(bytes, len), &inflate, err);
	while (!err->code && got > 0 && total + cap <= room)
		if (zdb_inflate_read(inflate, out + total, cap, &got, err) == ZDB_OK)
			total += got;
	zdb_inflate_free(inflate);
	zdb_source_free(source);
	return err->code ? -1 : (long) total;
}

static void
test_inflate(const char *name)
{
	static uint8_t raw[MOST], out[3 * MOST];
	zdb_encoder *encoder;
	zdb_buf stored = {0}, all = {0};
	zdb_err err = {0};
	zdb_codec codec;

	fill(raw, MOST, 0);
	zdb_codec_parse(name, &codec, &err);
	zdb_encoder_new(codec, &encoder, &err);
	for (int i = 0; i < 2; i++)
	{
		zdb_encode(encoder, raw, MOST, i == 0, &stored, &err);
		zdb_buf_append(&all, stored.data, stored.len, &err);
	}
	zdb_encoder_free(encoder);
	for (size_t cap = 1000; cap <= MOST; cap *= 10)
		test_ok(inflate_all(all.data, all.len, cap, out, sizeof out, &err) ==
						2 * MOST &&
					memcmp(out, raw, MOST) == 0 &&
					memcmp(out + MOST, raw, MOST) == 0,
				"%s: two members, %zu bytes at a time", name, cap);
	inflate_all(all.data, all.len - 3, 65536, out, sizeof out, &err);
	test_err(&err, ZDB_DAMAGED, "cut short");
	zdb_err_clear(&err);
	all.data[all.len / 3] ^= 4;
	inflate_all(all.data, all.len, 65536, out, sizeof out, &err);
	test_err(&err, ZDB_DAMAGED, "damaged near byte");
	zdb_err_clear(&err);
	all.data[all.len / 3] ^= 4;
	zdb_buf_append(&all, "\0\0junk", 6, &err);
	inflate_all(all.data, all.len, 65536, out, sizeof out, &err);
	test_err(&err, ZDB_DAMAGED, "appended");
	zdb_buf_clear(&stored);
	zdb_buf_clear(&all);
}

/* A zstd chunk is one frame, for the first chunk with the mark. */
static void
test_one_frame(void)
{
	static const uint8_t raw[1000],
		empty[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0};
	uint8_t back[sizeof raw];
	zdb_encoder *encoder;
	zdb_decoder *decoder;
	zdb_buf stored = {0};
	zdb_err err = {0};

	zdb_encoder_new((zdb_codec){ZDB_CODEC_ZSTD, 3}, &encoder, &err);
	zdb_decoder_new(ZDB_CODEC_ZSTD, &decoder, &err);
	zdb_encode(encoder, raw, sizeof raw, true, &stored, &err);
	stored.data[stored.len - 1] ^= 1;
	zdb_decode(decoder, stored.data, (uint32_t) stored.len, back, sizeof back,
			   &err);
	test_err(&err, ZDB_DAMAGED, "wrong zstd frame");
	zdb_err_clear(&err);
	zdb_encode(encoder, raw, sizeof raw, false, &stored, &err);
	zdb_buf_append(&stored, empty, sizeof empty, &err);
	zdb_decode(decoder, stored.data, (uint32_t) stored.len, back, sizeof back,
			   &err);
	test_err(&err, ZDB_DAMAGED, "wrong zstd frame");
	zdb_encoder_free(encoder);
	zdb_decoder_free(decoder);
	zdb_buf_clear(&stored);
}

/* A chunk with a tag of len bytes, each of them 0x1f. */
static zdb_rc
encode_tagged(zdb_codec codec, const uint8_t *raw, uint32_t raw_bytes,
			  uint32_t len, zdb_buf *stored, zdb_err *err)
{
	static uint8_t tag[ZDB_TAG_BYTES_MAX + 1];
	zdb_encoder *encoder = NULL;

	memset(tag, 0x1f, sizeof tag);
	if (zdb_encoder_new(codec, &encoder, err) == ZDB_OK &&
		zdb_encode(encoder, raw, raw_bytes, false, stored, err) == ZDB_OK)
		zdb_tag_put(codec.kind, stored, tag, len, err);
	zdb_encoder_free(encoder);
	return err->code;
}

static zdb_rc
decode(zdb_codec_kind kind, const zdb_buf *stored, size_t len, uint8_t *back,
	   uint32_t raw_bytes, zdb_err *err)
{
	zdb_decoder *decoder = NULL;

	zdb_err_clear(err);
	if (zdb_decoder_new(kind, &decoder, err) == ZDB_OK)
		zdb_decode(decoder, stored->data, (uint32_t) len, back, raw_bytes,
				   err);
	zdb_decoder_free(decoder);
	return err->code;
}

/* Our decoder, our reader of other people's files, and the tool itself look
 * past tags of any length. */
static void
test_tags(const char *name, const char *tool)
{
	static const uint32_t lens[] = {0, 1, 300, ZDB_TAG_BYTES_MAX};
	static uint8_t raw[50000], back[sizeof raw], out[3 * sizeof raw];
	zdb_buf stored = {0}, all = {0};
	zdb_err err = {0};
	zdb_codec codec;
	char command[1000];

	fill(raw, sizeof raw, 0);
	zdb_codec_parse(name, &codec, &err);
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++)
	{
		uint32_t len = 1;
		const uint8_t *tag;

		encode_tagged(codec, raw, sizeof raw, lens[i], &stored, &err);
		tag =
			zdb_tag_get(codec.kind, stored.data, (uint32_t) stored.len, &len);
		test_ok(!err.code && tag && len == lens[i] &&
					(len == 0 || (tag[0] == 0x1f && tag[len - 1] == 0x1f)),
				"%s: a tag of %u bytes comes back: %s", name, lens[i],
				err.msg);
		decode(codec.kind, &stored, stored.len, back, sizeof raw, &err);
		test_ok(!err.code && memcmp(raw, back, sizeof raw) == 0,
				"and does not disturb: %s", err.msg);
		all.len = 0;
		zdb_buf_append(&all, stored.data, stored.len, &err);
		zdb_buf_append(&all, stored.data, stored.len, &err);
		test_ok(inflate_all(all.data, all.len, 10000, out, sizeof out, &err) ==
						2 * sizeof raw &&
					memcmp(out + sizeof raw, raw, sizeof raw) == 0,
				"nor between two members: %s", err.msg);
		test_write(test_path("tagged"), all.data, all.len);
		test_write(test_path("plain"), out, 2 * sizeof raw);
		snprintf(command, sizeof command, "%s <'%s' | cmp - '%s'", tool,
				 test_path("tagged"), test_path("plain"));
		test_ok(system(command) == 0, "%s does not see it", tool);
	}
	zdb_buf_clear(&stored);
	zdb_buf_clear(&all);
}

/* What is no tag of ours, where one could be. */
static void
test_wrong_tags(const char *name, const uint8_t *places, int count)
{
	static uint8_t raw[1000], back[sizeof raw];
	zdb_buf stored = {0};
	zdb_err err = {0};
	zdb_codec codec;
	uint32_t len;
	size_t tag;

	zdb_codec_parse(name, &codec, &err);
	encode_tagged(codec, raw, sizeof raw, 20, &stored, &err);
	tag = (size_t) (zdb_tag_get(codec.kind, stored.data, (uint32_t) stored.len,
								&len) -
					stored.data);
	for (int i = 0; i < count; i++)
	{
		uint8_t *at = &stored.data[tag - places[i]];

		*at ^= 2;
		decode(codec.kind, &stored, stored.len, back, sizeof raw, &err);
		test_err(&err, ZDB_DAMAGED, "wrong ");
		test_ok(
			!zdb_tag_get(codec.kind, stored.data, (uint32_t) stored.len, &len),
			"%s: no tag when byte -%d is another", name, places[i]);
		*at ^= 2;
	}
	for (size_t cut = tag - 4; cut < tag + 20; cut += 4)
	{
		decode(codec.kind, &stored, cut, back, sizeof raw, &err);
		test_err(&err, ZDB_DAMAGED, "wrong ");
	}
	zdb_err_clear(&err);
	zdb_tag_put(codec.kind, &stored, "x", 1, &err);
	test_err(&err, ZDB_INTERNAL, "cannot have a tag");
	zdb_err_clear(&err);
	encode_tagged(codec, raw, sizeof raw, ZDB_TAG_BYTES_MAX + 1, &stored,
				  &err);
	test_err(&err, ZDB_INTERNAL, "cannot have a tag");
	zdb_buf_clear(&stored);
}

/* Where a mark is there is no tag, and without compression neither. */
static void
test_no_tags(void)
{
	static const uint8_t raw[1000];
	zdb_encoder *encoder = NULL;
	zdb_buf stored = {0};
	zdb_err err = {0};
	uint32_t len;

	zdb_encoder_new((zdb_codec){ZDB_CODEC_ZSTD, 3}, &encoder, &err);
	zdb_encode(encoder, raw, sizeof raw, true, &stored, &err);
	test_ok(!err.code && !zdb_tag_get(ZDB_CODEC_ZSTD, stored.data,
									  (uint32_t) stored.len, &len),
			"a mark is no tag");
	zdb_tag_put(ZDB_CODEC_ZSTD, &stored, "x", 1, &err);
	test_err(&err, ZDB_INTERNAL, "cannot have a tag");
	zdb_err_clear(&err);
	zdb_tag_put(ZDB_CODEC_NONE, &stored, "x", 1, &err);
	test_err(&err, ZDB_INTERNAL, "cannot have a tag");
	zdb_encoder_free(encoder);
	zdb_buf_clear(&stored);
}

/* A frame of some zeros that asks for a window of 2^log bytes; returns what
 * inflating it gives. */
static long
inflate_window(int log, zdb_err *err)
{
	static uint8_t raw[1000], stored[2000], out[4096];
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_inBuffer in = {raw, sizeof raw, 0};
	ZSTD_outBuffer to = {stored, sizeof stored, 0};

	ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, log);
	/* in two calls: with its size known a frame takes a smaller window */
	ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
	ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
	ZSTD_freeCCtx(context);
	return inflate_all(stored, to.pos, 1024, out, sizeof out, err);
}

static void
test_large_window(void)
{
	zdb_err err = {0};

	test_ok(inflate_window(27, &err) == 1000,
			"zstd: a window of 128 MiB is read");
	inflate_window(28, &err);
	test_err(&err, ZDB_FORMAT, "window exceeds 128 MiB");
	test_ok(strstr(err.hint, "--long=31") != NULL, "the hint says how");
}

static zdb_rc
encode_and_decode(void *arg, zdb_err *err)
{
	static const uint8_t raw[1000] = {1, 2, 3};
	uint8_t back[1000];
	zdb_encoder *encoder = NULL;
	zdb_decoder *decoder = NULL;
	zdb_buf stored = {0};
	zdb_codec codec;

	if (zdb_codec_parse(arg, &codec, err) == ZDB_OK &&
		zdb_encoder_new(codec, &encoder, err) == ZDB_OK &&
		zdb_encode(encoder, raw, sizeof raw, true, &stored, err) == ZDB_OK &&
		zdb_decoder_new(codec.kind, &decoder, err) == ZDB_OK)
		zdb_decode(decoder, stored.data, (uint32_t) stored.len, back,
				   sizeof back, err);
	zdb_encoder_free(encoder);
	zdb_decoder_free(decoder);
	zdb_buf_clear(&stored);
	return err->code;
}

int
main(void)
{
	uint8_t digest[ZDB_SHA256_BYTES];
	zdb_err err = {0};

	test_round_trips();
	test_stored();
	test_parse();
	test_inflate("gzip");
	test_inflate("gzip:9");
	test_inflate("zstd");
	test_large_window();
	test_one_frame();
	test_tags("gzip", "gunzip -c");
	test_tags("gzip:9", "gunzip -c");
	test_tags("zstd", "zstd -dc");
	/* the length of the tag, its name; XLEN */
	test_wrong_tags("gzip", (const uint8_t[]){1, 2, 3, 4, 13, 14}, 6);
	/* the length of the tag, its magic */
	test_wrong_tags("zstd", (const uint8_t[]){1, 3, 4, 5, 6, 7, 8}, 7);
	test_no_tags();
	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
		test_break_each(codecs[i], encode_and_decode, (void *) codecs[i]);
	/* FIPS 180-4's example, and RFC 1952's polynomial on "123456789" */
	zdb_sha256("abc", 3, digest, &err);
	test_ok(memcmp(digest, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8) == 0,
			"SHA-256 of \"abc\"");
	test_ok(zdb_crc32("123456789", 9) == 0xcbf43926, "CRC-32");
	return test_done();
}
