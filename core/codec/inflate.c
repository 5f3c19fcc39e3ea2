/*
 * inflate - a whole compressed file as a stream of plain bytes
 */
#include "core/codec/inflate.h"

#include <isa-l.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/codec/vector.h"

#define INPUT_BYTES (256 * 1024)
#define OUTPUT_MAX (1u << 30) /* ISA-L counts in 32 bits */

/* Frames that need a larger window are refused: memory stays bounded. As
 * "zstd -d": 128 MiB, and that only for files made with --long or --ultra. */
#define ZSTD_WINDOW_LOG_MAX 27

#define ZSTD_MAGIC 0xFD2FB528u
#define SKIPPABLE_MAGIC 0x184D2A50u /* the low four bits are free */

struct zdb_inflate
{
	zdb_source *source;
	zdb_codec_kind kind;
	uint64_t offset; /* of the next byte to read from the source */
	bool inside;     /* in a member or frame */
	bool ended;      /* only zeros may follow */
	struct inflate_state gzip;
	ZSTD_DCtx *zstd;
	size_t used; /* of the input buffer */
	size_t filled;
	uint8_t input[INPUT_BYTES];
};

zdb_codec_kind
zdb_codec_sniff(const uint8_t *head, size_t len)
{
	if (len >= 2 && head[0] == 0x1f && head[1] == 0x8b)
		return ZDB_CODEC_GZIP;
	if (len >= 4 && (zdb_get32(head) == ZSTD_MAGIC ||
					 (zdb_get32(head) & ~15u) == SKIPPABLE_MAGIC))
		return ZDB_CODEC_ZSTD;
	return ZDB_CODEC_NONE;
}

zdb_rc
zdb_inflate_open(zdb_source *source, zdb_codec_kind kind, zdb_inflate **out,
				 zdb_err *err)
{
	zdb_inflate *inflate = zdb_calloc(1, sizeof *inflate);

	*out = inflate;
	if (!inflate)
		return zdb_err_nomem(err);
	inflate->source = source;
	inflate->kind = kind;
	if (kind != ZDB_CODEC_ZSTD)
		return ZDB_OK;
	inflate->zstd = ZSTD_createDCtx();
	if (!inflate->zstd)
	{
		zdb_inflate_free(inflate);
		*out = NULL;
		return zdb_err_nomem(err);
	}
	ZSTD_DCtx_setParameter(inflate->zstd, ZSTD_d_windowLogMax,
						   ZSTD_WINDOW_LOG_MAX);
	return ZDB_OK;
}

void
zdb_inflate_free(zdb_inflate *inflate)
{
	if (!inflate)
		return;
	ZSTD_freeDCtx(inflate->zstd);
	zdb_free(inflate);
}

uint64_t
zdb_inflate_offset(const zdb_inflate *inflate)
{
	return inflate->offset - (inflate->filled - inflate->used);
}

static zdb_rc
damaged(zdb_inflate *inflate, const char *what, zdb_err *err)
{
	return zdb_err_set(err, ZDB_DAMAGED,
					   "\"%s\" is damaged near byte %llu: %s",
					   inflate->source->name,
					   (unsigned long long) zdb_inflate_offset(inflate), what);
}

/* Have input, unless the file is at its end. */
static zdb_rc
fill(zdb_inflate *inflate, zdb_err *err)
{
	uint64_t left = inflate->source->bytes - inflate->offset;
	size_t len = left < INPUT_BYTES ? (size_t) left : INPUT_BYTES;

	if (inflate->used < inflate->filled || len == 0)
		return ZDB_OK;
	if (zdb_source_read(inflate->source, inflate->offset, inflate->input, len,
						err))
		return err->code;
	inflate->offset += len;
	inflate->used = 0;
	inflate->filled = len;
	return ZDB_OK;
}

static zdb_rc
step_plain(zdb_inflate *inflate, void *into, size_t cap, size_t *len)
{
	size_t here = inflate->filled - inflate->used;

	*len = here < cap ? here : cap;
	memcpy(into, inflate->input + inflate->used, *len);
	inflate->used += *len;
	return ZDB_OK;
}

static zdb_rc
step_gzip(zdb_inflate *inflate, void *into, size_t cap, size_t *len,
		  zdb_err *err)
{
	struct inflate_state *state = &inflate->gzip;
	int rc;

	if (!inflate->inside)
	{
		isal_inflate_init(state);
		state->crc_flag = ISAL_GZIP;
		inflate->inside = true;
	}
	state->next_in = inflate->input + inflate->used;
	state->avail_in = (uint32_t) (inflate->filled - inflate->used);
	state->next_out = into;
	state->avail_out = (uint32_t) cap;
	rc = isal_inflate(state);
	zdb_vector_clear();
	if (rc != ISAL_DECOMP_OK)
		return damaged(inflate, "it does not decompress", err);
	inflate->used = inflate->filled - state->avail_in;
	*len = cap - state->avail_out;
	inflate->inside = state->block_state != ISAL_BLOCK_FINISH;
	return ZDB_OK;
}

/* A file that needs more memory than we give is not a damaged one. */
static zdb_rc
zstd_failed(zdb_inflate *inflate, size_t rc, zdb_err *err)
{
	ZSTD_ErrorCode code = ZSTD_getErrorCode(rc);

	if (code == ZSTD_error_memory_allocation)
		return zdb_err_nomem(err);
	if (code != ZSTD_error_frameParameter_windowTooLarge)
		return damaged(inflate, ZSTD_getErrorName(rc), err);
	zdb_err_set(err, ZDB_FORMAT,
				"\"%s\" cannot be read: at byte %llu begins a zstd frame "
				"whose window exceeds %u MiB",
				inflate->source->name,
				(unsigned long long) zdb_inflate_offset(inflate),
				1u << (ZSTD_WINDOW_LOG_MAX - 20));
	zdb_err_hint(err, "Uncompress it with \"zstd -d --long=31\" first.");
	return err->code;
}

static zdb_rc
step_zstd(zdb_inflate *inflate, void *into, size_t cap, size_t *len,
		  zdb_err *err)
{
	ZSTD_inBuffer in = {inflate->input, inflate->filled, inflate->used};
	ZSTD_outBuffer out = {into, cap, 0};
	size_t rc = ZSTD_decompressStream(inflate->zstd, &out, &in);

	if (ZSTD_isError(rc))
		return zstd_failed(inflate, rc, err);
	inflate->used = in.pos;
	inflate->inside = rc != 0;
	*len = out.pos;
	return ZDB_OK;
}

/* Between members: does another one begin, or only zeros follow? */
static zdb_rc
begin_member(zdb_inflate *inflate, zdb_err *err)
{
	const uint8_t *at = inflate->input + inflate->used;

	if (inflate->kind == ZDB_CODEC_NONE || inflate->inside)
		return ZDB_OK;
	if (*at == 0)
		inflate->ended = true;
	if (!inflate->ended)
		return ZDB_OK;
	for (; inflate->used < inflate->filled; inflate->used++)
		if (inflate->input[inflate->used] != 0)
			return damaged(inflate, "something was appended", err);
	return ZDB_OK;
}

static bool
at_end(const zdb_inflate *inflate)
{
	return inflate->used == inflate->filled &&
		   inflate->offset == inflate->source->bytes;
}

static zdb_rc
step(zdb_inflate *inflate, void *into, size_t cap, size_t *len, zdb_err *err)
{
	switch (inflate->kind)
	{
		case ZDB_CODEC_NONE:
			return step_plain(inflate, into, cap, len);
		case ZDB_CODEC_GZIP:
			return step_gzip(inflate, into, cap, len, err);
		case ZDB_CODEC_ZSTD:
			return step_zstd(inflate, into, cap, len, err);
	}
	return ZDB_OK;
}

zdb_rc
zdb_inflate_read(zdb_inflate *inflate, void *into, size_t cap, size_t *len,
				 zdb_err *err)
{
	*len = 0;
	cap = cap > OUTPUT_MAX ? OUTPUT_MAX : cap;
	while (*len == 0)
	{
		if (fill(inflate, err))
			return err->code;
		if (at_end(inflate) && !inflate->inside)
			return ZDB_OK;
		if (inflate->used < inflate->filled && begin_member(inflate, err))
			return err->code;
		if (inflate->ended)
			continue;
		if (step(inflate, into, cap, len, err))
			return err->code;
		/* a library may hold back output when it has taken all input */
		if (*len == 0 && inflate->inside && at_end(inflate))
			return damaged(inflate, "it was cut short", err);
	}
	return ZDB_OK;
}
