/*
 * reader_part - the inside of a reader, for who opens it and reads its tail
 */
#ifndef ZDB_CORE_ARCHIVE_READER_PART_H
#define ZDB_CORE_ARCHIVE_READER_PART_H

#include "core/archive/reader.h"
#include "core/archive/tail.h"

#define ZDB_NO_GROUP UINT64_MAX

struct zdb_reader
{
	zdb_source *source;
	zdb_source *sidecar;
	zdb_source *tail; /* the one of the two that holds the footer, or NULL */
	zdb_codec_kind codec;
	zdb_footer footer;
	zdb_manifest manifest;
	zdb_buf directory;
	uint64_t group; /* which is loaded, or ZDB_NO_GROUP */
	uint8_t loaded[ZDB_GROUP_BYTES];
	zdb_buf block;
	uint64_t sums_block; /* which block of page sums is in sums, likewise */
	zdb_buf sums;
	zdb_reader **links; /* one for each of the chain, or NULL: */
	zdb_err unlinked;   /* why */
	bool borrowed;      /* they are another reader's */
};

/* Like zdb_reader_open(), but without the chain. */
zdb_rc zdb_reader_open_alone(const zdb_store_options *file, zdb_age_keys *keys,
							 zdb_reader **out, zdb_err *err);

/* Put the file's name before a message that says what is wrong with it. */
zdb_rc zdb_reader_name(const zdb_source *source, zdb_err *err);

/* Append a payload of the tail that was cut into blocks. */
zdb_rc zdb_reader_blocks(zdb_reader *reader, uint64_t offset, uint32_t len,
						 zdb_buf *into, zdb_err *err);

/* Close what zdb_reader_link() opened. */
void zdb_reader_unlink(zdb_reader *reader);

#endif
