/*
 * sums - the file "<backup>.sha256" beside a backup
 *
 * One line as sha256sum writes and checks it: 64 hexadecimal digits, two
 * spaces, the name without its directory. A line that begins with "\" has
 * backslash, newline and carriage return of the name as "\\", "\n" and "\r"
 * (coreutils manual, "md5sum invocation").
 */
#ifndef ZDB_CORE_ARCHIVE_SUMS_H
#define ZDB_CORE_ARCHIVE_SUMS_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/codec/codec.h"
#include "core/io/source.h"

#define ZDB_SUMS_SUFFIX ".sha256"

/* Append the line for the file at path. */
zdb_rc zdb_sums_format(const char *path,
					   const uint8_t digest[ZDB_SHA256_BYTES], zdb_buf *out,
					   zdb_err *err);

/* Find the line for the file at path in a text of any origin; digits alone
 * will do. Returns whether there is one. */
bool zdb_sums_find(const void *text, size_t len, const char *path,
				   uint8_t digest[ZDB_SHA256_BYTES]);

/* Like zdb_sums_find(), but in a file; ZDB_FORMAT when it holds none. */
zdb_rc zdb_sums_read(zdb_source *source, const char *path,
					 uint8_t digest[ZDB_SHA256_BYTES], zdb_err *err);

#endif
