/*
 * prune - remove the backups that no rule keeps
 *
 * Only files that are ours are ever removed, each with what stands beside it;
 * core/policy/retain.h decides which. Temporary files of runs that were
 * killed go when they are a day old. The copies of what goes, in the second
 * place, go before. What cannot be removed is told, and the
 * rest goes all the same.
 */
#ifndef ZDB_CORE_JOB_PRUNE_H
#define ZDB_CORE_JOB_PRUNE_H

#include "core/job/inventory.h"
#include "core/policy/retain.h"

typedef struct zdb_prune_request
{
	zdb_repository repository;
	zdb_keep keep;
	bool dry_run;
	/* Only backups like this one: of its engine, database, type and label; or
	 * NULL: all. */
	const zdb_listed *like;
} zdb_prune_request;

/* Prune. The report gets keep, dry_run, kept, removed, failed, left,
 * leftovers, freed_bytes, and files: those that went or should have gone; of
 * a dry run all, with the reasons. What else is to know goes to warnings. */
zdb_rc zdb_prune(const zdb_prune_request *request, json_t *report,
				 json_t *warnings, zdb_err *err);

/* Prune what is like the backup that report is about, and add "pruned" to it.
 * What fails is a warning: the backup is made. Only a cancelled run, and one
 * without memory, fail. */
zdb_rc zdb_prune_after(const zdb_repository *repository, const zdb_keep *keep,
					   json_t *report, json_t *warnings, zdb_err *err);

#endif
