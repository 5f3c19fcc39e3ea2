/*
 * buf - a growable run of bytes
 */
#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

#define SMALLEST_CAP 256

zdb_rc
zdb_buf_reserve(zdb_buf *buf, size_t more_bytes, zdb_err *err)
{
	size_t needed = buf->len + more_bytes;
	size_t cap = buf->cap ? buf->cap : SMALLEST_CAP;
	uint8_t *data;

	if (needed < buf->len)
		return zdb_err_nomem(err);
	if (needed <= buf->cap)
		return ZDB_OK;
	while (cap < needed)
		cap = cap > SIZE_MAX / 2 ? needed : cap * 2;
	data = zdb_realloc(buf->data, cap);
	if (!data)
		return zdb_err_nomem(err);
	buf->data = data;
	buf->cap = cap;
	return ZDB_OK;
}

zdb_rc
zdb_buf_append(zdb_buf *buf, const void *bytes, size_t len, zdb_err *err)
{
	if (zdb_buf_reserve(buf, len, err))
		return err->code;
	if (len)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	return ZDB_OK;
}

zdb_rc
zdb_buf_format(zdb_buf *buf, zdb_err *err, const char *fmt, ...)
{
	va_list args;
	int len;

	if (err->code)
		return err->code;
	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || zdb_buf_reserve(buf, (size_t) len + 1, err))
		return zdb_err_nomem(err);
	va_start(args, fmt);
	vsnprintf((char *) buf->data + buf->len, (size_t) len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t) len;
	return ZDB_OK;
}

void
zdb_buf_clear(zdb_buf *buf)
{
	zdb_free(buf->data);
	*buf = (zdb_buf){0};
}
