/*
 * parallel - a backup's rows by several processes
 *
 * Workers send encoded chunks to the leader, who owns the file. Whatever the
 * server denies (workers, memory) the leader does alone.
 */
#ifndef ZDB_PG_EXT_PARALLEL_H
#define ZDB_PG_EXT_PARALLEL_H

#include "postgres.h"

#include "utils/snapshot.h"

#include "pg_ext/produce.h"

typedef struct zdbpg_parallel_job
{
	List *tables; /* zdbpg_table *, surveyed */
	zdb_codec codec;
	const zdbpg_moment *base; /* of the base; NULL: none */
	Snapshot snapshot;        /* active, too */
	int jobs;                 /* processes, the leader included */
	/* Called in the leader with every chunk, in the order it has in the
	 * file. */
	zdbpg_emit take;
	zdbpg_refer refer;
	void *arg;
} zdbpg_parallel_job;

/* Returns how many processes took part. */
extern int zdbpg_parallel_dump(const zdbpg_parallel_job *job);

/* How many processes to use: as many as asked for; else as the setting says,
 * or the processors, four at most. */
extern int zdbpg_parallel_jobs(int asked);

#endif
