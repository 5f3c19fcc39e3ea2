/*
 * merge - which row of a backup is which row here, and what becomes of it
 *
 * Pure: facts about two schemas and the user's policy in, an ordered list of
 * SQL statements out; the engines run them (set-based, in one transaction) and
 * hand the counts back. The decisions:
 *
 *  1 key            the policy's; else a unique index on exactly email; else
 *                   on exactly uid; else the primary key. Of a table that was
 *                   made just now: the primary key, so that ids stay
 *  2 no key         no_key: fail, skip, whole_row (multiset), append; a table
 *                   that was made just now: append
 *  3 key with fk    compared after remapping
 *  4 NULL in key    as the index says; where NULLs differ, such a row is
 *                   compared whole without its surrogate id, else inserted
 *  5 case           the index's collation or expression decides; equal only
 *                   after folding: a near duplicate, reported
 *  6 two for one    the first by primary key counts, the rest: duplicates
 *  7 other unique   a hit on another row than the key's: conflict, never
 *                   resolved
 *  8 id taken       a new id is given and mapped; a free one is kept
 *  9 overwrite      never the primary key; what the backup has; not what is
 *                   generated; identical rows are not written
 * 10 newest         by a named column, else updated_at or updatedAt; a tie or
 *                   NULL keeps
 * 11 cycles         deferred, or NULL first and updated then; neither: error
 * 12 fk             mapped through the referenced columns; MATCH SIMPLE
 * 13 references     that nobody declared, from the policy
 * 14 orphan         on_orphan: skip (its children, too), null, fail
 * 15 parent kept    its children attach to it
 * 16 partial index  its predicate is part of the match
 * 17 sequences      moved by the engine, never backwards
 * 18 triggers       off unless asked for, by the engine; foreign keys are on
 * 19 row security   refused by the engine, as a problem in the facts
 * 20 columns        those of both; dropped ones reported, missing ones take
 *                   their default; NOT NULL without one: error
 * 21 deleted here   comes back
 * 22 locks          the engine's
 * 23 other engine   the engine's, before the facts
 * 24 rows           only those that the policy names; the others are parents
 * if they are here, else as if the backup lacked them
 *
 * Every row read has one outcome; their sum is checked before the commit.
 */
#ifndef ZDB_CORE_POLICY_MERGE_H
#define ZDB_CORE_POLICY_MERGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/err.h"

typedef enum zdb_dialect
{
	ZDB_DIALECT_SQLITE,
	ZDB_DIALECT_POSTGRES,
} zdb_dialect;

typedef struct zdb_merge zdb_merge;

/* A policy whose numbers the JSON parser would not keep are texts with a mark,
 * and, in place, back. (merge_numbers.c) */
zdb_rc zdb_merge_mark_numbers(const char *json, zdb_buf *out, zdb_err *err);
void zdb_merge_unmark_numbers(char *json);

/* Read a policy: JSON (an object or a string), or a bare word, which is an
 * on_match; NULL: the defaults. */
zdb_rc zdb_merge_new(zdb_dialect dialect, const char *policy, zdb_merge **out,
					 zdb_err *err);

void zdb_merge_free(zdb_merge *merge);

/* SQLite: the attached database that is merged into; "main". */
const char *zdb_merge_schema(const zdb_merge *merge);

/* Which backup of a repository, and what the history calls this; or NULL. */
const char *zdb_merge_at(const zdb_merge *merge);
const char *zdb_merge_job(const zdb_merge *merge);

/* As if the policy had said so. */
void zdb_merge_ask_dry_run(zdb_merge *merge);
void zdb_merge_ask_create_missing(zdb_merge *merge);

bool zdb_merge_dry_run(const zdb_merge *merge);
bool zdb_merge_triggers(const zdb_merge *merge);
bool zdb_merge_create_missing(const zdb_merge *merge);

/* A table's rows come from this schema of the backup, by which the policy may
 * name it, too. */
zdb_rc zdb_merge_origin(zdb_merge *merge, const char *name, const char *schema,
						zdb_err *err);

/* Is a table of the backup wanted? */
bool zdb_merge_wants(zdb_merge *merge, const char *schema, const char *name);

/*
 * Decide. live and backup are arrays, kept; names are compared as the dialect
 * does. A live table:
 *
 *   {"schema", "name", "sql": how statements name its rows,
 *    "into": how an INSERT names it, if that differs,
 *    "identity": what names a row where there is no primary key (ctid, rowid),
 *    "problem": why it cannot be merged, or null,
 *    "last_id": SQL of the last id given, or null,
 *    "fresh": it was made just now and is empty,
 *    "columns": [{"name", "not_null", "has_default", "generated", "always",
 *                 "integer", "text", "as_text": compare as text,
 *                 "equal": the operator, if it is not "=",
 *                 "collate": name, or null}],
 *    "unique": [{"name", "primary", "where": SQL or null, "nulls_equal",
 *                "elements": [{"sql", "column": name or null, "plain",
 *                              "equal": the same,
 *                              "of": the only column of an expression}]}],
 *    "foreign": [{"name", "schema", "parent", "columns", "parent_columns",
 *                 "deferrable", "planned": it is made afterwards}]}
 *
 * SQL in indexes names columns without a qualifier. A table of the backup:
 *
 *   {"schema", "name", "sql": what to select from, "columns": [name, ...],
 *    "unique": [[column, ...], ...], "rows": how many, if it is known}
 *
 * All that is wrong is reported together, in one error.
 */
zdb_rc zdb_merge_plan(zdb_merge *merge, json_t *live, json_t *backup,
					  zdb_err *err);

/* The tables that take part, in the order of their facts; NULL ends. */
typedef struct zdb_merge_member
{
	const char *schema;
	const char *name;
	const char *sql;
	bool defers; /* some of its foreign keys is to be deferred */
} zdb_merge_member;

const zdb_merge_member *zdb_merge_members(const zdb_merge *merge);

/* What is done with a statement, beyond running it. */
typedef enum zdb_merge_kind
{
	ZDB_MERGE_RUN,
	ZDB_MERGE_STAGE,    /* its rows make a new temporary table */
	ZDB_MERGE_REPEAT,   /* with its neighbours, until none changes a row */
	ZDB_MERGE_REFUSE,   /* a row it returns (text) is an error */
	ZDB_MERGE_DIRECT,   /* an INSERT; zdb_merge_tally(?1, ...) is a function */
	ZDB_MERGE_COUNT,    /* rows (outcome, rows, remapped, new ids) */
	ZDB_MERGE_CONFLICT, /* rows (outcome, index or NULL, key as JSON) */
	ZDB_MERGE_NEAR,     /* rows (backup's text, live text) */
	ZDB_MERGE_ROWS,     /* a comparison's: rows for the caller (diff.h) */
	ZDB_MERGE_INSERT,   /* changes as many rows as were counted */
	ZDB_MERGE_UPDATE,
} zdb_merge_kind;

typedef struct zdb_merge_step
{
	zdb_merge_kind kind;
	int table; /* whose rows are counted */
	const char *sql;
	const char *what; /* for an error: "loading the backup's rows of users" */
	/* STAGE: the table's name, bare. The last two columns of a row are
	 * integers for zdb_merge_tally(). PostgreSQL numbers the rows in the
	 * first. */
	const char *into;
	unsigned tallied; /* outcomes, as bits, whose rows are only counted */
	bool looked_up;   /* others will join it */
	/* Names of foreign keys that the rows keep: as a later step makes sure
	 * (INSERT in PostgreSQL); all that the table has, as their values come
	 * from rows that are here (DIRECT). NULL ends. Or NULL. */
	const char *const *proven;
} zdb_merge_step;

/* The statements, in order; the last has sql NULL. */
const zdb_merge_step *zdb_merge_steps(const zdb_merge *merge);

/* After a STAGE, unless the facts had "rows": how many it read. */
void zdb_merge_read(zdb_merge *merge, const zdb_merge_step *step,
					int64_t rows);

/* Hand back what a step gave. Of a row to be staged: is it needed there, or
 * was it enough to count it? */
bool zdb_merge_tally(zdb_merge *merge, const zdb_merge_step *step,
					 int64_t remapped, int outcome);

/* What a DIRECT step's zdb_merge_tally(?1, remapped, outcome, value) says of a
 * row; value is its result. And how it ended: the rows that were read, and
 * inserted. */
void zdb_merge_met(zdb_merge *merge, const zdb_merge_step *step,
				   int64_t remapped, int outcome);
void zdb_merge_inserted(zdb_merge *merge, const zdb_merge_step *step,
						int64_t read, int64_t inserted);

void zdb_merge_count(zdb_merge *merge, const zdb_merge_step *step, int outcome,
					 int64_t rows, int64_t remapped, int64_t new_ids);
void zdb_merge_conflict(zdb_merge *merge, const zdb_merge_step *step,
						int outcome, const char *index, const char *key);
void zdb_merge_near(zdb_merge *merge, const zdb_merge_step *step,
					const char *backup, const char *live);

/* After an INSERT or UPDATE: did it change what was counted? */
zdb_rc zdb_merge_changed(const zdb_merge *merge, const zdb_merge_step *step,
						 int64_t rows, zdb_err *err);

/* Is a step worth running? Some are for rows that there are not. */
bool zdb_merge_needs(const zdb_merge *merge, const zdb_merge_step *step);

/* Before the commit: does every row have its outcome? */
zdb_rc zdb_merge_balance(const zdb_merge *merge, zdb_err *err);

/* The report's keys: strategy, dry_run, policy, tables, ... */
void zdb_merge_report(const zdb_merge *merge, json_t *into);

#endif
