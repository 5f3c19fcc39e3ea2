/*
 * writer_part - the inside of a writer
 */
#ifndef ZDB_CORE_ARCHIVE_WRITER_PART_H
#define ZDB_CORE_ARCHIVE_WRITER_PART_H

#include "core/archive/index.h"
#include "core/archive/output.h"
#include "core/archive/slot.h"
#include "core/archive/spool.h"
#include "core/archive/writer.h"
#include "core/io/sink.h"

struct zdb_writer
{
	zdb_codec codec;
	zdb_runner *runner;
	bool head_missing;
	uint32_t head_bytes;
	bool with_sums;
	zdb_reader *base; /* or NULL */
	const char *guard;
	zdb_chain chain;
	zdb_output output;
	zdb_sink *sink; /* the output's */
	zdb_sink *hash; /* computes SHA-256, or NULL */
	bool encrypted; /* the output's tops do that */
	zdb_index index;
	zdb_spool sums;
	zdb_writer_totals totals;
	zdb_footer footer;
	zdb_err failed; /* the first failure: a chunk is missing since then */
	int slots;
	uint64_t next; /* chunks given so far; slot next % slots is the next */
	zdb_slot slot[];
};

zdb_entry zdb_entry_about(const zdb_chunk_about *about, uint32_t raw_bytes);

/* Append all chunks that are under way, oldest first. */
zdb_rc zdb_writer_settle(zdb_writer *writer, zdb_err *err);

/* Add the entry of the chunk that comes next. */
zdb_rc zdb_writer_add(zdb_writer *writer, zdb_entry *entry, zdb_err *err);

/* Append an encoded chunk. */
zdb_rc zdb_writer_put(zdb_writer *writer, zdb_entry *entry, const void *stored,
					  zdb_err *err);

/* Leave a hole for the first chunk; its entry is replaced later. */
zdb_rc zdb_writer_reserve_head(zdb_writer *writer, zdb_err *err);

/* Where it ends in the file. */
uint32_t zdb_writer_head_end(const zdb_writer *writer);

#endif
