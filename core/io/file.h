/*
 * file - temporary names, and how a file becomes visible
 *
 * Whatever we write has the name "<path>.zdbtmp-XXXXXXXX" (mode 0600) until it
 * is complete: a crash leaves a file that is recognised as ours, and nothing
 * under the final name.
 */
#ifndef ZDB_CORE_IO_FILE_H
#define ZDB_CORE_IO_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

#define ZDB_TEMP_MARK ".zdbtmp-"

/* Make the directories that lead to path, 0700, those that are missing. */
zdb_rc zdb_file_parents(const char *path, zdb_err *err);

/* Create an empty temporary file beside path, making missing directories
 * (0700). Returns its name, to be freed; *fd is open for reading and writing,
 * or closed when fd is NULL. NULL with err set. */
char *zdb_file_temp(const char *path, int *fd, zdb_err *err);

/* Such a name, of no file, to be freed. */
char *zdb_file_temp_name(const char *path, zdb_err *err);

/* Is it a name that zdb_file_temp() gives? */
bool zdb_file_is_temp(const char *path);

/* Give temp its final name and sync the directory; the file itself must have
 * been synced. Without overwrite an existing path is ZDB_EXISTS, atomically.
 */
zdb_rc zdb_file_publish(const char *temp, const char *path, bool overwrite,
						zdb_err *err);

/* Write all bytes at the descriptor's position; name is for the message. */
zdb_rc zdb_file_write(int fd, const char *name, const void *bytes, size_t len,
					  zdb_err *err);

/* Append what a file holds to *into. One that is larger than max_bytes is
 * ZDB_FORMAT, what is no file at all ZDB_USAGE. */
zdb_rc zdb_file_read(const char *path, size_t max_bytes, zdb_buf *into,
					 zdb_err *err);

/* Flush the file at path to the disk. */
zdb_rc zdb_file_sync(const char *path, zdb_err *err);

/* Remove a file; a missing one is fine, failure is not reported. NULL too. */
void zdb_file_remove(const char *path);

/* Are both names of one existing file? Either may be NULL or empty. */
bool zdb_file_same(const char *one, const char *other);

/* May a new file take path? ZDB_EXISTS when there is something and overwrite
 * is not set; ZDB_USAGE when it is no ordinary file: a link, a pipe. */
zdb_rc zdb_file_check_free(const char *path, bool overwrite, zdb_err *err);

#endif
