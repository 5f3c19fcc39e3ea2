/*
 * reader - a backup file opened from its end
 */
#include "core/archive/reader_part.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/age/open.h"
#include "core/archive/links.h"
#include "core/archive/mark.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/codec/inflate.h"
#include "core/codec/zstd.h"

#define HEAD_BYTES 16 /* tell a plain database from what is compressed */

/* The first bytes of the file, as many as there are. */
static zdb_rc
read_head(zdb_source *source, uint8_t head[HEAD_BYTES], size_t *len,
		  zdb_err *err)
{
	*len = source->bytes < HEAD_BYTES ? (size_t) source->bytes : HEAD_BYTES;
	return zdb_source_read(source, 0, head, *len, err);
}

/* Where the footer's block begins when the file has one in the place that the
 * codec prescribes; UINT64_MAX otherwise. */
static zdb_rc
footer_place(zdb_source *source, zdb_codec_kind codec, uint64_t *place,
			 zdb_err *err)
{
	uint64_t end = source->bytes;
	uint64_t block = zdb_block_overhead(codec) + ZDB_FOOTER_PAYLOAD;
	uint8_t seek[ZDB_SEEK_FOOTER_BYTES];

	*place = UINT64_MAX;
	if (codec == ZDB_CODEC_ZSTD)
	{
		uint64_t table;

		if (end < sizeof seek)
			return ZDB_OK;
		if (zdb_source_read(source, end - sizeof seek, seek, sizeof seek, err))
			return err->code;
		table = ZDB_SKIPPABLE_HEADER_BYTES + 8ull * zdb_get32(seek) +
				ZDB_SEEK_FOOTER_BYTES;
		if (zdb_get32(seek + 5) != ZDB_SEEK_MAGIC || table > end)
			return ZDB_OK;
		end -= table;
	}
	if (end >= block)
		*place = end - block;
	return ZDB_OK;
}

/* Look for a footer. Sets reader->tail when there is one. */
static zdb_rc
find_footer(zdb_reader *reader, zdb_source *source, zdb_codec_kind codec,
			zdb_err *err)
{
	uint32_t len = zdb_block_overhead(codec) + ZDB_FOOTER_PAYLOAD;
	uint8_t bytes[ZDB_FOOTER_PAYLOAD + 64];
	const uint8_t *payload;
	uint64_t place;

	if (footer_place(source, codec, &place, err) || place == UINT64_MAX ||
		zdb_source_read(source, place, bytes, len, err))
		return err->code;
	payload =
		zdb_block_unwrap(codec, ZDB_BLOCK_FOOTER, bytes, ZDB_FOOTER_PAYLOAD);
	if (!payload || !zdb_footer_decode(payload, &reader->footer, err) ||
		err->code)
		return err->code;
	if (reader->footer.codec != codec ||
		reader->footer.file_bytes != source->bytes ||
		place != zdb_tail_footer(&reader->footer))
		return zdb_err_set(err, ZDB_DAMAGED,
						   "its footer speaks of %llu bytes, it has %llu",
						   (unsigned long long) reader->footer.file_bytes,
						   (unsigned long long) source->bytes);
	reader->tail = source;
	return ZDB_OK;
}

static zdb_rc
check_root(const zdb_reader *reader, const zdb_buf *json, zdb_err *err)
{
	uint8_t root[ZDB_SHA256_BYTES];
	zdb_sha256_stream *hash;

	if (zdb_sha256_new(&hash, err))
		return err->code;
	if (zdb_sha256_update(hash, json->data, json->len, err) == ZDB_OK &&
		zdb_sha256_update(hash, reader->directory.data, reader->directory.len,
						  err) == ZDB_OK)
		zdb_sha256_final(hash, root, err);
	zdb_sha256_free(hash);
	if (!err->code && memcmp(root, reader->footer.root, sizeof root) != 0)
		zdb_err_set(err, ZDB_DAMAGED,
					"its manifest or index has a wrong checksum");
	return err->code;
}

/* The manifest tells what kind of footer is to be expected. */
static zdb_rc
check_kind(const zdb_reader *reader, zdb_err *err)
{
	const zdb_footer *footer = &reader->footer;
	const zdb_manifest *manifest = &reader->manifest;
	uint32_t page = manifest->page_size;
	bool fits = manifest->chain.count == 0
					? footer->members == footer->chunks
					: footer->version > 1 && footer->codec != ZDB_CODEC_NONE;

	if (footer->sums_bytes)
		fits = fits && manifest->content == ZDB_CONTENT_IMAGE &&
			   page >= ZDB_PAGE_BYTES_MIN && footer->raw_bytes % page == 0 &&
			   footer->sums_bytes ==
				   footer->raw_bytes / page * ZDB_PAGE_SUM_BYTES;
	return fits ? ZDB_OK
				: zdb_err_set(err, ZDB_DAMAGED,
							  "its manifest contradicts its footer");
}

static zdb_rc
load_tail(zdb_reader *reader, zdb_err *err)
{
	const zdb_footer *footer = &reader->footer;
	zdb_buf json = {0};

	if (zdb_reader_blocks(reader, footer->tail_offset, footer->manifest_bytes,
						  &json, err) == ZDB_OK &&
		zdb_reader_blocks(reader, zdb_tail_directory(footer),
						  footer->directory_bytes, &reader->directory,
						  err) == ZDB_OK &&
		check_root(reader, &json, err) == ZDB_OK &&
		zdb_manifest_decode(json.data, json.len, &reader->manifest, err) ==
			ZDB_OK)
		check_kind(reader, err);
	zdb_buf_clear(&json);
	return err->code;
}

static zdb_rc
check_sidecar(const zdb_reader *reader, zdb_err *err)
{
	if (reader->footer.data_bytes == reader->source->bytes &&
		reader->footer.raw_bytes == reader->source->bytes)
		return ZDB_OK;
	zdb_err_set(err, ZDB_DAMAGED, "\"%s\" does not match its index \"%s\"",
				reader->source->name, reader->sidecar->name);
	zdb_err_hint(err, "If the file was replaced on purpose, delete the "
					  "index; the file is then taken as it is.");
	return err->code;
}

static zdb_rc
open_sidecar(zdb_reader *reader, zdb_age_keys *keys, zdb_err *err)
{
	if (zdb_age_open(&reader->sidecar, keys, err))
		return err->code;
	if (find_footer(reader, reader->sidecar, ZDB_CODEC_NONE, err) == ZDB_OK &&
		!reader->tail)
		zdb_err_set(err, ZDB_DAMAGED, "it has no footer");
	if (err->code || load_tail(reader, err))
		return zdb_reader_name(reader->sidecar, err);
	return check_sidecar(reader, err);
}

/* Our mark at the beginning without a footer at the end. */
static zdb_rc
refuse_headless(zdb_reader *reader, zdb_err *err)
{
	bool ours;

	if (zdb_mark_find(reader->source, reader->codec, &ours, err) || !ours)
		return err->code;
	zdb_err_set(err, ZDB_DAMAGED,
				"\"%s\" is damaged: its footer is missing, so it was cut "
				"short or something was appended",
				reader->source->name);
	zdb_err_hint(err, "Use another copy; gunzip or zstd -d can still read "
					  "what is there.");
	return err->code;
}

/* The file's own footer: the end tells, should the beginning be damaged. */
static zdb_rc
open_own(zdb_reader *reader, zdb_err *err)
{
	zdb_source *source = reader->source;

	reader->codec = ZDB_CODEC_GZIP;
	if (find_footer(reader, source, ZDB_CODEC_GZIP, err) == ZDB_OK &&
		!reader->tail)
	{
		reader->codec = ZDB_CODEC_ZSTD;
		find_footer(reader, source, ZDB_CODEC_ZSTD, err);
	}
	if (!err->code && reader->tail)
		load_tail(reader, err);
	return zdb_reader_name(source, err);
}

/* A plain database may hold a backup as a value, and so end like one; a
 * compressed file may stand where a plain one stood, beside its sidecar. */
static zdb_rc
open_file(zdb_reader *reader, zdb_age_keys *keys, zdb_err *err)
{
	static const char sqlite[HEAD_BYTES] = "SQLite format 3";
	zdb_source *source = reader->source;
	uint8_t head[HEAD_BYTES];
	size_t len;

	if (source->bytes == 0)
		return zdb_err_set(err, ZDB_FORMAT, "\"%s\" is empty", source->name);
	if (read_head(source, head, &len, err))
		return err->code;
	if ((len < sizeof sqlite || memcmp(head, sqlite, sizeof sqlite) != 0) &&
		open_own(reader, err))
		return err->code;
	if (reader->tail)
		return ZDB_OK;
	reader->codec = zdb_codec_sniff(head, len);
	if (reader->sidecar && reader->codec == ZDB_CODEC_NONE)
		return open_sidecar(reader, keys, err);
	return refuse_headless(reader, err);
}

zdb_rc
zdb_reader_open_source(zdb_source *source, zdb_source *sidecar,
					   zdb_age_keys *keys, zdb_reader **out, zdb_err *err)
{
	zdb_reader *reader = zdb_calloc(1, sizeof *reader);

	*out = NULL;
	if (!reader)
	{
		zdb_source_free(source);
		zdb_source_free(sidecar);
		return zdb_err_nomem(err);
	}
	reader->source = source;
	reader->sidecar = sidecar;
	reader->group = reader->sums_block = ZDB_NO_GROUP;
	if (zdb_age_open(&reader->source, keys, err) ||
		open_file(reader, keys, err))
		zdb_reader_free(reader);
	else
		*out = reader;
	return err->code;
}

/* Only a plain file has a sidecar: *sidecar stays NULL for others. */
static zdb_rc
find_sidecar(zdb_store *store, const char *file, zdb_source *source,
			 zdb_source **sidecar, zdb_err *err)
{
	uint8_t head[HEAD_BYTES];
	zdb_err why = {0};
	size_t len;
	char *name;

	if (read_head(source, head, &len, err) ||
		zdb_codec_sniff(head, len) != ZDB_CODEC_NONE)
		return err->code;
	name = zdb_format(err, "%s" ZDB_SIDECAR_SUFFIX, file);
	if (name && zdb_store_source(store, name, sidecar, &why) &&
		why.code != ZDB_NOT_FOUND && why.sys_errno != ENAMETOOLONG)
		*err = why;
	zdb_free(name);
	return err->code;
}

static zdb_rc
open_in(zdb_store *store, const char *name, zdb_age_keys *keys,
		zdb_reader **out, zdb_err *err)
{
	zdb_source *source, *sidecar = NULL;

	if (zdb_store_source(store, name, &source, err))
		return err->code;
	if (find_sidecar(store, name, source, &sidecar, err))
	{
		zdb_source_free(source);
		return err->code;
	}
	return zdb_reader_open_source(source, sidecar, keys, out, err);
}

zdb_rc
zdb_reader_open_alone(const zdb_store_options *file, zdb_age_keys *keys,
					  zdb_reader **out, zdb_err *err)
{
	zdb_store *store;
	char *name;

	*out = NULL;
	if (zdb_store_at(file, &store, &name, err) == ZDB_OK)
		open_in(store, name, keys, out, err);
	zdb_store_free(store);
	zdb_free(name);
	return err->code;
}

/* With its chain, or not at all. */
static zdb_rc
link_opened(zdb_reader **out, const zdb_store_options *file,
			zdb_age_keys *keys, zdb_err *err)
{
	if (!err->code && zdb_reader_link(*out, file, keys, err))
	{
		zdb_reader_free(*out);
		*out = NULL;
	}
	return err->code;
}

zdb_rc
zdb_reader_open(const zdb_store_options *file, zdb_age_keys *keys,
				zdb_reader **out, zdb_err *err)
{
	zdb_reader_open_alone(file, keys, out, err);
	return link_opened(out, file, keys, err);
}

zdb_rc
zdb_reader_open_again(const zdb_store_options *file, const char *sidecar_where,
					  const zdb_age_file_keys *file_keys, zdb_reader **out,
					  zdb_err *err)
{
	zdb_age_keys keys = {.files = *file_keys};
	zdb_store_options beside = *file;
	zdb_source *source, *sidecar = NULL;

	*out = NULL;
	beside.where = sidecar_where;
	if (zdb_store_source_at(file, &source, err))
		return err->code;
	if (*sidecar_where && zdb_store_source_at(&beside, &sidecar, err))
		zdb_source_free(source);
	else
		zdb_reader_open_source(source, sidecar, &keys, out, err);
	link_opened(out, file, &keys, err);
	zdb_age_keys_clear(&keys);
	return err->code;
}

void
zdb_reader_free(zdb_reader *reader)
{
	if (!reader)
		return;
	zdb_reader_unlink(reader);
	zdb_source_free(reader->source);
	zdb_source_free(reader->sidecar);
	zdb_buf_clear(&reader->sums);
	zdb_manifest_clear(&reader->manifest);
	zdb_buf_clear(&reader->directory);
	zdb_buf_clear(&reader->block);
	zdb_free(reader);
}

zdb_source *
zdb_reader_source(const zdb_reader *reader)
{
	return reader->source;
}

static void
add_keys(const zdb_reader *reader, zdb_age_file_keys *keys)
{
	zdb_age_source_key(reader->source, keys);
	if (reader->sidecar)
		zdb_age_source_key(reader->sidecar, keys);
}

void
zdb_reader_file_keys(const zdb_reader *reader, zdb_age_file_keys *keys)
{
	keys->count = 0;
	add_keys(reader, keys);
	for (uint32_t i = 0; reader->links && i < reader->manifest.chain.count;
		 i++)
		add_keys(reader->links[i], keys);
}

zdb_source *
zdb_reader_tail(const zdb_reader *reader)
{
	return reader->tail;
}

const zdb_footer *
zdb_reader_footer(const zdb_reader *reader)
{
	return reader->tail ? &reader->footer : NULL;
}

const zdb_manifest *
zdb_reader_manifest(const zdb_reader *reader)
{
	return reader->tail ? &reader->manifest : NULL;
}

bool
zdb_reader_has_sums(const zdb_reader *reader)
{
	return reader->tail && reader->footer.sums_bytes > 0;
}

zdb_codec_kind
zdb_reader_codec(const zdb_reader *reader)
{
	return reader->codec;
}
