/*
 * stream - the plain bytes of a backup, in order, as they are asked for
 *
 * What "gunzip -c" would give. Of an indexed file each chunk is checked
 * before its bytes are given; a foreign file is inflated.
 */
#ifndef ZDB_CORE_ARCHIVE_STREAM_H
#define ZDB_CORE_ARCHIVE_STREAM_H

#include "core/archive/reader.h"

typedef struct zdb_stream zdb_stream;

/* Begin at the start of the backup; the reader outlives the stream. */
zdb_rc zdb_stream_open(zdb_reader *reader, zdb_stream **out, zdb_err *err);

/* Give what follows: *len bytes at *bytes, valid until the next call; *len is
 * 0 only at the end. */
zdb_rc zdb_stream_next(zdb_stream *stream, const uint8_t **bytes, size_t *len,
					   zdb_err *err);

/* Of an indexed file: go on with chunk i, whatever was given before. */
void zdb_stream_seek(zdb_stream *stream, uint64_t i);

/* Of an indexed file: the chunk that comes next; 0 for a foreign one. */
uint64_t zdb_stream_at(const zdb_stream *stream);

void zdb_stream_free(zdb_stream *stream);

#endif
