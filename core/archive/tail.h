/*
 * tail - where everything after the chunks stands
 *
 *   manifest blocks | index groups, a block each | directory blocks
 *     | blocks of page sums | footer
 *
 * A block is wrapped so that other readers look past it: as the extra field
 * of an empty gzip member, or as a zstd skippable frame (also in a sidecar).
 * All positions follow from the footer's numbers.
 */
#ifndef ZDB_CORE_ARCHIVE_TAIL_H
#define ZDB_CORE_ARCHIVE_TAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/archive/format.h"
#include "core/base/buf.h"

/* What a block holds. */
typedef enum zdb_block
{
	ZDB_BLOCK_TAIL = 'B',
	ZDB_BLOCK_FOOTER = 'F',
} zdb_block;

#define ZDB_GROUP_BYTES (ZDB_GROUP_ENTRIES * ZDB_ENTRY_BYTES)

/* The last part of a zstd file, the standard seek table: skippable header,
 * 8 bytes a frame, 9 bytes of footer. */
#define ZDB_SEEK_MAGIC 0x8F92EAB1u
#define ZDB_SEEK_FRAME_MAGIC 0x184D2A5Eu
#define ZDB_SEEK_FOOTER_BYTES 9

/* Bytes that wrapping adds to a payload. */
uint32_t zdb_block_overhead(zdb_codec_kind codec);

/* Append the wrapped payload (<= ZDB_BLOCK_PAYLOAD_MAX) to out. */
zdb_rc zdb_block_wrap(zdb_codec_kind codec, zdb_block block,
					  const void *payload, uint32_t len, zdb_buf *out,
					  zdb_err *err);

/* If bytes are exactly the wrapping of a payload of len, return where the
 * payload begins; else NULL. */
const uint8_t *zdb_block_unwrap(zdb_codec_kind codec, zdb_block block,
								const uint8_t *bytes, uint32_t len);

/* Length on disk of a payload cut into blocks. */
uint64_t zdb_blocks_bytes(zdb_codec_kind codec, uint64_t payload_bytes);

/* Groups of entries; entries and payload bytes in group i. */
uint64_t zdb_groups(const zdb_footer *footer);
uint32_t zdb_group_entries(const zdb_footer *footer, uint64_t i);

/* Offsets in the file that holds the tail. */
uint64_t zdb_tail_group(const zdb_footer *footer, uint64_t i);
uint64_t zdb_tail_directory(const zdb_footer *footer);
uint64_t zdb_tail_sums(const zdb_footer *footer);
uint64_t zdb_tail_footer(const zdb_footer *footer);

/* How many frames the seek table lists, and its length; 0 without one. */
uint64_t zdb_seek_frames(const zdb_footer *footer);
uint64_t zdb_seek_bytes(const zdb_footer *footer);

/* Is it a patch of rows? */
bool zdb_entry_patches_rows(const zdb_entry *entry);

/* How many bytes the entry's stored form decodes to. */
uint32_t zdb_entry_inner_bytes(const zdb_entry *entry);

/* Bytes of a patch's bitmap. */
uint32_t zdb_patch_map_bytes(uint64_t pages);

/* Entries and footers between memory and disk. Decoding checks that reserved
 * bytes are zero and that lengths are within the format's limits. */
void zdb_entry_encode(const zdb_entry *entry, uint8_t out[ZDB_ENTRY_BYTES]);
bool zdb_entry_decode(const uint8_t in[ZDB_ENTRY_BYTES], zdb_entry *entry);

zdb_rc zdb_footer_encode(const zdb_footer *footer,
						 uint8_t out[ZDB_FOOTER_PAYLOAD], zdb_err *err);

/* Returns false when these bytes are no footer; a footer that is damaged, or
 * of a newer version, is an error in err. */
bool zdb_footer_decode(const uint8_t in[ZDB_FOOTER_PAYLOAD],
					   zdb_footer *footer, zdb_err *err);

#endif
