/*
 * pool - a runner on threads
 *
 * The thread that waits takes part: it runs queued tasks meanwhile, so jobs =
 * 2 means one extra thread. Threads are born with all signals blocked and are
 * joined in free(). Not linked into PostgreSQL.
 */
#ifndef ZDB_CORE_POOL_POOL_H
#define ZDB_CORE_POOL_POOL_H

#include "core/base/task.h"

typedef struct zdb_pool zdb_pool;

/* Start jobs - 1 threads (jobs >= 1); fewer when the system gives fewer, which
 * is no error. Returns NULL with err set only without memory. */
zdb_pool *zdb_pool_new(int jobs, zdb_err *err);

/* The pool as a runner; lives as long as the pool. */
zdb_runner *zdb_pool_runner(zdb_pool *pool);

/* Join all threads. Tasks submitted and not waited for have run or will never
 * run; their memory is not touched afterwards. NULL is fine. */
void zdb_pool_free(zdb_pool *pool);

/* How many jobs to take unless told: the processors this process may use, 4 at
 * the most (memory grows with the jobs). */
int zdb_pool_cpus(void);

#endif
