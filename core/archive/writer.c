/*
 * writer - raw bytes in, a backup file out
 */
#include "core/archive/writer.h"

#include <string.h>
#include <unistd.h>

#include "core/age/sink.h"
#include "core/archive/chunk.h"
#include "core/archive/index.h"
#include "core/archive/output.h"
#include "core/archive/scan.h"
#include "core/archive/tail_write.h"
#include "core/base/mem.h"
#include "core/codec/sink_hash.h"
#include "core/io/sink.h"

/* A chunk on its way: lent to the host, encoded by some thread, appended. */
typedef struct slot
{
	zdb_task task;        /* first: the task is the slot */
	zdb_encoder *encoder; /* NULL: codec none */
	zdb_buf raw;
	zdb_buf stored;
	bool busy;
	bool first;
	zdb_entry entry;
	zdb_err err;
} slot;

struct zdb_writer
{
	zdb_codec codec;
	zdb_runner *runner;
	bool head_missing;
	uint32_t head_bytes;
	zdb_output output;
	zdb_sink *sink; /* the output's */
	zdb_sink *hash; /* computes SHA-256, or NULL */
	bool encrypted; /* the output's tops do that */
	zdb_index index;
	uint64_t raw_bytes;
	zdb_footer footer;
	zdb_err failed; /* the first failure: a chunk is missing since then */
	int slots;
	uint64_t next; /* chunks given so far; slot next % slots is the next */
	slot slot[];
};

/* Pure: reads and writes its own slot only. */
static void
encode_slot(zdb_task *task)
{
	slot *self = (slot *) task;

	zdb_chunk_encode(self->encoder, self->raw.data, self->first, &self->entry,
					 &self->stored, &self->err);
}

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
	uint32_t rewritten =
		options->head_bytes
			? zdb_stored_bytes(options->codec.kind, options->head_bytes)
			: 0;

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

/* Leave a hole for the first chunk; its entry is replaced later. */
static zdb_rc
reserve_head(zdb_writer *writer, zdb_err *err)
{
	uint32_t stored = zdb_stored_bytes(writer->codec.kind, writer->head_bytes);
	zdb_entry entry = {.stored_bytes = stored,
					   .raw_bytes = writer->head_bytes};
	uint8_t *zeros;

	if (!writer->head_bytes)
		return ZDB_OK;
	zeros = zdb_calloc(1, stored);
	if (!zeros)
		return zdb_err_nomem(err);
	if (zdb_sink_write(writer->sink, zeros, stored, err) == ZDB_OK)
		zdb_index_add(&writer->index, &entry, err);
	zdb_free(zeros);
	writer->raw_bytes = writer->head_bytes;
	writer->head_missing = true;
	return err->code;
}

zdb_rc
zdb_writer_open(const zdb_writer_options *options, zdb_writer **out,
				zdb_err *err)
{
	int slots = zdb_runner_slots(options->runner);
	zdb_writer *writer =
		zdb_calloc(1, sizeof *writer + (size_t) slots * sizeof(slot));

	*out = NULL;
	if (!writer)
		return zdb_err_nomem(err);
	writer->codec = options->codec;
	writer->runner = options->runner;
	writer->head_bytes = options->head_bytes;
	writer->slots = slots;
	zdb_index_init(&writer->index);
	for (int i = 0; i < slots; i++)
	{
		writer->slot[i].task.run = encode_slot;
		if (options->codec.kind != ZDB_CODEC_NONE &&
			zdb_encoder_new(options->codec, &writer->slot[i].encoder, err))
			break;
	}
	if (err->code || open_output(writer, options, err) ||
		reserve_head(writer, err))
		zdb_writer_free(writer);
	else
		*out = writer;
	return err->code;
}

/* Append an encoded chunk. */
static zdb_rc
append(zdb_writer *writer, zdb_entry *entry, const void *stored, zdb_err *err)
{
	entry->file_offset = writer->sink->written;
	entry->raw_offset = writer->raw_bytes;
	if (zdb_sink_write(writer->sink, stored, entry->stored_bytes, err) ||
		zdb_index_add(&writer->index, entry, err))
		return err->code;
	writer->raw_bytes += entry->raw_bytes;
	return ZDB_OK;
}

/* Append what the slot's task has made. */
static zdb_rc
append_slot(zdb_writer *writer, slot *from, zdb_err *err)
{
	if (from->err.code)
	{
		*err = from->err;
		return err->code;
	}
	return append(writer, &from->entry,
				  from->encoder ? from->stored.data : from->raw.data, err);
}

/* Append what the slot's task has made; the slot is free again. After a
 * failure nothing more is appended: a file without a gap is not complete. */
static zdb_rc
collect(zdb_writer *writer, slot *from, zdb_err *err)
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

/* Append all chunks that are under way, oldest first. */
static zdb_rc
settle(zdb_writer *writer, zdb_err *err)
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
	slot *to = &writer->slot[writer->next % (uint64_t) writer->slots];

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
	if (settle(writer, err))
		return err->code;
	append(writer, entry, stored, &writer->failed);
	if (writer->failed.code)
		*err = writer->failed;
	return err->code;
}

static zdb_entry
entry_about(const zdb_chunk_about *about, uint32_t raw_bytes)
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
	slot *from = &writer->slot[writer->next % (uint64_t) writer->slots];

	(void) err;
	from->entry = entry_about(about, raw_bytes);
	from->first = writer->next == 0 && !writer->head_bytes;
	from->busy = true;
	writer->next++;
	writer->runner->submit(writer->runner, &from->task);
	return ZDB_OK;
}

zdb_rc
zdb_writer_head(zdb_writer *writer, const void *raw,
				const zdb_chunk_about *about, zdb_err *err)
{
	zdb_entry entry = entry_about(about, writer->head_bytes);
	zdb_buf stored = {0};

	if (zdb_encode_stored(writer->codec.kind, raw, writer->head_bytes, &stored,
						  err) == ZDB_OK &&
		zdb_sha256(raw, writer->head_bytes, entry.sha256, err) == ZDB_OK &&
		zdb_sink_rewrite(writer->sink, stored.data, stored.len, err) == ZDB_OK)
	{
		entry.stored_bytes = (uint32_t) stored.len;
		entry.stored_crc32 = zdb_crc32(stored.data, stored.len);
		zdb_index_set_first(&writer->index, &entry);
		writer->head_missing = false;
	}
	zdb_buf_clear(&stored);
	return err->code;
}

zdb_rc
zdb_writer_seal(zdb_writer *writer, const zdb_manifest *manifest, zdb_err *err)
{
	zdb_sink *sidecar = writer->output.sidecar_top;
	zdb_sink *to = sidecar ? sidecar : writer->sink;

	if (settle(writer, err))
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
		.raw_bytes = writer->raw_bytes,
		.chunks = writer->index.entries,
	};
	if (zdb_tail_write(to, &writer->footer, &writer->index, manifest, err))
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
	return zdb_output_finish(&writer->output, sha256, err);
}

zdb_writer_totals
zdb_writer_totals_get(const zdb_writer *writer)
{
	return (zdb_writer_totals){
		.stored_bytes = writer->output.file->written,
		.raw_bytes = writer->raw_bytes,
		.chunks = writer->index.entries,
	};
}

void
zdb_writer_free(zdb_writer *writer)
{
	if (!writer)
		return;
	for (int i = 0; i < writer->slots; i++)
	{
		slot *each = &writer->slot[i];

		if (each->busy)
			writer->runner->wait(writer->runner, &each->task);
		zdb_encoder_free(each->encoder);
		zdb_buf_clear(&each->raw);
		zdb_buf_clear(&each->stored);
	}
	zdb_output_clear(&writer->output);
	zdb_index_clear(&writer->index);
	zdb_free(writer);
}
