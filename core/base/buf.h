/*
 * buf - a growable run of bytes
 *
 * {0} is a valid empty buffer. data is not NUL-terminated unless the caller
 * appended a NUL. Failure leaves the buffer as it was.
 */
#ifndef ZDB_CORE_BASE_BUF_H
#define ZDB_CORE_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

typedef struct zdb_buf
{
	uint8_t *data;
	size_t len;
	size_t cap;
} zdb_buf;

/* Make room for more_bytes beyond len. */
zdb_rc zdb_buf_reserve(zdb_buf *buf, size_t more_bytes, zdb_err *err);

zdb_rc zdb_buf_append(zdb_buf *buf, const void *bytes, size_t len,
					  zdb_err *err);

/* Append formatted text, without a NUL. Does nothing when err is set already,
 * so that several can follow one another unchecked. */
zdb_rc zdb_buf_format(zdb_buf *buf, zdb_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Free the memory; buf is an empty buffer again. */
void zdb_buf_clear(zdb_buf *buf);

#endif
