/*
 * format - the constants and on-disk structs of a backup file
 *
 *   [guard |] chunk 0 | chunk 1 | ... | tail blocks | footer [| seek table]
 *
 * An incremental backup lists every chunk of the whole, too; most of them lie
 * in older files, the links of its chain. Its guard is a text for who
 * uncompresses it by hand.
 *
 * docs/format.md describes every byte. All integers are little-endian.
 */
#ifndef ZDB_CORE_ARCHIVE_FORMAT_H
#define ZDB_CORE_ARCHIVE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/codec/codec.h"

#define ZDB_FORMAT_VERSION 2

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

/* Bytes of a page's sum: SHA-256, cut. */
#define ZDB_PAGE_SUM_BYTES 16

/* The smallest page a database can have. */
#define ZDB_PAGE_BYTES_MIN 512

/* Links of the longest chain; each is a file that is open while the last one
 * is read. */
#define ZDB_CHAIN_MAX 250

/* Length of a guard's text: what can be stored without compression. */
#define ZDB_GUARD_BYTES_MIN 256
#define ZDB_GUARD_BYTES_MAX 4096

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
#define ZDB_CHUNK_SUMS 2      /* flag: sha256 is that of its page sums */
#define ZDB_CHUNK_MAPPED 4    /* flag: it is known where its rows are from */

/*
 * Where a chunk's bytes are: in file link of the chain (1: the oldest, 0: this
 * file). patched 0: all of it; else what changed, and the rest is that of
 * the same chunk as the file just before that one in the chain has it.
 *
 * Of pages patched are stored: see patch.h. Of rows patched counts those that
 * were put in since the chunk was whole, at least one a patch, as far as 16
 * bits count; see row_patch.h. Their chunk has another number there.
 */

/* The shortest patch of rows: an empty map. */
#define ZDB_ROW_PATCH_BYTES_MIN 4

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
	uint16_t patched;
	uint32_t table; /* 1-based in the manifest's tables; 0: none */
	uint32_t link;
	uint64_t first;
	uint64_t count;
	/* Of a patch of rows, whose first and count have 32 bits: its length, and
	 * the number of the chunk in the file just before. */
	uint32_t patch_bytes;
	uint32_t patch_of;
	/* of the raw bytes, or page sums; of mapped rows: of that of the raw bytes
	 * and the map, one behind the other; of patched rows: of that of the chunk
	 * before and that of the patch, one behind the other */
	uint8_t sha256[ZDB_SHA256_BYTES];
} zdb_entry;

/* The footer, as it stands in memory. */
typedef struct zdb_footer
{
	uint16_t version;
	uint8_t codec;        /* zdb_codec_kind of the chunks */
	uint64_t tail_offset; /* where the tail blocks begin = end of the chunks */
	uint64_t file_bytes;  /* of the file this footer is in, all of it */
	uint64_t data_bytes;  /* the guard and the chunks stored here */
	uint64_t raw_bytes;   /* sum of raw chunks: the size of the whole */
	uint64_t chunks;
	uint32_t manifest_bytes;
	uint32_t directory_bytes;       /* 32 a group */
	uint8_t root[ZDB_SHA256_BYTES]; /* SHA-256 of manifest, then directory */
	uint64_t sums_bytes;            /* page sums, 16 a page; 0: none */
	uint64_t members;               /* stored chunks and the guard */
} zdb_footer;

#endif
