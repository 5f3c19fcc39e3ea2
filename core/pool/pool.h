/*
 * pool - a runner on threads
 *
 * The thread that waits takes part: a task nobody has begun is run by the
 * waiter, so jobs = 2 means one extra thread. Threads are born with all
 * signals blocked and are joined in free(). Not linked into PostgreSQL.
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

/* The number of processors this process may use. */
int zdb_pool_cpus(void);

#endif
