/*
 * options - the JSON options of a call, checked and typed
 *
 * One table serves every function of both engines: a row names an option, the
 * calls that take it, its type, its choices, and where it goes. An unknown
 * key, a wrong type and a value outside the choices are ZDB_USAGE; the hint
 * lists what is valid.
 */
#ifndef ZDB_CORE_JOB_OPTIONS_H
#define ZDB_CORE_JOB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/policy/health.h"
#include "core/policy/retain.h"

/* Which function is called; a bit each. */
typedef enum zdb_call
{
	ZDB_CALL_BACKUP = 1,
	ZDB_CALL_VERIFY = 2,
	ZDB_CALL_RESTORE = 4,
	ZDB_CALL_MERGE = 8, /* has a policy instead; core/policy/merge.h */
	ZDB_CALL_INFO = 16, /* zdb_info, zdb_entries */
	ZDB_CALL_LIST = 32, /* zdb_list, zdb_history: have none */
	ZDB_CALL_PRUNE = 64,
	ZDB_CALL_HEALTH = 128,
	ZDB_CALL_REPORT = 256,
	ZDB_CALL_NOTIFY = 512,    /* has none, and no path */
	ZDB_CALL_SCHEDULE = 1024, /* zdb_schedule and its like: have none */
	ZDB_CALL_DIFF = 2048,     /* its options: core/policy/diff.h */
	ZDB_CALL_CONSOLIDATE = 4096,
	ZDB_CALL_ROWS = 8192, /* zdb_rows */
} zdb_call;

/* Where it is called; a bit each. */
typedef enum zdb_engine
{
	ZDB_ENGINE_SQLITE = 1,
	ZDB_ENGINE_POSTGRES = 2,
} zdb_engine;

/* How deeply a backup is checked; see zdb_verify in README. */
typedef enum zdb_level
{
	ZDB_LEVEL_NONE = 0,
	ZDB_LEVEL_INDEX,
	ZDB_LEVEL_DATA,
	ZDB_LEVEL_RESTORE,
} zdb_level;

typedef struct zdb_names
{
	char **list;
	int count;
} zdb_names;

typedef struct zdb_options
{
	char *schema;       /* SQLite: attached database, "main" */
	char *type;         /* "full", "incremental", "schema", "data" */
	char *base;         /* of an incremental backup, or NULL */
	char *compress;     /* codec text, or NULL: see zdb_path_codec() */
	char *label;        /* or NULL */
	char *at;           /* a moment, or NULL */
	char *table;        /* rows: of this one; or NULL */
	char *job;          /* for the history, or NULL */
	char *copy_to;      /* "": nowhere; NULL: as the settings say */
	char *strategy;     /* "replace", "merge" */
	char *policy;       /* of a merge: JSON, or NULL */
	char *target;       /* "db", "test", or a path */
	char *mask;         /* of a target: rules as JSON, or NULL */
	char *prebackup_to; /* where to, or NULL: a name of our own */
	char *encrypt_to;   /* recipients; "": nobody; NULL: as the settings say */
	char *passphrase_file; /* or NULL */
	zdb_names tables;
	zdb_names exclude;
	int jobs; /* 0: as many as there are processors */
	zdb_level level;
	bool overwrite;
	bool progress;
	bool dry_run;
	bool prebackup;
	bool raise;
	char *database; /* health: of this one only; or NULL */
	zdb_health_limits limits;
	zdb_keep keep; /* after a backup; all 0: no rule */
	bool has_keep;
	bool create_missing;       /* PostgreSQL: a merge that makes tables */
	bool include_foreign_data; /* PostgreSQL: rows of foreign tables, too */
} zdb_options;

/* Fill *options with the call's defaults, then with json (len bytes; NULL or
 * empty: none). *options is to be cleared also after an error. */
zdb_rc zdb_options_parse(zdb_engine engine, zdb_call call, const char *json,
						 size_t len, zdb_options *options, zdb_err *err);

/* "backup" for ZDB_CALL_BACKUP; NULL for a call that has no effect. */
const char *zdb_call_operation(zdb_call call);

/* Free what the struct owns and empty it. */
void zdb_options_clear(zdb_options *options);

/* "none", "index", "data", "restore"; and back, ZDB_LEVEL_NONE for anything
 * else, NULL too. */
const char *zdb_level_name(zdb_level level);
zdb_level zdb_level_of(const char *name);

#endif
