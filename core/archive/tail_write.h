/*
 * tail_write - everything after the chunks, onto a sink
 */
#ifndef ZDB_CORE_ARCHIVE_TAIL_WRITE_H
#define ZDB_CORE_ARCHIVE_TAIL_WRITE_H

#include "core/archive/index.h"
#include "core/archive/manifest.h"
#include "core/io/sink.h"

/* Write manifest, groups, directory, page sums, footer and, with zstd, the
 * seek table. footer has version, codec, tail_offset, data_bytes, raw_bytes,
 * chunks and members set; the rest is filled in. */
zdb_rc zdb_tail_write(zdb_sink *sink, zdb_footer *footer, zdb_index *index,
					  const zdb_spool *sums, const zdb_manifest *manifest,
					  zdb_err *err);

#endif
