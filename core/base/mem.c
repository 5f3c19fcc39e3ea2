/*
 * mem - the one door to the heap
 */
#include "core/base/mem.h"

#include <stdlib.h>

void *
zdb_malloc(size_t bytes)
{
	return malloc(bytes);
}

void *
zdb_calloc(size_t count, size_t bytes)
{
	return calloc(count, bytes);
}

void *
zdb_realloc(void *block, size_t bytes)
{
	return realloc(block, bytes);
}

void
zdb_free(void *block)
{
	free(block);
}
