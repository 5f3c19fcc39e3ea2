/*
 * sink - somewhere bytes go
 *
 * Nothing is visible at the destination until finish; free before finish
 * removes every trace. Failure is sticky: after one, every call fails with
 * the same cause and finish does nothing. One owner, one thread at a time.
 */
#ifndef ZDB_CORE_IO_SINK_H
#define ZDB_CORE_IO_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/io/source.h"

typedef struct zdb_sink zdb_sink;

typedef struct zdb_sink_ops
{
	zdb_rc (*write)(zdb_sink *sink, const void *bytes, size_t len,
					zdb_err *err);
	zdb_rc (*rewrite)(zdb_sink *sink, const void *bytes, size_t len,
					  zdb_err *err);
	zdb_rc (*flush)(zdb_sink *sink, zdb_err *err);
	/* NULL: what is written cannot be read before finish. */
	zdb_rc (*reread)(zdb_sink *sink, zdb_source **out, zdb_err *err);
	zdb_rc (*finish)(zdb_sink *sink, zdb_err *err);
	void (*free)(zdb_sink *sink);
} zdb_sink_ops;

struct zdb_sink
{
	const zdb_sink_ops *ops;
	uint64_t written; /* bytes written so far */
	zdb_err failed;   /* the sticky first failure */
};

/* Append bytes. */
zdb_rc zdb_sink_write(zdb_sink *sink, const void *bytes, size_t len,
					  zdb_err *err);

/* Replace the first len bytes, which must have been written already. */
zdb_rc zdb_sink_rewrite(zdb_sink *sink, const void *bytes, size_t len,
						zdb_err *err);

/* Hand on what is buffered, so that who rereads it sees all. */
zdb_rc zdb_sink_flush(zdb_sink *sink, zdb_err *err);

/* Open what was written and flushed, before finish makes it visible. */
zdb_rc zdb_sink_reread(zdb_sink *sink, zdb_source **out, zdb_err *err);

/* Can it be? Otherwise it can be read after finish only. */
bool zdb_sink_rereads(const zdb_sink *sink);

/* Make everything durable and visible under its final name. */
zdb_rc zdb_sink_finish(zdb_sink *sink, zdb_err *err);

/* Release; before finish also remove what was written. NULL is fine. */
void zdb_sink_free(zdb_sink *sink);

/*
 * Open a file sink: bytes go to "<path>.zdbtmp-XXXXXX" (mode 0600, O_EXCL)
 * in the same directory; finish fsyncs the file, moves it to path and fsyncs
 * the directory. Without overwrite an existing path is ZDB_EXISTS, here and
 * again, atomically, in finish. Missing parent directories are made, 0700.
 */
zdb_rc zdb_sink_file_open(const char *path, bool overwrite, zdb_sink **out,
						  zdb_err *err);

#endif
