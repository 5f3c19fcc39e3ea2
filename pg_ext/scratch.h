/*
 * scratch - a new database, made and filled by background workers
 *
 * It has a name of its own until it is complete; whatever goes wrong before,
 * it is dropped.
 */
#ifndef ZDB_PG_EXT_SCRATCH_H
#define ZDB_PG_EXT_SCRATCH_H

#include "core/archive/reader.h"
#include "pg_ext/bg.h"
#include "pg_ext/call.h"

typedef struct zdbpg_scratch
{
	zdbpg_call *call;
	zdbpg_bg_job *job;
	zdb_reader *reader;
	int jobs;
	bool retry; /* rows failed to load with more than one job */
	Oid oid;
	bool loaded; /* else the error stands in job */
	char *name;  /* NULL: there is none, or it is not ours any more */
} zdbpg_scratch;

/* Create it, load the reader's backup into it, and compare. mask is how rows
 * are masked on the way (zdb_mask_dump()), or NULL. The current memory context
 * owns it. */
extern zdbpg_scratch *zdbpg_scratch_load(zdbpg_call *call, zdb_reader *reader,
										 int jobs, bool try_inserts,
										 const char *mask);

/* Give it its final name; an existing database of that name goes. */
extern void zdbpg_scratch_publish(zdbpg_scratch *scratch, const char *name);

/* Drop it and wait until it is gone. */
extern void zdbpg_scratch_drop(zdbpg_scratch *scratch);

#endif
