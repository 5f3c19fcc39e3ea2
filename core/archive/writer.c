/*
 * writer - raw bytes in, a backup file out
 */
#include "core/archive/writer_part.h"

#include <string.h>
#include <unistd.h>

#include "core/age/sink.h"
#include "core/archive/chunk.h"
#include "core/archive/guard.h"
#include "core/archive/links.h"
#include "core/archive/scan.h"
#include "core/archive/tail_write.h"
#include "core/base/mem.h"
#include "core/codec/sink_hash.h"

/* Put encryption over the output; the file's first bytes are still to be
 * rewritten. What fails takes the sink with it. */
static zdb_rc
encrypt(zdb_writer *writer, const zdb_age_recipients *recipients,
		uint32_t rewritten, zdb_err *err)
{
	zdb_output *output = &writer->output;

	writer->encrypted = recipients && zdb_age_recipients_count(recipients) > 0;
	if (!writer->encrypted)
		return ZDB_OK;
	if (zdb_age_sink_open(output->file_top, recipients, rewritten,
						  &output->file_top, err))
		output->file = NULL;
	else if (output->sidecar &&
			 zdb_age_sink_open(output->sidecar_top, recipients, 0,
							   &output->sidecar_top, err))
		output->sidecar = NULL;
	return err->code;
}

static zdb_rc
open_output(zdb_writer *writer, const zdb_writer_options *options,
			zdb_err *err)
{
	zdb_output *output = &writer->output;
	uint32_t rewritten = options->head_bytes ? zdb_writer_head_end(writer) : 0;

	if (zdb_output_open(output, &options->to, options->overwrite,
						options->codec.kind == ZDB_CODEC_NONE, err))
		return err->code;
	if (options->hash && !rewritten)
	{
		if (zdb_sink_hash_open(output->file, &output->file_top, err))
			output->file = NULL;
		writer->hash = output->file_top;
	}
	if (!err->code)
		encrypt(writer, options->recipients, rewritten, err);
	writer->sink = output->file_top;
	return err->code;
}

/* What an incremental backup begins with. */
static zdb_rc
begin_chain(zdb_writer *writer, const zdb_writer_options *options,
			zdb_err *err)
{
	zdb_buf stored = {0};

	if (!writer->base ||
		zdb_chain_upon(writer->base, &options->to, &writer->chain, err))
		return err->code;
	if (zdb_guard_encode(writer->guard, writer->codec.kind, &stored, err) ==
		ZDB_OK)
		zdb_sink_write(writer->sink, stored.data, stored.len, err);
	zdb_buf_clear(&stored);
	return err->code;
}

static zdb_rc
check_options(const zdb_writer_options *options, zdb_err *err)
{
	if (!options->base || options->codec.kind != ZDB_CODEC_NONE)
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE, "an incremental backup is always compressed");
	zdb_err_hint(err, "Give it a name that ends in .gz or .zst, or the option "
					  "\"compress\".");
	return err->code;
}

zdb_rc
zdb_writer_open(const zdb_writer_options *options, zdb_writer **out,
				zdb_err *err)
{
	int slots = zdb_runner_slots(options->runner);
	zdb_writer *writer =
		zdb_calloc(1, sizeof *writer + (size_t) slots * sizeof(zdb_slot));

	*out = NULL;
	if (!writer)
		return zdb_err_nomem(err);
	writer->codec = options->codec;
	writer->runner = options->runner;
	writer->head_bytes = options->head_bytes;
	writer->with_sums = options->page_sums;
	writer->base = options->base;
	if (writer->base)
		writer->guard =
			zdb_guard_text(zdb_reader_manifest(writer->base)->content);
	writer->slots = slots;
	zdb_index_init(&writer->index);
	zdb_spool_init(&writer->sums);
	for (int i = 0; i < slots && !err->code; i++)
		zdb_slot_init(&writer->slot[i], options->codec, err);
	if (err->code || check_options(options, err) ||
		open_output(writer, options, err) ||
		begin_chain(writer, options, err) ||
		zdb_writer_reserve_head(writer, err))
		zdb_writer_free(writer);
	else
		*out = writer;
	return err->code;
}

zdb_rc
zdb_writer_add(zdb_writer *writer, zdb_entry *entry, zdb_err *err)
{
	zdb_writer_totals *totals = &writer->totals;

	entry->raw_offset = totals->raw_bytes;
	if (zdb_index_add(&writer->index, entry, err))
		return err->code;
	totals->raw_bytes += entry->raw_bytes;
	if (entry->link > 0)
		return ZDB_OK;
	totals->own_chunks++;
	totals->patches += entry->patched > 0;
	if (entry->kind == ZDB_CHUNK_PAGES)
		totals->changed_pages +=
			entry->patched ? entry->patched : entry->count;
	return ZDB_OK;
}

zdb_rc
zdb_writer_put(zdb_writer *writer, zdb_entry *entry, const void *stored,
			   zdb_err *err)
{
	entry->file_offset = writer->sink->written;
	entry->link = 0;
	if (zdb_sink_write(writer->sink, stored, entry->stored_bytes, err))
		return err->code;
	return zdb_writer_add(writer, entry, err);
}

/* Append what the slot's task has made. */
static zdb_rc
append_slot(zdb_writer *writer, zdb_slot *from, zdb_err *err)
{
	if (from->err.code)
	{
		*err = from->err;
		return err->code;
	}
	if (from->with_sums &&
		zdb_spool_add(&writer->sums, from->sums.data, from->sums.len, err))
		return err->code;
	if (from->entry.link > 0)
		return zdb_writer_add(writer, &from->entry, err);
	return zdb_writer_put(writer, &from->entry,
						  from->encoder ? from->stored.data : from->raw.data,
						  err);
}

/* Append what the slot's task has made; the slot is free again. After a
 * failure nothing more is appended: a file without a gap is not complete. */
static zdb_rc
collect(zdb_writer *writer, zdb_slot *from, zdb_err *err)
{
	if (from->busy)
		writer->runner->wait(writer->runner, &from->task);
	if (from->busy && !writer->failed.code)
		append_slot(writer, from, &writer->failed);
	from->busy = false;
	if (writer->failed.code && !err->code)
		*err = writer->failed;
	return err->code;
}

zdb_rc
zdb_writer_settle(zdb_writer *writer, zdb_err *err)
{
	for (int i = 0; i < writer->slots && !err->code; i++)
		collect(writer,
				&writer->slot[(writer->next + (uint64_t) i) %
							  (uint64_t) writer->slots],
				err);
	return err->code;
}

zdb_rc
zdb_writer_lend(zdb_writer *writer, uint32_t raw_bytes, uint8_t **raw,
				zdb_err *err)
{
	zdb_slot *to = &writer->slot[writer->next % (uint64_t) writer->slots];

	if (collect(writer, to, err))
		return err->code;
	to->raw.len = to->raw.cap < raw_bytes ? to->raw.cap : raw_bytes;
	if (zdb_buf_reserve(&to->raw, raw_bytes - to->raw.len, err))
		return err->code;
	*raw = to->raw.data;
	return ZDB_OK;
}

zdb_rc
zdb_writer_append(zdb_writer *writer, zdb_entry *entry, const void *stored,
				  zdb_err *err)
{
	if (zdb_writer_settle(writer, err))
		return err->code;
	zdb_writer_put(writer, entry, stored, &writer->failed);
	if (writer->failed.code)
		*err = writer->failed;
	return err->code;
}

zdb_entry
zdb_entry_about(const zdb_chunk_about *about, uint32_t raw_bytes)
{
	return (zdb_entry){.raw_bytes = raw_bytes,
					   .kind = (uint8_t) about->kind,
					   .flags = about->flags,
					   .table = about->table,
					   .first = about->first,
					   .count = about->count};
}

zdb_rc
zdb_writer_chunk(zdb_writer *writer, uint32_t raw_bytes,
				 const zdb_chunk_about *about, zdb_err *err)
{
	uint64_t number = writer->next + (writer->head_bytes ? 1 : 0);
	zdb_slot *from = &writer->slot[writer->next % (uint64_t) writer->slots];

	from->entry = zdb_entry_about(about, raw_bytes);
	from->first = writer->next == 0 && !writer->head_bytes && !writer->guard;
	from->with_sums = writer->with_sums && about->kind == ZDB_CHUNK_PAGES;
	from->has_base = false;
	if (zdb_slot_take_map(from, about->map, err) ||
		(writer->base && from->with_sums &&
		 zdb_slot_find_base(from, writer->base, number, err)))
		return err->code;
	from->busy = true;
	writer->next++;
	writer->runner->submit(writer->runner, &from->task);
	return ZDB_OK;
}

/* The manifest of the host, and what we know of the chain. */
static zdb_manifest
with_chain(const zdb_writer *writer, const zdb_manifest *manifest)
{
	zdb_manifest all = *manifest;

	if (writer->base)
	{
		all.chain = writer->chain;
		all.base = writer->chain.list[writer->chain.count - 1].id;
		all.guard = (char *) writer->guard;
	}
	return all;
}

zdb_rc
zdb_writer_seal(zdb_writer *writer, const zdb_manifest *manifest, zdb_err *err)
{
	zdb_sink *sidecar = writer->output.sidecar_top;
	zdb_sink *to = sidecar ? sidecar : writer->sink;
	zdb_manifest all = with_chain(writer, manifest);

	if (zdb_writer_settle(writer, err))
		return err->code;
	if (writer->head_missing || writer->index.entries == 0)
		return zdb_err_set(err, ZDB_INTERNAL,
						   "a backup without its first "
						   "chunk was to be finished");
	writer->footer = (zdb_footer){
		.version = ZDB_FORMAT_VERSION,
		.codec = (uint8_t) writer->codec.kind,
		.tail_offset = to->written,
		.data_bytes = writer->sink->written,
		.raw_bytes = writer->totals.raw_bytes,
		.chunks = writer->index.entries,
		.members = writer->totals.own_chunks + (writer->guard != NULL),
	};
	if (zdb_tail_write(to, &writer->footer, &writer->index, &writer->sums,
					   &all, err))
		return err->code;
	if (sidecar && zdb_sink_flush(sidecar, err))
		return err->code;
	return zdb_sink_flush(writer->sink, err);
}

zdb_rc
zdb_writer_reader(zdb_writer *writer, zdb_reader **out, zdb_err *err)
{
	zdb_output *output = &writer->output;
	zdb_age_keys keys = {0};
	zdb_source *source, *sidecar;

	*out = NULL;
	if (zdb_output_sources(output, &source, &sidecar, err))
		return err->code;
	if (writer->encrypted)
		zdb_age_sink_key(output->file_top, &keys.files);
	if (writer->encrypted && output->sidecar)
		zdb_age_sink_key(output->sidecar_top, &keys.files);
	zdb_reader_open_source(source, sidecar, &keys, out, err);
	zdb_age_keys_clear(&keys);
	if (!err->code && writer->base &&
		zdb_reader_link_to(*out, writer->base, err))
	{
		zdb_reader_free(*out);
		*out = NULL;
	}
	return err->code;
}

zdb_rc
zdb_writer_sha256(zdb_writer *writer, const zdb_host *host,
				  uint8_t digest[ZDB_SHA256_BYTES], bool *known, zdb_err *err)
{
	zdb_source *source;

	*known = writer->hash || zdb_sink_rereads(writer->output.file);
	if (writer->hash)
		return zdb_sink_hash_digest(writer->hash, digest, err);
	if (!*known || zdb_output_sources(&writer->output, &source, NULL, err))
		return err->code;
	zdb_scan_sha256(source, host, digest, err);
	zdb_source_free(source);
	return err->code;
}

zdb_rc
zdb_writer_clear_beside(const char *path, zdb_err *err)
{
	zdb_store *store;
	char *name;

	if (zdb_store_at(&(zdb_store_options){.where = path}, &store, &name,
					 err) == ZDB_OK)
		zdb_output_clear_beside(store, name, err);
	zdb_store_free(store);
	zdb_free(name);
	return err->code;
}

zdb_rc
zdb_writer_finish(zdb_writer *writer, const uint8_t sha256[ZDB_SHA256_BYTES],
				  zdb_err *err)
{
	return zdb_chain_upon_check(writer->base, err)
			   ? err->code
			   : zdb_output_finish(&writer->output, sha256, err);
}

zdb_writer_totals
zdb_writer_totals_get(const zdb_writer *writer)
{
	zdb_writer_totals totals = writer->totals;

	totals.stored_bytes = writer->output.file->written;
	totals.chunks = writer->index.entries;
	return totals;
}

const zdb_chain *
zdb_writer_chain(const zdb_writer *writer)
{
	return &writer->chain;
}

void
zdb_writer_free(zdb_writer *writer)
{
	if (!writer)
		return;
	for (int i = 0; i < writer->slots; i++)
	{
		zdb_slot *each = &writer->slot[i];

		if (each->busy)
			writer->runner->wait(writer->runner, &each->task);
		zdb_slot_clear(each);
	}
	zdb_output_clear(&writer->output);
	zdb_index_clear(&writer->index);
	zdb_spool_clear(&writer->sums);
	zdb_chain_clear(&writer->chain);
	zdb_free(writer);
}
