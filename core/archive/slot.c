/*
 * slot - a chunk on its way into a file: lent, encoded by some thread,
 * appended
 */
#include "core/archive/slot.h"

#include "core/archive/chunk.h"
#include "core/archive/patch.h"

/* The chunk is where the base says. */
static void
refer(zdb_slot *slot)
{
	zdb_entry *entry = &slot->entry;

	entry->link = slot->base.link;
	entry->patched = slot->base.patched;
	entry->file_offset = slot->base.file_offset;
	entry->stored_bytes = slot->base.stored_bytes;
	entry->stored_crc32 = slot->base.stored_crc32;
}

/* Nothing, the changed pages, or all: a patch is worth while when it is not
 * more than half. */
static void
encode_pages(zdb_slot *slot)
{
	zdb_entry *entry = &slot->entry;
	const void *form = slot->raw.data;
	uint32_t page_size = (uint32_t) (entry->raw_bytes / entry->count);
	uint32_t changed;

	if (zdb_chunk_sums(slot->raw.data, entry, &slot->sums, &slot->err))
		return;
	changed = slot->has_base
				  ? zdb_patch_count(slot->sums.data, slot->base_sums.data,
									entry->count)
				  : (uint32_t) entry->count;
	if (changed == 0)
	{
		refer(slot);
		return;
	}
	if (2 * (uint64_t) changed <= entry->count)
	{
		slot->patch.len = 0;
		if (zdb_patch_make(slot->raw.data, entry->count, page_size,
						   slot->sums.data, slot->base_sums.data, &slot->patch,
						   &slot->err))
			return;
		entry->patched = (uint16_t) changed;
		form = slot->patch.data;
	}
	zdb_chunk_encode_hashed(slot->encoder, form, slot->first, entry,
							&slot->stored, &slot->err);
}

static void
encode_slot(zdb_task *task)
{
	zdb_slot *slot = (zdb_slot *) task;

	if (slot->with_sums)
		encode_pages(slot);
	else if (slot->has_map)
		zdb_chunk_encode_mapped(slot->encoder, slot->raw.data, &slot->map,
								&slot->entry, &slot->stored, &slot->err);
	else
		zdb_chunk_encode(slot->encoder, slot->raw.data, slot->first,
						 &slot->entry, &slot->stored, &slot->err);
}

zdb_rc
zdb_slot_init(zdb_slot *slot, zdb_codec codec, zdb_err *err)
{
	slot->task.run = encode_slot;
	return codec.kind == ZDB_CODEC_NONE
			   ? ZDB_OK
			   : zdb_encoder_new(codec, &slot->encoder, err);
}

zdb_entry
zdb_entry_upon(const zdb_reader *base, const zdb_entry *entry)
{
	zdb_entry ours = *entry;

	if (ours.link == 0)
		ours.link = zdb_reader_manifest(base)->chain.count + 1;
	return ours;
}

zdb_rc
zdb_slot_find_base(zdb_slot *slot, zdb_reader *base, uint64_t number,
				   zdb_err *err)
{
	const zdb_entry *entry = &slot->entry;
	zdb_entry there;

	slot->has_base = false;
	if (number >= zdb_reader_footer(base)->chunks)
		return ZDB_OK;
	if (zdb_reader_entry(base, number, &there, err))
		return err->code;
	if (!(there.flags & ZDB_CHUNK_SUMS) || there.first != entry->first ||
		there.count != entry->count || there.raw_bytes != entry->raw_bytes)
		return ZDB_OK;
	slot->base_sums.len = 0;
	if (zdb_buf_reserve(&slot->base_sums, there.count * ZDB_PAGE_SUM_BYTES,
						err) ||
		zdb_reader_sums(base, &there, slot->base_sums.data, err))
		return err->code;
	slot->base = zdb_entry_upon(base, &there);
	slot->has_base = true;
	return ZDB_OK;
}

zdb_rc
zdb_slot_take_map(zdb_slot *slot, const zdb_buf *map, zdb_err *err)
{
	slot->has_map = map && !slot->first;
	slot->map.len = 0;
	return slot->has_map ? zdb_buf_append(&slot->map, map->data, map->len, err)
						 : ZDB_OK;
}

void
zdb_slot_clear(zdb_slot *slot)
{
	zdb_encoder_free(slot->encoder);
	zdb_buf_clear(&slot->raw);
	zdb_buf_clear(&slot->stored);
	zdb_buf_clear(&slot->base_sums);
	zdb_buf_clear(&slot->sums);
	zdb_buf_clear(&slot->patch);
	zdb_buf_clear(&slot->map);
}
