/*
 * inflate - a whole compressed file as a stream of plain bytes
 *
 * For files without an index: any gzip (several members included) or zstd
 * file, or a plain one, which passes through. Every checksum in the stream is
 * checked; bytes after the last member that are not zeros are ZDB_DAMAGED, as
 * is a stream that stops early. A zstd frame whose window exceeds 128 MiB is
 * ZDB_FORMAT. Messages name the file and the byte offset.
 */
#ifndef ZDB_CORE_CODEC_INFLATE_H
#define ZDB_CORE_CODEC_INFLATE_H

#include <stdint.h>

#include "core/codec/codec.h"
#include "core/io/source.h"

typedef struct zdb_inflate zdb_inflate;

/* Begin at offset 0 of source, which must outlive the stream. */
zdb_rc zdb_inflate_open(zdb_source *source, zdb_codec_kind kind,
						zdb_inflate **out, zdb_err *err);

/* Give up to cap bytes; *len is 0 only at the end. */
zdb_rc zdb_inflate_read(zdb_inflate *inflate, void *into, size_t cap,
						size_t *len, zdb_err *err);

/* The offset in the source up to which bytes were consumed. */
uint64_t zdb_inflate_offset(const zdb_inflate *inflate);

void zdb_inflate_free(zdb_inflate *inflate);

/* What the first bytes of a file say: gzip, zstd, or none. */
zdb_codec_kind zdb_codec_sniff(const uint8_t *head, size_t len);

#endif
