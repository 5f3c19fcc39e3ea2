/*
 * tail_write - everything after the chunks, onto a sink
 */
#include "core/archive/tail_write.h"

#include "core/archive/seek_table.h"

/* Write a payload as blocks of the largest size. */
static zdb_rc
write_blocks(zdb_sink *sink, zdb_codec_kind codec, const zdb_buf *payload,
			 zdb_err *err)
{
	zdb_buf block = {0};

	for (size_t at = 0; at < payload->len && !err->code;)
	{
		size_t left = payload->len - at;
		uint32_t len = left < ZDB_BLOCK_PAYLOAD_MAX ? (uint32_t) left
													: ZDB_BLOCK_PAYLOAD_MAX;

		block.len = 0;
		if (zdb_block_wrap(codec, ZDB_BLOCK_TAIL, payload->data + at, len,
						   &block, err) == ZDB_OK)
			zdb_sink_write(sink, block.data, block.len, err);
		at += len;
	}
	zdb_buf_clear(&block);
	return err->code;
}

/* Write the groups; their hashes become the directory. */
static zdb_rc
write_groups(zdb_sink *sink, const zdb_footer *footer, zdb_index *index,
			 zdb_buf *directory, zdb_err *err)
{
	zdb_buf block = {0};

	for (uint64_t i = 0; i < zdb_groups(footer) && !err->code; i++)
	{
		uint8_t sha256[ZDB_SHA256_BYTES];
		const uint8_t *payload;
		uint32_t len;

		block.len = 0;
		if (zdb_index_group(index, i, &payload, &len, err) == ZDB_OK &&
			zdb_sha256(payload, len, sha256, err) == ZDB_OK &&
			zdb_buf_append(directory, sha256, sizeof sha256, err) == ZDB_OK &&
			zdb_block_wrap(footer->codec, ZDB_BLOCK_TAIL, payload, len, &block,
						   err) == ZDB_OK)
			zdb_sink_write(sink, block.data, block.len, err);
	}
	zdb_buf_clear(&block);
	return err->code;
}

static zdb_rc
write_sums(zdb_sink *sink, const zdb_footer *footer, const zdb_spool *sums,
		   zdb_err *err)
{
	uint8_t piece[ZDB_BLOCK_PAYLOAD_MAX];

	for (uint64_t at = 0; at < footer->sums_bytes && !err->code;)
	{
		uint64_t left = footer->sums_bytes - at;
		zdb_buf payload = {.data = piece,
						   .len = left < sizeof piece ? (size_t) left
													  : sizeof piece};

		if (zdb_spool_read(sums, at, piece, payload.len, err) == ZDB_OK)
			write_blocks(sink, footer->codec, &payload, err);
		at += payload.len;
	}
	return err->code;
}

static zdb_rc
compute_root(zdb_footer *footer, const zdb_buf *manifest,
			 const zdb_buf *directory, zdb_err *err)
{
	zdb_sha256_stream *hash;

	if (zdb_sha256_new(&hash, err))
		return err->code;
	if (zdb_sha256_update(hash, manifest->data, manifest->len, err) ==
			ZDB_OK &&
		zdb_sha256_update(hash, directory->data, directory->len, err) ==
			ZDB_OK)
		zdb_sha256_final(hash, footer->root, err);
	zdb_sha256_free(hash);
	return err->code;
}

static zdb_rc
write_footer(zdb_sink *sink, const zdb_footer *footer, zdb_err *err)
{
	uint8_t payload[ZDB_FOOTER_PAYLOAD];
	zdb_buf block = {0};

	if (zdb_footer_encode(footer, payload, err) == ZDB_OK &&
		zdb_block_wrap(footer->codec, ZDB_BLOCK_FOOTER, payload,
					   sizeof payload, &block, err) == ZDB_OK)
		zdb_sink_write(sink, block.data, block.len, err);
	zdb_buf_clear(&block);
	return err->code;
}

/* The seek table needs the entries once more. */
static zdb_rc
next_entry(void *arg, uint64_t i, zdb_entry *entry, zdb_err *err)
{
	const uint8_t *payload;
	uint32_t len;

	if (zdb_index_group(arg, i / ZDB_GROUP_ENTRIES, &payload, &len, err))
		return err->code;
	zdb_entry_decode(payload + i % ZDB_GROUP_ENTRIES * ZDB_ENTRY_BYTES, entry);
	return ZDB_OK;
}

static zdb_rc
put_seek(void *arg, uint64_t offset, const void *bytes, size_t len,
		 zdb_err *err)
{
	(void) offset;
	return zdb_sink_write(arg, bytes, len, err);
}

zdb_rc
zdb_tail_write(zdb_sink *sink, zdb_footer *footer, zdb_index *index,
			   const zdb_spool *sums, const zdb_manifest *manifest,
			   zdb_err *err)
{
	zdb_buf json = {0}, directory = {0};

	if (zdb_manifest_encode(manifest, &json, err))
		goto done;
	if (json.len > ZDB_MANIFEST_BYTES_MAX)
	{
		zdb_err_set(err, ZDB_UNSUPPORTED,
					"too many tables: the manifest has "
					"%zu bytes",
					json.len);
		goto done;
	}
	footer->manifest_bytes = (uint32_t) json.len;
	footer->sums_bytes = sums->bytes;
	footer->directory_bytes =
		(uint32_t) (zdb_groups(footer) * ZDB_SHA256_BYTES);
	footer->file_bytes = zdb_tail_footer(footer) +
						 zdb_block_overhead(footer->codec) +
						 ZDB_FOOTER_PAYLOAD + zdb_seek_bytes(footer);
	if (write_blocks(sink, footer->codec, &json, err) ||
		write_groups(sink, footer, index, &directory, err) ||
		write_blocks(sink, footer->codec, &directory, err) ||
		write_sums(sink, footer, sums, err) ||
		compute_root(footer, &json, &directory, err) ||
		write_footer(sink, footer, err))
		goto done;
	if (footer->codec == ZDB_CODEC_ZSTD)
		zdb_seek_table(footer, zdb_manifest_guard_bytes(manifest), next_entry,
					   index, put_seek, sink, err);

done:
	zdb_buf_clear(&json);
	zdb_buf_clear(&directory);
	return err->code;
}
