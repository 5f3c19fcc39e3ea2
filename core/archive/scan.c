/*
 * scan - every byte of a backup, checked, in order
 */
#include "core/archive/scan.h"

#include <string.h>

#include "core/age/source.h"
#include "core/archive/chunk.h"
#include "core/archive/guard.h"
#include "core/archive/links.h"
#include "core/archive/scan_foreign.h"
#include "core/archive/scan_index.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"

#define PIECE_BYTES (256 * 1024)

/* A chunk on its way: read by the caller's thread, checked by some other. */
typedef struct slot
{
	zdb_task task; /* first: the task is the slot */
	zdb_chunk chunk;
	bool busy;
	zdb_err err;
} slot;

typedef struct scan
{
	zdb_reader *reader;
	const zdb_scan_options *options;
	zdb_scan_result *result;
	zdb_sha256_stream *hash; /* of the file as it lies there */
	bool encrypted;          /* so the file is not made of its chunks */
	zdb_place next;
	int slots;
	slot slot[];
} scan;

/* Pure: reads and writes its own slot only. */
static void
check_slot(zdb_task *task)
{
	slot *self = (slot *) task;

	zdb_chunk_check(&self->chunk, &self->err);
}

static zdb_rc
collect(scan *self, slot *from, zdb_err *err)
{
	const zdb_scan_options *options = self->options;

	if (!from->busy)
		return ZDB_OK;
	options->runner->wait(options->runner, &from->task);
	from->busy = false;
	if (from->err.code)
	{
		zdb_reader_blame(self->reader, from->chunk.number, &from->chunk.entry,
						 &from->err);
		if (!err->code)
			*err = from->err;
		return err->code;
	}
	self->result->raw_bytes += from->chunk.entry.raw_bytes;
	self->result->chunks++;
	if (!options->take)
		return ZDB_OK;
	return options->take(options->arg, &from->chunk.entry,
						 from->chunk.raw.data, from->chunk.entry.raw_bytes,
						 err);
}

static zdb_rc
load(scan *self, slot *to, uint64_t i, zdb_err *err)
{
	return self->options->own
			   ? zdb_chunk_load_own(&to->chunk, self->reader, i, err)
			   : zdb_chunk_load(&to->chunk, self->reader, i, err);
}

static zdb_rc
start_chunk(scan *self, uint64_t i, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(self->reader);
	slot *to = &self->slot[i % (uint64_t) self->slots];
	const zdb_entry *entry = &to->chunk.entry;

	if (collect(self, to, err) || load(self, to, i, err) ||
		zdb_scan_order(self->reader, i, &self->next, entry, err) ||
		zdb_host_check(self->options->host, entry->raw_offset,
					   footer->raw_bytes, err))
		return err->code;
	if (!self->encrypted && entry->link == 0 &&
		zdb_sha256_update(self->hash, to->chunk.stored.data,
						  entry->stored_bytes, err))
		return err->code;
	if (self->options->own && entry->link > 0)
		return ZDB_OK;
	to->busy = true;
	self->options->runner->submit(self->options->runner, &to->task);
	return ZDB_OK;
}

/* Feed the rest of the file, from offset on, to the hash. */
static zdb_rc
hash_from(zdb_source *source, uint64_t offset, const zdb_host *host,
		  zdb_sha256_stream *hash, zdb_err *err)
{
	uint8_t *piece = zdb_malloc(PIECE_BYTES);

	if (!piece)
		return zdb_err_nomem(err);
	while (offset < source->bytes && !err->code)
	{
		uint64_t left = source->bytes - offset;
		size_t len = left < PIECE_BYTES ? (size_t) left : PIECE_BYTES;

		if (zdb_host_check(host, offset, source->bytes, err) == ZDB_OK &&
			zdb_source_read(source, offset, piece, len, err) == ZDB_OK)
			zdb_sha256_update(hash, piece, len, err);
		offset += len;
	}
	zdb_free(piece);
	return err->code;
}

/* What of an encrypted file was read on the way. */
static zdb_rc
take_sealed(void *arg, const void *bytes, size_t len, zdb_err *err)
{
	return zdb_sha256_update(((scan *) arg)->hash, bytes, len, err);
}

/* Feed what did not come by. */
static zdb_rc
hash_rest(scan *self, zdb_err *err)
{
	zdb_source *source = zdb_reader_source(self->reader);
	uint64_t seen = self->encrypted
						? zdb_age_source_watched(source)
						: zdb_reader_footer(self->reader)->data_bytes;

	return hash_from(zdb_source_outer(source), seen, NULL, self->hash, err);
}

/* The first member of an incremental backup, byte for byte. */
static zdb_rc
check_guard(scan *self, zdb_err *err)
{
	zdb_source *source = zdb_reader_source(self->reader);
	const char *guard = zdb_reader_manifest(self->reader)->guard;
	uint8_t there[ZDB_GUARD_BYTES_MAX + 64];
	zdb_buf stored = {0};

	if (guard &&
		zdb_guard_encode(guard, zdb_reader_codec(self->reader), &stored,
						 err) == ZDB_OK &&
		zdb_source_read(source, 0, there, stored.len, err) == ZDB_OK)
	{
		if (memcmp(there, stored.data, stored.len) != 0)
			zdb_err_set(err, ZDB_DAMAGED,
						"\"%s\" is damaged: its first %zu bytes are not what "
						"was written",
						source->name, stored.len);
		else if (!self->encrypted)
			zdb_sha256_update(self->hash, there, stored.len, err);
	}
	zdb_buf_clear(&stored);
	return err->code;
}

/* Each file of the chain, against what the last one says of it. */
static zdb_rc
check_links(scan *self, zdb_err *err)
{
	const zdb_chain *chain = &zdb_reader_manifest(self->reader)->chain;

	for (uint32_t i = 0; i < chain->count; i++)
	{
		uint8_t digest[ZDB_SHA256_BYTES];
		char hex[ZDB_HEX_BYTES];
		zdb_reader *link;

		if (zdb_reader_linked(self->reader, i + 1, &link, err) ||
			zdb_scan_sha256(zdb_reader_source(link), self->options->host,
							digest, err))
			return err->code;
		zdb_hex(digest, sizeof digest, hex);
		if (strcmp(hex, chain->list[i].sha256) == 0)
			continue;
		zdb_err_set(err, ZDB_DAMAGED,
					"\"%s\" is damaged, or was written anew: \"%s\" stands on "
					"it and has another SHA-256 of it",
					zdb_reader_source(link)->name,
					zdb_reader_source(self->reader)->name);
		zdb_err_hint(err, "Use another copy of it, or an older backup.");
		return err->code;
	}
	return ZDB_OK;
}

static zdb_rc
new_scan(zdb_reader *reader, const zdb_scan_options *options,
		 zdb_scan_result *result, scan **out, zdb_err *err)
{
	int slots = zdb_runner_slots(options->runner);
	scan *self = zdb_calloc(1, sizeof *self + (size_t) slots * sizeof(slot));

	*out = self;
	if (!self)
		return zdb_err_nomem(err);
	self->reader = reader;
	self->options = options;
	self->result = result;
	self->encrypted = zdb_reader_source(reader)->under != NULL;
	if (self->encrypted)
		zdb_age_source_watch(zdb_reader_source(reader), take_sealed, self);
	self->slots = slots;
	self->next = zdb_scan_first(reader);
	for (int i = 0; i < slots; i++)
		self->slot[i].task.run = check_slot;
	return zdb_sha256_new(&self->hash, err);
}

static void
free_scan(scan *self)
{
	if (!self)
		return;
	if (self->encrypted)
		zdb_age_source_watch(zdb_reader_source(self->reader), NULL, NULL);
	for (int i = 0; i < self->slots; i++)
	{
		slot *each = &self->slot[i];

		if (each->busy)
			self->options->runner->wait(self->options->runner, &each->task);
		zdb_chunk_clear(&each->chunk);
	}
	zdb_sha256_free(self->hash);
	zdb_free(self);
}

static zdb_rc
scan_indexed(zdb_reader *reader, const zdb_scan_options *options,
			 zdb_scan_result *result, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	scan *self;

	if (new_scan(reader, options, result, &self, err) ||
		check_guard(self, err))
		goto done;
	for (uint64_t i = 0; i < footer->chunks; i++)
		if (start_chunk(self, i, err))
			goto done;
	for (int i = 0; i < self->slots; i++)
		if (collect(self,
					&self->slot[(footer->chunks + (uint64_t) i) %
								(uint64_t) self->slots],
					err))
			goto done;
	if (zdb_scan_tail(reader, err) || hash_rest(self, err) ||
		zdb_sha256_final(self->hash, result->file_sha256, err))
		goto done;
	if (!options->own)
		check_links(self, err);

done:
	free_scan(self);
	return err->code;
}

zdb_rc
zdb_scan(zdb_reader *reader, const zdb_scan_options *options,
		 zdb_scan_result *result, zdb_err *err)
{
	*result = (zdb_scan_result){0};
	if (zdb_reader_footer(reader))
		scan_indexed(reader, options, result, err);
	else
		zdb_scan_foreign(reader, options, result, err);
	result->complete = err->code == ZDB_OK;
	return err->code;
}

zdb_rc
zdb_scan_sha256(zdb_source *source, const zdb_host *host,
				uint8_t digest[ZDB_SHA256_BYTES], zdb_err *err)
{
	zdb_sha256_stream *hash;

	if (zdb_sha256_new(&hash, err))
		return err->code;
	if (hash_from(zdb_source_outer(source), 0, host, hash, err) == ZDB_OK)
		zdb_sha256_final(hash, digest, err);
	zdb_sha256_free(hash);
	return err->code;
}
