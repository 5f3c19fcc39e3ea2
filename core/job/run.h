/*
 * run - how a call ended, put on record in its repository's history
 *
 * The repository of a path is the directory that was given; for a file, its
 * directory, or that one's parent when it is a day of our layout (20250904);
 * placeholders are cut off with what follows them.
 */
#ifndef ZDB_CORE_JOB_RUN_H
#define ZDB_CORE_JOB_RUN_H

#include <jansson.h>
#include <stdint.h>

#include "core/age/keys.h"
#include "core/base/host.h"
#include "core/base/settings.h"
#include "core/history/history.h"

/* Where backups are, and where their history is. */
typedef struct zdb_repository
{
	const char *where;    /* a directory or a URL */
	const char *history;  /* another file for the history; NULL or "": none */
	const char *fallback; /* directory for the history of a URL */
	const char *copy_to;  /* the second place of the backups, or NULL */
	const zdb_host *host; /* or NULL */
	zdb_settings *settings; /* for a URL */
	zdb_age_keys *keys;     /* of what is encrypted; or NULL */
	bool shallow;           /* only what lies in it and in its days */
} zdb_repository;

typedef enum zdb_outcome
{
	ZDB_OUTCOME_SUCCESS,
	ZDB_OUTCOME_FAILURE,
	ZDB_OUTCOME_CANCELLED,
} zdb_outcome;

typedef struct zdb_run
{
	const char *operation; /* "backup", "verify", "restore", "merge", ... */
	const char *engine;
	const char *database;
	const char *job;           /* or NULL */
	const char *type;          /* of a backup that may have failed, or NULL */
	zdb_repository repository; /* where: the path as it was given, or NULL */
	int64_t started_us;
	double duration_s;
	zdb_outcome outcome;
	const char *code;       /* of the error: SQLSTATE, or zdb_err_name() */
	const char *error;      /* or NULL */
	const char *hint;       /* or NULL; is told, not recorded */
	const json_t *warnings; /* texts */
	const json_t *report;   /* what is known of the run, or NULL */
	double wait_s;          /* for other writers */
	bool create;            /* make the history if there is none yet */
} zdb_run;

/* Append the run to the history. */
zdb_rc zdb_run_record(const zdb_run *run, zdb_err *err);

/* "success", "failure", "cancelled". */
const char *zdb_outcome_name(zdb_outcome outcome);

/* The repository that a path belongs to, to be freed; NULL with err set. */
char *zdb_repository_of(const char *path, zdb_err *err);

/* The file of a repository's history, to be freed; NULL with err set. */
char *zdb_repository_history(const zdb_repository *repository, zdb_err *err);

/* Append the rows of zdb_history(): the records, and a row for each line that
 * cannot be read. */
zdb_rc zdb_history_rows(const zdb_repository *repository, json_t *rows,
						zdb_err *err);

/* Visit the records of this repository: in a history of its own those are
 * all. */
zdb_rc zdb_repository_runs(const zdb_repository *repository,
						   zdb_history_visit visit, void *arg, zdb_err *err);

#endif
