/*
 * merge_plan - what the parts of merge share
 */
#ifndef ZDB_CORE_POLICY_MERGE_PLAN_H
#define ZDB_CORE_POLICY_MERGE_PLAN_H

#include "core/policy/merge.h"

/* In the policy's tables: all that it does not name. */
#define ZDB_MERGE_OTHERS "*"

typedef enum merge_match
{
	MATCH_KEEP,
	MATCH_OVERWRITE,
	MATCH_NEWEST,
	MATCH_FILL,
	MATCH_FAIL,
} merge_match;

typedef enum merge_orphan
{
	ORPHAN_SKIP,
	ORPHAN_NULL,
	ORPHAN_FAIL,
	ORPHAN_STAY, /* a comparison's: what it refers to is shown as it is */
} merge_orphan;

typedef enum merge_no_key
{
	NO_KEY_FAIL,
	NO_KEY_SKIP,
	NO_KEY_WHOLE_ROW,
	NO_KEY_APPEND,
} merge_no_key;

/* What becomes of a row; the numbers stand in the stage tables. */
typedef enum merge_outcome
{
	OUTCOME_NONE, /* outside its key, not decided yet */
	OUTCOME_IDENTICAL,
	OUTCOME_INSERTED,
	OUTCOME_UPDATED,
	OUTCOME_KEPT,
	OUTCOME_LEFT,   /* the policy's "rows" do not name it; it is here, */
	OUTCOME_ABSENT, /* or it is not; both are counted as left out */
	OUTCOME_CONFLICT,
	OUTCOME_ORPHANED,
	OUTCOME_DUPLICATE,
	OUTCOMES,
} merge_outcome;

typedef struct merge_rule
{
	merge_match on_match;
	merge_orphan on_orphan;
	merge_no_key no_key;
	const char *newest_by; /* or NULL: find it */
	json_t *key;           /* array of names, or NULL */
	json_t *ignore;        /* the same: as if the backup lacked them */
	json_t *rows;          /* keys of the only rows wanted, or NULL */
	bool out;              /* "table": false */
	const char *given;     /* the policy's name for the table, or NULL */
} merge_rule;

typedef struct merge_column
{
	const char *name;
	const char *sql; /* the name quoted */
	/* " COLLATE ...", where references to it are compared otherwise than byte
	 * by byte; or "" */
	const char *collate;
	const char *equal; /* the operator */
	bool not_null;
	bool has_default;
	bool generated;
	bool always; /* GENERATED ALWAYS AS IDENTITY */
	bool integer;
	bool text;
	bool as_text;
	bool common;   /* the backup has it */
	bool identity; /* part of what names a live row */
	bool inner;    /* a reference inside a cycle, filled in later */
	bool late;     /* inserted as NULL, updated later */
	bool remapped; /* refers to rows that take part */
	bool wanted_old, wanted_new; /* other tables refer to it */
} merge_column;

typedef struct merge_element
{
	const char *sql;
	const char *equal; /* the operator */
	int column;        /* or -1: an expression */
	int of;            /* the only column it looks at, or -1 */
	bool plain;        /* compared byte by byte */
} merge_element;

typedef struct merge_index
{
	const char *name;
	merge_element *elements;
	int count;
	const char *where;
	bool nulls_equal;
	bool primary;
	bool usable;        /* all its columns are in the backup */
	bool backup_unique; /* no two rows of the backup can collide */
} merge_index;

typedef struct merge_edge
{
	const char *name;
	int parent; /* live table */
	int *columns;
	int *parent_columns;
	int count;
	bool deferrable;
	bool staged; /* the parent takes part, too */
	bool inner;  /* parent and child are in one cycle */
	bool late;
	bool declared; /* the database knows it, not only the policy */
} merge_edge;

typedef struct merge_table
{
	const char *schema, *name, *sql;
	const char *into;   /* the same, for INSERT */
	const char *source; /* what to select the backup's rows from */
	const char *last_id;
	const char *row; /* ctid, rowid */
	json_t *live, *backup;
	merge_rule rule;
	bool takes_part;
	bool fresh; /* made just now: empty */
	int number; /* of its stage table */
	merge_column *columns;
	int column_count;
	merge_index *indexes;
	int index_count;
	merge_edge *edges;
	int edge_count;
	int key;             /* index that matches, or -1: policy_key or none */
	merge_index own_key; /* the policy's, when no index is on it */
	const merge_index *match; /* the key in force, or NULL: whole rows */
	const char *key_from;
	int *identity; /* columns; count 0: row */
	int identity_count;
	bool same_id;  /* the key is the identity */
	int surrogate; /* column that can be given new ids, or -1 */
	int newest_by;
	int group;      /* tables in a cycle share it */
	int low, index; /* Tarjan's */
	bool on_stack;
	int64_t read;
	int64_t outcomes[OUTCOMES];
	bool direct;               /* rows are inserted without being staged */
	int64_t inserted, pending; /* such ones; rows to be staged after all */
	int64_t remapped, new_ids;
} merge_table;

struct zdb_merge
{
	zdb_dialect dialect;
	zdb_arena arena;
	json_t *policy;
	const char *schema; /* SQLite: of the live tables */
	const char *at;     /* which backup of a repository, or NULL */
	const char *job;    /* for the history, or NULL */
	merge_rule rule;    /* for all tables */
	bool dry_run, triggers, create_missing;
	bool compares; /* it is no merge, but a comparison (diff.h) */
	bool summary;  /* of which only the counts are wanted */
	json_t *live, *backup;
	merge_table *tables;
	int table_count;
	int *order; /* of tables that take part, parents first */
	int member_count;
	int groups;
	zdb_merge_member *members;
	zdb_merge_step *steps;
	int step_count, step_cap;
	json_t *origins;   /* schemas of the backup, by table */
	json_t *missing;   /* tables that are not here */
	json_t *left_out;  /* names in the policy that leave a table out */
	json_t *conflicts; /* of the report, the first ones */
	json_t *near;
	int64_t conflict_total;
	char *problems; /* lines */
};

/* Names are equal as the dialect sees it. */
bool zdb_merge_same(const zdb_merge *merge, const char *one,
					const char *other);

/* The rule for a live table, from the policy. */
zdb_rc zdb_merge_rule_for(zdb_merge *merge, const char *schema,
						  const char *name, merge_rule *rule, zdb_err *err);

/* An error names a key of object that is not known. */
zdb_rc zdb_merge_check_keys(json_t *object, const char *const *known,
							const char *where, zdb_err *err);

/* Is it a list of texts? */
bool zdb_merge_is_names(json_t *list);

/* Note something that forbids the merge. */
void zdb_merge_problem(zdb_merge *merge, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Fill tables from the facts (merge_facts.c). */
void zdb_merge_take_facts(zdb_merge *merge);
int zdb_merge_table_of(const zdb_merge *merge, const char *schema,
					   const char *name);
int zdb_merge_column_of(const zdb_merge *merge, const merge_table *table,
						const char *name);

/* Keys, identities, ids (merge_key.c). */
void zdb_merge_choose_key(zdb_merge *merge, merge_table *table);

/* When the references are known: can rows be given new ids? */
void zdb_merge_choose_ids(merge_table *table);

/* Do the policy's rows say what the key asks for? (merge_rows.c) */
void zdb_merge_check_rows(zdb_merge *merge, const merge_table *table);

/* Order and cycles (merge_order.c). */
void zdb_merge_order(zdb_merge *merge);

/* Can references to other groups change the column? Are the table's ids of the
 * backup those of the live rows? */
bool merge_is_moved(const zdb_merge *merge, const merge_table *table,
					int column);
bool merge_keeps_ids(const zdb_merge *merge, const merge_table *table);

/* The statements (merge_write.c; diff_write.c). */
void zdb_merge_write(zdb_merge *merge);
void zdb_diff_write(zdb_merge *merge);

#endif
