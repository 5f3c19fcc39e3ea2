/*
 * seek_table - the standard index at the end of a zstd file
 *
 * https://github.com/facebook/zstd/blob/dev/contrib/seekable_format/
 * zstd_seekable_compression_format.md: a skippable frame that lists every
 * frame's compressed and plain length (0 for frames that are skipped), so
 * that other seekable readers can use our files. The same code writes it and,
 * by comparing, checks it.
 */
#ifndef ZDB_CORE_ARCHIVE_SEEK_TABLE_H
#define ZDB_CORE_ARCHIVE_SEEK_TABLE_H

#include "core/archive/tail.h"

/* Generate the table's bytes in order, in pieces, and give them to put;
 * offset counts from the table's beginning. entry gives the i-th entry.
 * guard_bytes is the plain length of the guard, 0: there is none. */
zdb_rc zdb_seek_table(const zdb_footer *footer, uint32_t guard_bytes,
					  zdb_rc (*entry)(void *arg, uint64_t i, zdb_entry *entry,
									  zdb_err *err),
					  void *entry_arg,
					  zdb_rc (*put)(void *arg, uint64_t offset,
									const void *bytes, size_t len,
									zdb_err *err),
					  void *put_arg, zdb_err *err);

#endif
