/*
 * reader_index - the tail of a file as it is needed: entries and page sums
 */
#include <string.h>

#include "core/archive/reader_part.h"

zdb_rc
zdb_reader_name(const zdb_source *source, zdb_err *err)
{
	zdb_err plain = *err;

	if (err->code != ZDB_DAMAGED && err->code != ZDB_FORMAT)
		return err->code;
	if (err->msg[0] == '"') /* it names the file already */
		return err->code;
	zdb_err_clear(err);
	zdb_err_set(err, plain.code, "\"%s\" %s: %s", source->name,
				plain.code == ZDB_DAMAGED ? "is damaged" : "cannot be read",
				plain.msg);
	zdb_err_hint(err, plain.code == ZDB_DAMAGED
						  ? "Use another copy or an older backup."
						  : "Use a newer zdbackup.");
	return err->code;
}

/* Read one block of the tail; the payload is valid until the next call. */
static zdb_rc
read_block(zdb_reader *reader, uint64_t offset, uint32_t len,
		   const uint8_t **payload, zdb_err *err)
{
	size_t bytes = (size_t) len + zdb_block_overhead(reader->codec);

	reader->block.len = 0;
	if (zdb_buf_reserve(&reader->block, bytes, err) ||
		zdb_source_read(reader->tail, offset, reader->block.data, bytes, err))
		return err->code;
	*payload = zdb_block_unwrap(reader->codec, ZDB_BLOCK_TAIL,
								reader->block.data, len);
	if (!*payload)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "the index block at byte %llu is not well formed",
						   (unsigned long long) offset);
	return ZDB_OK;
}

zdb_rc
zdb_reader_blocks(zdb_reader *reader, uint64_t offset, uint32_t len,
				  zdb_buf *into, zdb_err *err)
{
	while (len > 0)
	{
		uint32_t part =
			len < ZDB_BLOCK_PAYLOAD_MAX ? len : ZDB_BLOCK_PAYLOAD_MAX;
		const uint8_t *payload;

		if (read_block(reader, offset, part, &payload, err) ||
			zdb_buf_append(into, payload, part, err))
			return err->code;
		offset += part + zdb_block_overhead(reader->codec);
		len -= part;
	}
	return ZDB_OK;
}

static zdb_rc
load_group(zdb_reader *reader, uint64_t group, zdb_err *err)
{
	uint32_t len = zdb_group_entries(&reader->footer, group) * ZDB_ENTRY_BYTES;
	uint8_t sha256[ZDB_SHA256_BYTES];
	const uint8_t *payload;

	reader->group = ZDB_NO_GROUP;
	if (read_block(reader, zdb_tail_group(&reader->footer, group), len,
				   &payload, err) ||
		zdb_sha256(payload, len, sha256, err))
		return zdb_reader_name(reader->tail, err);
	if (memcmp(sha256, reader->directory.data + group * ZDB_SHA256_BYTES,
			   ZDB_SHA256_BYTES) != 0)
	{
		zdb_err_set(err, ZDB_DAMAGED, "index group %llu has a wrong checksum",
					(unsigned long long) group);
		return zdb_reader_name(reader->tail, err);
	}
	memcpy(reader->loaded, payload, len);
	reader->group = group;
	return ZDB_OK;
}

/* What is not in this file is looked at when it is read. */
static bool
is_here(const zdb_footer *footer, const zdb_entry *entry)
{
	return entry->link > 0 ||
		   (entry->file_offset <= footer->data_bytes &&
			entry->stored_bytes <= footer->data_bytes - entry->file_offset);
}

static bool
entry_fits(const zdb_reader *reader, const zdb_entry *entry)
{
	const zdb_footer *footer = &reader->footer;
	uint32_t links = reader->manifest.chain.count;

	return entry->raw_offset <= footer->raw_bytes &&
		   entry->raw_bytes <= footer->raw_bytes - entry->raw_offset &&
		   entry->link <= links && (!entry->patched || links > 0) &&
		   (!entry->patched || entry->link != 1) &&
		   !(entry->flags & ZDB_CHUNK_SUMS) == !footer->sums_bytes &&
		   is_here(footer, entry);
}

zdb_rc
zdb_reader_entry(zdb_reader *reader, uint64_t i, zdb_entry *entry,
				 zdb_err *err)
{
	uint64_t group = i / ZDB_GROUP_ENTRIES;

	if (reader->group != group && load_group(reader, group, err))
		return err->code;
	if (zdb_entry_decode(
			reader->loaded + i % ZDB_GROUP_ENTRIES * ZDB_ENTRY_BYTES, entry) &&
		entry_fits(reader, entry))
		return ZDB_OK;
	zdb_err_set(err, ZDB_DAMAGED, "index entry %llu is not valid",
				(unsigned long long) i);
	return zdb_reader_name(reader->tail, err);
}

static zdb_rc
load_sums(zdb_reader *reader, uint64_t block, zdb_err *err)
{
	const zdb_footer *footer = &reader->footer;
	uint64_t at = block * ZDB_BLOCK_PAYLOAD_MAX;
	uint64_t left = footer->sums_bytes - at;
	uint32_t len =
		left < ZDB_BLOCK_PAYLOAD_MAX ? (uint32_t) left : ZDB_BLOCK_PAYLOAD_MAX;

	reader->sums_block = ZDB_NO_GROUP;
	reader->sums.len = 0;
	if (zdb_reader_blocks(reader,
						  zdb_tail_sums(footer) +
							  zdb_blocks_bytes(footer->codec, at),
						  len, &reader->sums, err))
		return zdb_reader_name(reader->tail, err);
	reader->sums_block = block;
	return ZDB_OK;
}

/* Copy sums, which may lie in two blocks. */
static zdb_rc
copy_sums(zdb_reader *reader, uint64_t at, uint64_t len, uint8_t *into,
		  zdb_err *err)
{
	while (len > 0)
	{
		uint64_t block = at / ZDB_BLOCK_PAYLOAD_MAX;
		uint64_t within = at % ZDB_BLOCK_PAYLOAD_MAX, part;

		if (reader->sums_block != block && load_sums(reader, block, err))
			return err->code;
		part = reader->sums.len - within;
		part = part < len ? part : len;
		memcpy(into, reader->sums.data + within, part);
		into += part;
		at += part;
		len -= part;
	}
	return ZDB_OK;
}

zdb_rc
zdb_reader_sums(zdb_reader *reader, const zdb_entry *entry, uint8_t *sums,
				zdb_err *err)
{
	uint64_t at = (entry->first - 1) * ZDB_PAGE_SUM_BYTES;
	uint64_t len = entry->count * ZDB_PAGE_SUM_BYTES;
	uint8_t sha256[ZDB_SHA256_BYTES];

	if (entry->first < 1 || at > reader->footer.sums_bytes ||
		len > reader->footer.sums_bytes - at)
		zdb_err_set(err, ZDB_DAMAGED,
					"its index speaks of pages that it "
					"does not have");
	else if (copy_sums(reader, at, len, sums, err) == ZDB_OK &&
			 zdb_sha256(sums, len, sha256, err) == ZDB_OK &&
			 memcmp(sha256, entry->sha256, sizeof sha256) != 0)
		zdb_err_set(err, ZDB_DAMAGED,
					"the sums of pages %llu-%llu are not what was written",
					(unsigned long long) entry->first,
					(unsigned long long) (entry->first + entry->count - 1));
	return zdb_reader_name(reader->tail, err);
}
