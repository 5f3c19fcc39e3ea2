/*
 * facts - all that is known of a repository: its files, its runs, its space
 *
 * What zdb_health() and zdb_report() are made from.
 */
#ifndef ZDB_CORE_JOB_FACTS_H
#define ZDB_CORE_JOB_FACTS_H

#include "core/job/inventory.h"
#include "core/job/inventory.h"

/* A record of the history; texts are never NULL. */
typedef struct zdb_fact_run
{
	const char *operation;
	const char *job;
	const char *database;
	const char *type;
	const char *outcome;
	const char *error;
	const char *file;
	zdb_level verified;
	int64_t started_us;
	int64_t ended_us;
	double duration_s;
	int64_t stored_bytes; /* or 0 */
	bool dry_run;
} zdb_fact_run;

typedef struct zdb_facts
{
	zdb_inventory inventory;
	zdb_fact_run *runs; /* in the order of the history */
	size_t run_count;
	size_t run_room;
	size_t bad_lines;
	int64_t now_us;
	int64_t first_us;       /* the oldest run or file; 0: none */
	uint64_t storage_bytes; /* of all files that are listed */
	zdb_space space;
	const char *copies_at; /* the second place, or NULL */
	zdb_err copies_error;  /* why it cannot be looked at */
} zdb_facts;

/* Read everything. *facts is to be cleared also after an error. */
zdb_rc zdb_facts_read(const zdb_repository *repository, zdb_facts *facts,
					  zdb_err *err);

void zdb_facts_clear(zdb_facts *facts);

bool zdb_run_is_success(const zdb_fact_run *run);

/* Did it make a backup, or try to? */
bool zdb_run_is_backup(const zdb_fact_run *run);

/* Is it ours, and not set aside by a restore? */
bool zdb_listed_counts(const zdb_listed *listed);

/* Could its database be restored from it, rows and all? One of some tables
 * passes for that only while there is no whole one. */
bool zdb_facts_stands_for_all(const zdb_facts *facts,
							  const zdb_listed *listed);

#endif
