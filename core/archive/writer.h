/*
 * writer - raw bytes in, a backup file out
 *
 * The writer cuts nothing: the host gives it whole chunks. They are encoded
 * and hashed as tasks on the runner and appended in order; the one owner is
 * the thread that calls. The index is spilled to a temporary file, so that
 * memory does not grow with the database.
 *
 * Uncompressed backups are the plain file; their index goes to the sidecar
 * "<path>.zdbi". Beside every file comes "<path>.sha256". With recipients the
 * file and its sidecar are encrypted, each by itself.
 *
 * With a base the file is an incremental backup, which lists all chunks of the
 * whole but holds only what is new.
 *
 * Nothing is visible until finish; free before finish removes all.
 */
#ifndef ZDB_CORE_ARCHIVE_WRITER_H
#define ZDB_CORE_ARCHIVE_WRITER_H

#include "core/age/recipients.h"
#include "core/archive/chunk.h"
#include "core/archive/format.h"
#include "core/archive/manifest.h"
#include "core/archive/reader.h"
#include "core/base/host.h"
#include "core/base/task.h"
#include "core/store/store.h"

typedef struct zdb_writer zdb_writer;

typedef struct zdb_writer_options
{
	zdb_store_options to; /* where names the file */
	bool overwrite;
	zdb_codec codec;
	/* Encrypt for these; NULL or nobody: do not. Needed while it opens. */
	const zdb_age_recipients *recipients;
	zdb_runner *runner; /* outlives the writer */
	/* When not 0: the first chunk has this many raw bytes and is given last,
	 * by zdb_writer_head(); a hole is left for it. */
	uint32_t head_bytes;
	/* Keep the sums of all pages: the chunks are those of a database. */
	bool page_sums;
	/* Make an incremental backup upon this one, whose chain is open; outlives
	 * the writer. With page sums, chunks of pages that the base has become
	 * references or patches by themselves. */
	zdb_reader *base;
	/* Hash the file while it is written, if that can be: for a file that will
	 * not be read back. */
	bool hash;
} zdb_writer_options;

/* What a chunk carries; see zdb_entry. */
typedef struct zdb_chunk_about
{
	zdb_chunk_kind kind;
	uint8_t flags;
	uint32_t table;
	uint64_t first;
	uint64_t count;
	/* Of rows, if it is known: where they are from (row_map.h). */
	const zdb_buf *map;
} zdb_chunk_about;

zdb_rc zdb_writer_open(const zdb_writer_options *options, zdb_writer **out,
					   zdb_err *err);

/*
 * Lend a buffer of at least raw_bytes (<= ZDB_CHUNK_BYTES_MAX) for the next
 * chunk's raw bytes. It is the writer's; fill it and call zdb_writer_chunk().
 * Calling again before that lends the same buffer, grown, contents kept.
 */
zdb_rc zdb_writer_lend(zdb_writer *writer, uint32_t raw_bytes, uint8_t **raw,
					   zdb_err *err);

/* Take the lent buffer's first raw_bytes (>= 1) as the next chunk. */
zdb_rc zdb_writer_chunk(zdb_writer *writer, uint32_t raw_bytes,
						const zdb_chunk_about *about, zdb_err *err);

/* Append a chunk that was encoded elsewhere (zdb_chunk_encode(), in another
 * process) behind all that came before. entry's offsets are filled in. Never
 * the first chunk of a file without a base. */
zdb_rc zdb_writer_append(zdb_writer *writer, zdb_entry *entry,
						 const void *stored, zdb_err *err);

/* Like zdb_writer_append(): a patch of rows (zdb_chunk_encode_patch()) for
 * chunk entry->patch_of of the base, of which only the entry is read. That has
 * to be one of rows that is flagged, and the length of both together a
 * chunk's. entry's raw_bytes, patched and sha256 become those of the whole. */
zdb_rc zdb_writer_patch(zdb_writer *writer, zdb_entry *entry,
						const void *stored, zdb_err *err);

/* The next chunk is the base's whose entry was read from the base's reader;
 * about is what it is called here. */
zdb_rc zdb_writer_refer(zdb_writer *writer, const zdb_entry *of_base,
						const zdb_chunk_about *about, zdb_err *err);

/* The next chunk is chunk i of from: as it is stored there when that will do
 * here, else decoded, compared with its SHA-256 and encoded again (*copied is
 * false). What is copied is compared with its CRC-32 only. */
zdb_rc zdb_writer_copy(zdb_writer *writer, zdb_reader *from, uint64_t i,
					   zdb_chunk *chunk, bool *copied, zdb_err *err);

/* Give the first chunk: head_bytes of it. */
zdb_rc zdb_writer_head(zdb_writer *writer, const void *raw,
					   const zdb_chunk_about *about, zdb_err *err);

/* Write the tail and the footer. The file is complete, but not visible. */
zdb_rc zdb_writer_seal(zdb_writer *writer, const zdb_manifest *manifest,
					   zdb_err *err);

/* After seal: open a reader over the file that nobody else can see yet. The
 * caller frees it before finish. */
zdb_rc zdb_writer_reader(zdb_writer *writer, zdb_reader **out, zdb_err *err);

/* After seal: SHA-256 of the whole file, from the way it took, or read back;
 * not from a cloud, whence reading is slow and may cost: then *known is
 * false. host may be NULL. */
zdb_rc zdb_writer_sha256(zdb_writer *writer, const zdb_host *host,
						 uint8_t digest[ZDB_SHA256_BYTES], bool *known,
						 zdb_err *err);

/* Make the file durable and visible, if its base is still there; sha256 is the
 * file's, or NULL. What stands beside it comes after it: until then the file
 * is one without an index or a sum, never one that contradicts them. */
zdb_rc zdb_writer_finish(zdb_writer *writer,
						 const uint8_t sha256[ZDB_SHA256_BYTES], zdb_err *err);

/* Remove the index and the sum that stand beside the file at path, which is
 * about to be replaced: they would contradict the new one. */
zdb_rc zdb_writer_clear_beside(const char *path, zdb_err *err);

/* After seal: the file's length, chunks, raw bytes. */
typedef struct zdb_writer_totals
{
	uint64_t stored_bytes; /* of the backup file (sidecar not counted) */
	uint64_t raw_bytes;
	uint64_t chunks;
	uint64_t own_chunks;    /* of them in this file, */
	uint64_t patches;       /* of these not whole */
	uint64_t changed_pages; /* in this file */
} zdb_writer_totals;

zdb_writer_totals zdb_writer_totals_get(const zdb_writer *writer);

/* What it stands on; empty without a base. */
const zdb_chain *zdb_writer_chain(const zdb_writer *writer);

void zdb_writer_free(zdb_writer *writer);

#endif
