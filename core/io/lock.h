/*
 * lock - one process, one connection at a time
 *
 * A lock on a byte of a file, which belongs to the open descriptor (Linux's
 * open file description locks): two threads of a process exclude each other,
 * too, and whoever dies lets go. The file stays.
 */
#ifndef ZDB_CORE_IO_LOCK_H
#define ZDB_CORE_IO_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

/* Lock the byte of the file at path, which is made (0600) if it is missing.
 * When somebody else holds it: wait, or ZDB_BUSY. close(*fd) lets go. */
zdb_rc zdb_lock_open(const char *path, int64_t byte, bool wait, int *fd,
					 zdb_err *err);

#endif
