/*
 * out - text being written: a buffer that may exceed a gigabyte
 *
 * Callers reserve before they write through the cursor.
 */
#ifndef ZDB_PG_EXT_OUT_H
#define ZDB_PG_EXT_OUT_H

#include "postgres.h"

typedef struct zdbpg_out
{
	char *data;
	size_t len;
	size_t cap;
	MemoryContext context;
} zdbpg_out;

/* Give it at least cap bytes, in the current memory context. */
extern void zdbpg_out_init(zdbpg_out *out, size_t cap);

/* Empty it, and give back what it grew beyond cap. */
extern void zdbpg_out_reset(zdbpg_out *out, size_t cap);

extern void zdbpg_out_grow(zdbpg_out *out, size_t more);

/* Make room for more bytes beyond len. */
static inline void
zdbpg_out_reserve(zdbpg_out *out, size_t more)
{
	if (unlikely(out->cap - out->len < more))
		zdbpg_out_grow(out, more);
}

static inline void
zdbpg_out_char(zdbpg_out *out, char c)
{
	zdbpg_out_reserve(out, 1);
	out->data[out->len++] = c;
}

static inline void
zdbpg_out_bytes(zdbpg_out *out, const void *bytes, size_t len)
{
	zdbpg_out_reserve(out, len);
	memcpy(out->data + out->len, bytes, len);
	out->len += len;
}

static inline void
zdbpg_out_text(zdbpg_out *out, const char *text)
{
	zdbpg_out_bytes(out, text, strlen(text));
}

/* How many leading bytes of text are no control character, no backslash, and
 * not also. */
extern size_t zdbpg_plain_span(const char *text, size_t len, char also);

/* Append with what COPY escapes escaped. */
extern void zdbpg_out_escaped(zdbpg_out *out, const char *text, size_t len);

#endif
