/*
 * seek_table - the standard index at the end of a zstd file
 */
#include "core/archive/seek_table.h"

#include "core/base/bytes.h"
#include "core/codec/zstd.h"

#define PIECE_BYTES 4096

/* The table while it is generated. */
typedef struct table
{
	zdb_rc (*put)(void *arg, uint64_t offset, const void *bytes, size_t len,
				  zdb_err *err);
	void *arg;
	bool begun; /* a member was put */
	uint64_t offset;
	size_t used;
	uint8_t piece[PIECE_BYTES];
} table;

static zdb_rc
flush(table *self, zdb_err *err)
{
	size_t used = self->used;

	self->used = 0;
	self->offset += used;
	return self->put(self->arg, self->offset - used, self->piece, used, err);
}

static zdb_rc
put32(table *self, uint32_t value, zdb_err *err)
{
	zdb_put32(self->piece + self->used, value);
	self->used += 4;
	return self->used + 4 > PIECE_BYTES ? flush(self, err) : ZDB_OK;
}

static zdb_rc
put_frame(table *self, uint64_t stored_bytes, uint32_t raw_bytes, zdb_err *err)
{
	return put32(self, (uint32_t) stored_bytes, err)
			   ? err->code
			   : put32(self, raw_bytes, err);
}

/* The blocks that a payload was cut into. */
static zdb_rc
put_blocks(table *self, uint64_t payload_bytes, uint32_t largest, zdb_err *err)
{
	while (payload_bytes > 0 && !err->code)
	{
		uint64_t len = payload_bytes < largest ? payload_bytes : largest;

		put_frame(self, len + ZDB_SKIPPABLE_HEADER_BYTES, 0, err);
		payload_bytes -= len;
	}
	return err->code;
}

/* The first member is a frame and the mark. */
static zdb_rc
put_member(table *self, uint32_t stored_bytes, uint32_t raw_bytes,
		   zdb_err *err)
{
	bool first = !self->begun;
	uint32_t mark = first ? ZDB_ZSTD_MARK_BYTES : 0;

	self->begun = true;
	if (put_frame(self, stored_bytes - mark, raw_bytes, err))
		return err->code;
	return first ? put_frame(self, mark, 0, err) : ZDB_OK;
}

zdb_rc
zdb_seek_table(const zdb_footer *footer, uint32_t guard_bytes,
			   zdb_rc (*entry)(void *arg, uint64_t i, zdb_entry *entry,
							   zdb_err *err),
			   void *entry_arg,
			   zdb_rc (*put)(void *arg, uint64_t offset, const void *bytes,
							 size_t len, zdb_err *err),
			   void *put_arg, zdb_err *err)
{
	table self = {.put = put, .arg = put_arg};
	uint64_t frames = zdb_seek_frames(footer);

	put32(&self, ZDB_SEEK_FRAME_MAGIC, err);
	put32(&self, (uint32_t) (8 * frames + ZDB_SEEK_FOOTER_BYTES), err);
	if (guard_bytes)
		put_member(&self, zdb_stored_bytes(ZDB_CODEC_ZSTD, guard_bytes, true),
				   guard_bytes, err);
	for (uint64_t i = 0; i < footer->chunks && !err->code; i++)
	{
		zdb_entry chunk;

		if (entry(entry_arg, i, &chunk, err) == ZDB_OK && chunk.link == 0)
			put_member(&self, chunk.stored_bytes,
					   zdb_entry_inner_bytes(&chunk), err);
	}
	if (err->code ||
		put_blocks(&self, footer->manifest_bytes, ZDB_BLOCK_PAYLOAD_MAX,
				   err) ||
		put_blocks(&self, footer->chunks * ZDB_ENTRY_BYTES, ZDB_GROUP_BYTES,
				   err) ||
		put_blocks(&self, footer->directory_bytes, ZDB_BLOCK_PAYLOAD_MAX,
				   err) ||
		put_blocks(&self, footer->sums_bytes, ZDB_BLOCK_PAYLOAD_MAX, err) ||
		put_blocks(&self, ZDB_FOOTER_PAYLOAD, ZDB_FOOTER_PAYLOAD, err) ||
		put32(&self, (uint32_t) frames, err))
		return err->code;
	if (self.used == PIECE_BYTES && flush(&self, err))
		return err->code;
	self.piece[self.used++] = 0; /* descriptor: no checksums */
	if (self.used + 4 > PIECE_BYTES && flush(&self, err))
		return err->code;
	return put32(&self, ZDB_SEEK_MAGIC, err) || self.used == 0
			   ? err->code
			   : flush(&self, err);
}
