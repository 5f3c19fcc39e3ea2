/*
 * err - what went wrong, as plain data
 *
 * A function that can fail returns zdb_rc and takes zdb_err *err last. The
 * struct holds no pointers: it is copied by "=", crosses threads and shared
 * memory, survives a longjmp, and reports out-of-memory without memory.
 *
 * The first cause wins: once code is set, later calls change nothing, so
 * that cleanup code may fail without hiding why it ran.
 *
 * Messages are lower case without a period ("could not open \"x\"") and
 * never carry a secret; a hint is a full sentence. Text that does not fit is
 * cut at a UTF-8 boundary and ends in "...".
 */
#ifndef ZDB_CORE_BASE_ERR_H
#define ZDB_CORE_BASE_ERR_H

#include <stdbool.h>

/* Each code says what the caller can do about it. */
typedef enum zdb_rc
{
	ZDB_OK = 0,
	ZDB_NOMEM,       /* free memory and try again */
	ZDB_CANCELLED,   /* the user asked to stop; nothing is left behind */
	ZDB_USAGE,       /* an argument or option is wrong: change the call */
	ZDB_NOT_FOUND,   /* no such file, table or backup: check the name */
	ZDB_EXISTS,      /* the destination exists: choose another name */
	ZDB_PERMISSION,  /* the system refused access: change the rights */
	ZDB_DISK_FULL,   /* make room and try again */
	ZDB_IO,          /* the system failed: see sys_errno */
	ZDB_DAMAGED,     /* bytes are not what was written: use another backup */
	ZDB_FORMAT,      /* not a file we can read, or from a newer version */
	ZDB_MISMATCH,    /* well formed, but contents contradict one another */
	ZDB_BUSY,        /* somebody holds a lock: try again later */
	ZDB_UNSUPPORTED, /* cannot be done here: the hint says what can */
	ZDB_INTERNAL,    /* a library or we ourselves failed: report it */
} zdb_rc;

typedef struct zdb_err
{
	zdb_rc code;
	int sys_errno; /* errno of the failing call, or 0 */
	char msg[512];
	char hint[256];
} zdb_err;

/* "usage", "disk_full", ...: for records, not for people. */
const char *zdb_err_name(zdb_rc code);

/* Make *err say "nothing went wrong". {0} does the same. */
void zdb_err_clear(zdb_err *err);

/* Set code and message unless an earlier cause is there. Returns the code
 * that stands in *err afterwards, so "return zdb_err_set(...)" is idiomatic.
 */
zdb_rc zdb_err_set(zdb_err *err, zdb_rc code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Like zdb_err_set(), but the code follows from errnum (ENOENT: NOT_FOUND,
 * ENOSPC and EDQUOT: DISK_FULL, EACCES and EPERM: PERMISSION, ...), and
 * ": <text of errnum>" is appended to the message. */
zdb_rc zdb_err_set_errno(zdb_err *err, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Set the out-of-memory error. */
zdb_rc zdb_err_nomem(zdb_err *err);

/* Set the hint, unless there is one. */
void zdb_err_hint(zdb_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
