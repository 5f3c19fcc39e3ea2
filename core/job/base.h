/*
 * base - what a new incremental backup can stand on
 *
 * The file that was named; or the newest backup of the same database in a
 * repository that can be one, full or incremental. Passed over are what a
 * restore took first (label "prebackup"), what nobody can open, and what is of
 * some tables only, unless the new one is, too.
 */
#ifndef ZDB_CORE_JOB_BASE_H
#define ZDB_CORE_JOB_BASE_H

#include "core/archive/reader.h"
#include "core/job/run.h"

typedef struct zdb_base_wanted
{
	const char *base; /* a file, a repository, or NULL: the one of the path */
	zdb_repository repository; /* where: that path, as it was given */
	const char *engine;
	const char *database;
	bool partial; /* the new one will be of some tables only */
	/* May the new backup stand on this one, as far as the host knows? If not,
	 * say why: "its pages have another size". */
	zdb_rc (*fits)(void *arg, zdb_reader *reader, zdb_err *why);
	void *arg;
} zdb_base_wanted;

/* Open it with its chain. *out is NULL when there is none: then why says so,
 * as an error does, and a full backup is to be made. */
zdb_rc zdb_base_open(const zdb_base_wanted *wanted, zdb_reader **out,
					 zdb_err *why, zdb_err *err);

#endif
