/*
 * mem - the one door to the heap
 *
 * Core allocates through these functions only, so that tests can link
 * another mem.c that counts blocks and breaks the n-th allocation.
 * Threads: like malloc.
 */
#ifndef ZDB_CORE_BASE_MEM_H
#define ZDB_CORE_BASE_MEM_H

#include <stddef.h>

#include "core/base/err.h"

/* Like malloc, calloc, realloc, free: NULL when there is no memory. */
void *zdb_malloc(size_t bytes);
void *zdb_calloc(size_t count, size_t bytes);
void *zdb_realloc(void *block, size_t bytes);
void zdb_free(void *block);

/* Return a copy of text, or NULL with err set. The caller frees it. */
char *zdb_strdup(const char *text, zdb_err *err);

/* Free a text that is a secret, having overwritten it. NULL is fine. */
void zdb_free_secret(char *text);

/* Return the formatted text, or NULL with err set. The caller frees it. */
char *zdb_format(zdb_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
