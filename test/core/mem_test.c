/*
 * mem_test - the heap as tests see it: counted, and breakable
 */
#include <pthread.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "test/core/test.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t live;
static long countdown;
static bool broke;

size_t
test_mem_live(void)
{
	return live;
}

void
test_mem_break(long n)
{
	countdown = n;
	broke = false;
}

bool
test_mem_broke(void)
{
	return broke;
}

/* May this allocation succeed? Counts it when a new block comes of it. */
static bool
allow(bool new_block)
{
	bool ok;

	pthread_mutex_lock(&lock);
	ok = countdown == 0 || --countdown > 0;
	broke = broke || !ok;
	live += ok && new_block;
	pthread_mutex_unlock(&lock);
	return ok;
}

void *
zdb_malloc(size_t bytes)
{
	return allow(true) ? malloc(bytes) : NULL;
}

void *
zdb_calloc(size_t count, size_t bytes)
{
	return allow(true) ? calloc(count, bytes) : NULL;
}

void *
zdb_realloc(void *block, size_t bytes)
{
	return allow(block == NULL) ? realloc(block, bytes) : NULL;
}

void
zdb_free(void *block)
{
	pthread_mutex_lock(&lock);
	live -= block != NULL;
	pthread_mutex_unlock(&lock);
	free(block);
}
