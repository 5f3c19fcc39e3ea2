/*
 * image - the database inside a backup, read at any offset
 */
#include "core/archive/image.h"

#include <string.h>

#include "core/archive/chunk.h"
#include "core/archive/sqlite_header.h"
#include "core/archive/stream.h"
#include "core/base/mem.h"

/* Chunks under way, once so many were read in order. A database is not quite
 * read so: inner pages of a tree are some chunks before or behind its leaves.
 */
#define AHEAD 4
#define IN_ORDER 3
#define NEAR 8

/* A chunk that will be wanted next, if reading goes on in order. */
typedef struct ahead
{
	zdb_task task; /* first: the task is the slot */
	zdb_chunk chunk;
	bool filled;
	zdb_err err;
} ahead;

struct zdb_image
{
	zdb_reader *reader;
	const zdb_host *host;
	zdb_scratch scratch;
	uint64_t bytes;
	uint64_t chunks_read;

	/* Of an indexed file: chunk 0 is head long, chunk 1 ends at stride, the
	 * others at its multiples (docs/format.md). */
	uint64_t head;
	uint64_t stride;
	uint8_t *kept;   /* a bit a chunk: it is in the scratch file */
	uint8_t *passed; /* a bit a chunk: it was read in order, and not kept */
	zdb_chunk chunk; /* the last one that was read, */
	bool loaded;
	zdb_chunk before; /* and the one before */
	bool before_loaded;

	zdb_runner *runner; /* or NULL */
	uint64_t in_order;  /* chunks read, each near the one before */
	ahead ahead[AHEAD];
};

bool
zdb_image_keeps(const zdb_reader *reader)
{
	return zdb_reader_footer(reader) ||
		   zdb_reader_codec(reader) != ZDB_CODEC_NONE;
}

static uint64_t
chunk_at(const zdb_image *image, uint64_t offset)
{
	return offset < image->head ? 0 : offset / image->stride + 1;
}

static uint64_t
chunk_start(const zdb_image *image, uint64_t i)
{
	if (i == 0)
		return 0;
	return i == 1 ? image->head : (i - 1) * image->stride;
}

static uint64_t
chunk_end(const zdb_image *image, uint64_t i)
{
	uint64_t end = i == 0 ? image->head : i * image->stride;

	return end < image->bytes ? end : image->bytes;
}

static zdb_rc
misplaced(const zdb_image *image, uint64_t i, const zdb_entry *entry,
		  zdb_err *err)
{
	zdb_err_set(err, ZDB_DAMAGED, "its index entry contradicts the others");
	zdb_reader_blame(image->reader, i, entry, err);
	return err->code;
}

/* Where chunks lie follows from the first two and from the length. */
static zdb_rc
open_indexed(zdb_image *image, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(image->reader);
	zdb_entry entry;

	image->bytes = footer->raw_bytes;
	if (zdb_reader_entry(image->reader, 0, &entry, err))
		return err->code;
	image->head = image->stride = entry.raw_bytes;
	if (footer->chunks > 1)
	{
		if (zdb_reader_entry(image->reader, 1, &entry, err))
			return err->code;
		image->stride += entry.raw_bytes;
	}
	if (image->bytes == 0 ||
		chunk_at(image, image->bytes - 1) != footer->chunks - 1)
		return misplaced(image, 0, &entry, err);
	image->kept = zdb_calloc(footer->chunks / 8 + 1, 1);
	image->passed = zdb_calloc(footer->chunks / 8 + 1, 1);
	return image->kept && image->passed ? ZDB_OK : zdb_err_nomem(err);
}

/* Pure: reads and writes its own slot only. */
static void
check_ahead(zdb_task *task)
{
	ahead *self = (ahead *) task;

	zdb_chunk_check(&self->chunk, &self->err);
}

/* A compressed file without an index has no other way than from its start. */
static zdb_rc
unpack(zdb_image *image, zdb_err *err)
{
	zdb_stream *stream;
	const uint8_t *bytes;
	size_t len;

	if (zdb_stream_open(image->reader, &stream, err))
		return err->code;
	while (zdb_host_check(image->host, image->bytes, 0, err) == ZDB_OK &&
		   zdb_stream_next(stream, &bytes, &len, err) == ZDB_OK && len > 0 &&
		   zdb_scratch_write(&image->scratch, image->bytes, bytes, len, err) ==
			   ZDB_OK)
		image->bytes += len;
	zdb_stream_free(stream);
	return err->code;
}

static zdb_rc
open_foreign(zdb_image *image, zdb_err *err)
{
	zdb_source *source = zdb_reader_source(image->reader);
	uint8_t header[ZDB_SQLITE_HEADER_BYTES] = {0};

	if (zdb_image_keeps(image->reader))
		unpack(image, err);
	else
		image->bytes = source->bytes;
	if (err->code || (image->bytes >= sizeof header &&
					  zdb_image_read(image, 0, header, sizeof header, err)))
		return err->code;
	return zdb_sqlite_header_check(source->name, header, image->bytes, err);
}

static zdb_rc
open_any(zdb_image *image, zdb_err *err)
{
	zdb_content content;

	if (zdb_reader_content(image->reader, &content, err))
		return err->code;
	if (content != ZDB_CONTENT_IMAGE)
		return zdb_err_set(err, ZDB_FORMAT,
						   "\"%s\" holds an SQL script, not a database",
						   zdb_reader_source(image->reader)->name);
	return zdb_reader_footer(image->reader) ? open_indexed(image, err)
											: open_foreign(image, err);
}

zdb_rc
zdb_image_open(zdb_reader *reader, const zdb_image_options *options,
			   zdb_image **out, zdb_err *err)
{
	zdb_scratch scratch = options->scratch;
	zdb_image *image = zdb_calloc(1, sizeof *image);

	*out = NULL;
	if (!image)
	{
		zdb_scratch_clear(&scratch);
		return zdb_err_nomem(err);
	}
	image->reader = reader;
	image->host = options->host;
	image->scratch = scratch;
	if (options->runner && options->runner->width > 1)
		image->runner = options->runner;
	for (int k = 0; k < AHEAD; k++)
		image->ahead[k].task.run = check_ahead;
	if (open_any(image, err))
		zdb_image_free(image);
	else
		*out = image;
	return err->code;
}

static void
drop_ahead(zdb_image *image, ahead *slot)
{
	if (slot->filled)
		image->runner->wait(image->runner, &slot->task);
	slot->filled = false;
}

void
zdb_image_free(zdb_image *image)
{
	if (!image)
		return;
	zdb_scratch_clear(&image->scratch);
	for (int k = 0; k < AHEAD; k++)
	{
		drop_ahead(image, &image->ahead[k]);
		zdb_chunk_clear(&image->ahead[k].chunk);
	}
	zdb_chunk_clear(&image->chunk);
	zdb_chunk_clear(&image->before);
	zdb_free(image->kept);
	zdb_free(image->passed);
	zdb_free(image);
}

static bool
has_bit(const uint8_t *bits, uint64_t i)
{
	return bits[i / 8] & 1u << i % 8;
}

static void
set_bit(uint8_t *bits, uint64_t i)
{
	bits[i / 8] |= (uint8_t) (1u << i % 8);
}

static ahead *
find_ahead(zdb_image *image, uint64_t i)
{
	for (int k = 0; k < AHEAD; k++)
		if (image->ahead[k].filled && image->ahead[k].chunk.number == i)
			return &image->ahead[k];
	return NULL;
}

/* Begin with what follows chunk i. What cannot be read is no error until it is
 * wanted. */
static void
look_ahead(zdb_image *image, uint64_t i)
{
	uint64_t chunks = zdb_reader_footer(image->reader)->chunks;

	for (uint64_t next = i + 1; next <= i + AHEAD && next < chunks; next++)
	{
		ahead *slot = &image->ahead[next % AHEAD];

		if (has_bit(image->kept, next) || find_ahead(image, next))
			continue;
		drop_ahead(image, slot);
		slot->err = (zdb_err){0};
		if (zdb_chunk_load(&slot->chunk, image->reader, next, &slot->err))
			continue;
		slot->filled = true;
		image->runner->submit(image->runner, &slot->task);
	}
}

static zdb_rc
read_chunk(zdb_image *image, uint64_t i, zdb_err *err)
{
	ahead *slot = find_ahead(image, i);
	zdb_chunk chunk = image->chunk;

	if (!slot)
		return zdb_chunk_read(&image->chunk, image->reader, i, err);
	drop_ahead(image, slot);
	image->chunk = slot->chunk;
	slot->chunk = chunk;
	if (slot->err.code)
	{
		*err = slot->err;
		zdb_reader_blame(image->reader, i, &image->chunk.entry, err);
	}
	return err->code;
}

/* Write the chunk in memory into the scratch file; but not yet if it is only
 * passed, in order: most often nobody comes back. */
static zdb_rc
keep_chunk(zdb_image *image, uint64_t i, zdb_err *err)
{
	if (image->in_order >= IN_ORDER && !has_bit(image->passed, i))
	{
		set_bit(image->passed, i);
		return ZDB_OK;
	}
	if (zdb_scratch_write(&image->scratch, chunk_start(image, i),
						  image->chunk.raw.data, image->chunk.entry.raw_bytes,
						  err))
		return err->code;
	set_bit(image->kept, i);
	return ZDB_OK;
}

/* The chunk in memory, and the one before, change places. */
static void
step_back(zdb_image *image)
{
	zdb_chunk chunk = image->chunk;
	bool loaded = image->loaded;

	image->chunk = image->before;
	image->loaded = image->before_loaded;
	image->before = chunk;
	image->before_loaded = loaded;
}

/* Read chunk i into memory. */
static zdb_rc
load_chunk(zdb_image *image, uint64_t i, zdb_err *err)
{
	uint64_t start = chunk_start(image, i), last = image->chunk.number;
	uint64_t distance = i > last ? i - last : last - i;
	const zdb_entry *entry = &image->chunk.entry;

	image->in_order = distance <= NEAR ? image->in_order + 1 : 0;
	step_back(image);
	image->loaded = false;
	if (zdb_host_check(image->host, image->scratch.bytes, image->bytes, err) ||
		read_chunk(image, i, err))
		return err->code;
	if (entry->raw_offset != start ||
		entry->raw_bytes != chunk_end(image, i) - start)
		return misplaced(image, i, entry, err);
	if (keep_chunk(image, i, err))
		return err->code;
	image->loaded = true;
	image->chunks_read++;
	if (image->runner && i == last + 1 && image->in_order >= IN_ORDER)
		look_ahead(image, i);
	return ZDB_OK;
}

/* Bytes that lie in one chunk. */
static zdb_rc
read_within(zdb_image *image, uint64_t i, uint64_t offset, void *into,
			size_t len, zdb_err *err)
{
	bool here;

	if (image->before_loaded && image->before.number == i)
		step_back(image);
	here = image->loaded && image->chunk.number == i;
	if (!here && has_bit(image->kept, i))
		return zdb_scratch_read(&image->scratch, offset, into, len, err);
	if (!here && load_chunk(image, i, err))
		return err->code;
	memcpy(into, image->chunk.raw.data + (offset - chunk_start(image, i)),
		   len);
	return ZDB_OK;
}

zdb_rc
zdb_image_read(zdb_image *image, uint64_t offset, void *into, size_t len,
			   zdb_err *err)
{
	uint8_t *at = into;

	if (!zdb_reader_footer(image->reader))
		return zdb_image_keeps(image->reader)
				   ? zdb_scratch_read(&image->scratch, offset, into, len, err)
				   : zdb_source_read(zdb_reader_source(image->reader), offset,
									 into, len, err);
	while (len > 0)
	{
		uint64_t i = chunk_at(image, offset);
		uint64_t left = chunk_end(image, i) - offset;
		size_t part = left < len ? (size_t) left : len;

		if (read_within(image, i, offset, at, part, err))
			return err->code;
		at += part;
		offset += part;
		len -= part;
	}
	return ZDB_OK;
}

const char *
zdb_image_name(const zdb_image *image)
{
	return zdb_reader_source(image->reader)->name;
}

uint64_t
zdb_image_bytes(const zdb_image *image)
{
	return image->bytes;
}

uint64_t
zdb_image_chunks_read(const zdb_image *image)
{
	return image->chunks_read;
}

uint64_t
zdb_image_kept_bytes(const zdb_image *image)
{
	return image->scratch.bytes;
}
