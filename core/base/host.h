/*
 * host - the one thing core asks of its host: "should I stop?"
 *
 * Asked between chunks from the thread that called into core, never from a
 * worker. The callback must not throw, longjmp or block.
 */
#ifndef ZDB_CORE_BASE_HOST_H
#define ZDB_CORE_BASE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

typedef struct zdb_host
{
	bool (*stop)(void *arg); /* NULL: never */
	/* NULL, or told how far we are; total_bytes is 0 when not known. */
	void (*progress)(void *arg, uint64_t done_bytes, uint64_t total_bytes);
	void *arg;
} zdb_host;

/* Report progress, then set ZDB_CANCELLED if the host wants to stop. host may
 * be NULL. */
zdb_rc zdb_host_check(const zdb_host *host, uint64_t done_bytes,
					  uint64_t total_bytes, zdb_err *err);

#endif
