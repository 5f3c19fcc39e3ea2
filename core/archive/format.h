/*
 * format - the constants and on-disk structs of a backup file
 *
 *   chunk 0 | chunk 1 | ... | tail blocks | footer [| zstd seek table]
 *
 * docs/format.md describes every byte. All integers are little-endian.
 */
#ifndef ZDB_CORE_ARCHIVE_FORMAT_H
#define ZDB_CORE_ARCHIVE_FORMAT_H

#include <stdint.h>

#include "core/codec/codec.h"

#define ZDB_FORMAT_VERSION 1

/* Largest raw length of one chunk. Longer runs are split, the later parts
 * flagged ZDB_CHUNK_CONTINUED, so that readers' memory stays flat. */
#define ZDB_CHUNK_BYTES_MAX (16u << 20)

/* Entries in one index block, and the length of one entry on disk. */
#define ZDB_GROUP_ENTRIES 512
#define ZDB_ENTRY_BYTES 88

/* Largest payload of one tail block (fits a gzip extra sub-field). */
#define ZDB_BLOCK_PAYLOAD_MAX 65000

#define ZDB_FOOTER_PAYLOAD 144
#define ZDB_FOOTER_MAGIC "ZDBACKUP"

/* A manifest above this is refused. */
#define ZDB_MANIFEST_BYTES_MAX (64u << 20)

#define ZDB_SIDECAR_SUFFIX ".zdbi"

typedef enum zdb_chunk_kind
{
	ZDB_CHUNK_PAGES = 1, /* first, count: database pages, from 1 */
	ZDB_CHUNK_SCRIPT,    /* SQL that belongs to no one table */
	ZDB_CHUNK_ROWS,      /* rows of one table; count: how many begin here */
} zdb_chunk_kind;

#define ZDB_CHUNK_CONTINUED 1 /* flag: begins in the middle of a statement */

/* One chunk, as the index holds it. */
typedef struct zdb_entry
{
	uint64_t file_offset; /* where its stored form begins */
	uint64_t raw_offset;  /* where its raw bytes begin in the whole */
	uint32_t stored_bytes;
	uint32_t raw_bytes;
	uint32_t stored_crc32; /* catches bits that decompression ignores */
	uint8_t kind;          /* zdb_chunk_kind */
	uint8_t flags;
	uint32_t table; /* 1-based in the manifest's tables; 0: none */
	uint64_t first;
	uint64_t count;
	uint8_t sha256[ZDB_SHA256_BYTES]; /* of the raw bytes */
} zdb_entry;

/* The footer, as it stands in memory. */
typedef struct zdb_footer
{
	uint16_t version;
	uint8_t codec;        /* zdb_codec_kind of the chunks */
	uint64_t tail_offset; /* where the tail blocks begin = end of the chunks */
	uint64_t file_bytes;  /* of the file this footer is in, all of it */
	uint64_t data_bytes;  /* sum of stored chunks */
	uint64_t raw_bytes;   /* sum of raw chunks: the size after gunzip */
	uint64_t chunks;
	uint32_t manifest_bytes;
	uint32_t directory_bytes;       /* 32 a group */
	uint8_t root[ZDB_SHA256_BYTES]; /* SHA-256 of manifest, then directory */
} zdb_footer;

#endif
