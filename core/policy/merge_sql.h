/*
 * merge_sql - pieces of SQL over stage tables and live tables
 *
 * A stage table holds the backup's rows of one table, columns under their own
 * names, references remapped, and beside them:
 *
 *   zdb:n      its number (PostgreSQL; SQLite has rowid)
 *   zdb:p0...  what names the live row: found, or to be (not with same_id)
 *   zdb:o7     column 7 as the backup has it, for children to look up
 *   zdb:v7     column 7 as the live row has it afterwards
 *   zdb:f      duplicates: the number of the row that counts
 *   zdb:r      references of the row that were changed
 *   zdb:w      is the row wanted? Where the policy has "rows"
 *   zdb:c      conflict: place of the unique index, from 1
 *   zdb:state  a merge_outcome
 */
#ifndef ZDB_CORE_POLICY_MERGE_SQL_H
#define ZDB_CORE_POLICY_MERGE_SQL_H

#include "core/policy/merge_plan.h"

/* Short for zdb_arena_format(&merge->arena, ...). */
#define SQL(...) zdb_arena_format(&merge->arena, __VA_ARGS__)

/* Append item to list (NULL: empty) with a separator. */
const char *merge_join(zdb_merge *merge, const char *list,
					   const char *separator, const char *item);

const char *merge_stage(zdb_merge *merge, const merge_table *table);

/* The number of a staged row. */
const char *merge_number(const zdb_merge *merge, const char *alias);

/* Null-safe "is different". */
const char *merge_differs(zdb_merge *merge, const char *one,
						  const char *other);

/* What names the live row: in the stage table, in the live table. */
int merge_id_count(const merge_table *table);
const char *merge_id(zdb_merge *merge, const merge_table *table,
					 const char *alias, int i);
const char *merge_live_id(zdb_merge *merge, const merge_table *table,
						  const char *alias, int i);

/* The operators that compare columns of two tables, column i of what names a
 * live row, and element i of an index. */
const char *merge_equal(const merge_column *one, const merge_column *other);
const char *merge_id_equal(const zdb_merge *merge, const merge_table *table,
						   int i);
const char *merge_element_equal(const merge_index *index, int i);

const char *merge_same_row(zdb_merge *merge, const merge_table *table,
						   const char *live, const char *staged);

/* A parent's column in its stage table: as children have it, as it will be. */
const char *merge_old(zdb_merge *merge, const merge_table *parent, int column,
					  const char *alias);
const char *merge_new(zdb_merge *merge, const merge_table *parent, int column,
					  const char *alias);

/* Does the staged row "e" hold what the child's row refers to, and live on? */
const char *merge_finds_parent(zdb_merge *merge, const merge_table *table,
							   const merge_edge *edge, const char *alias,
							   const char *child);

/* No column of the reference is NULL. */
const char *merge_refers(zdb_merge *merge, const merge_table *table,
						 const merge_edge *edge, const char *child);

/* Elements of an index, separated by commas, over bare columns. */
const char *merge_elements(zdb_merge *merge, const merge_index *index);

/* The same as one text, for NULLs that are equal (PostgreSQL): texts hash. */
const char *merge_as_text(zdb_merge *merge, const merge_index *index);

/* Rows that the index compares: in its predicate, not NULL. "1 = 1" for all.
 */
const char *merge_in_index(zdb_merge *merge, const merge_table *table,
						   const merge_index *index);
bool merge_has_outsiders(const merge_table *table, const merge_index *index);

/* A whole row as one text; without a surrogate and what is not known yet. */
const char *merge_row_text(zdb_merge *merge, const merge_table *table);

/* Is some compared column different between live l and staged s? Only inner
 * columns, or all others. */
const char *merge_changed(zdb_merge *merge, const merge_table *table,
						  const char *live, const char *staged, bool inner);

/* The outcome of a matched row that differs, in inner columns or in others. */
const char *merge_verdict(zdb_merge *merge, const merge_table *table,
						  const char *live, const char *staged, bool inner);

/* A SELECT of staged rows, with a column "zdb:w" if the policy's "rows" name
 * those that are wanted; value for these, or if there are no "rows", else an
 * outcome (merge_rows.c). */
const char *merge_mark_wanted(zdb_merge *merge, const merge_table *table,
							  const char *rows);
const char *merge_if_wanted(zdb_merge *merge, const merge_table *table,
							const char *alias, const char *value,
							merge_outcome other);

/* Columns that show which row it is. */
bool merge_is_shown(const merge_table *table, int column);
int merge_shown_count(const merge_table *table);

/* A column's value as JSON gives it back: SQLite's has no blobs and no
 * infinity, so these are texts. */
const char *merge_json_value(zdb_merge *merge, const merge_column *column,
							 const char *alias);

/* SQLite: the same, to be put into JSON, with all digits of a real. */
const char *merge_lite_json(zdb_merge *merge, const char *value);

/* A key for people: a JSON object of its columns, as text. */
const char *merge_key_json(zdb_merge *merge, const merge_table *table,
						   const char *alias);

/* The rows of the stage table (merge_stage.c): all, or what the statement that
 * inserts directly leaves. */
const char *merge_stage_sql(zdb_merge *merge, const merge_table *table);
const char *merge_direct_sql(zdb_merge *merge, const merge_table *table);

/* Can the database itself find the live row of one to be inserted? */
bool merge_can_insert_directly(const merge_table *table);

/* A statement more; what is done with the table's rows, in words. Returns the
 * step, or NULL (the arena knows). */
zdb_merge_step *merge_add(zdb_merge *merge, zdb_merge_kind kind,
						  const merge_table *table, const char *sql,
						  const char *what);

/* Refuse a key that is not unique here; index what children look up
 * (merge_write.c). */
void merge_check_key(zdb_merge *merge, const merge_table *table);
void merge_index_parents(zdb_merge *merge, const merge_table *table);

/* A column of a row, so that it can be compared. */
const char *merge_comparable(zdb_merge *merge, const merge_column *column,
							 const char *alias);

/* Can two rows of the backup be one for what the index compares? */
bool merge_can_repeat(const zdb_merge *merge, const merge_table *table,
					  const merge_index *index);

/* Is it a unique index beside the key that rows may hit? */
bool merge_can_conflict(const merge_table *table, const merge_index *index);

/* What becomes of staged rows beyond their own match, in this order
 * (merge_settle.c). */
void merge_match_whole_rows(zdb_merge *merge, const merge_table *table);
void merge_find_duplicates(zdb_merge *merge, const merge_table *table);
void merge_find_conflicts(zdb_merge *merge, const merge_table *table);
void merge_find_inner_orphans(zdb_merge *merge, const merge_table *table);
void merge_give_ids(zdb_merge *merge, const merge_table *table);
void merge_follow_first(zdb_merge *merge, const merge_table *table);
void merge_fill_inner(zdb_merge *merge, const merge_table *table);
void merge_decide_inner(zdb_merge *merge, const merge_table *table);

/* The changes (merge_change.c). The first is for tables whose new rows can go
 * in at once; counted: the outcomes that are only counted, as bits. */
bool merge_insert_directly(zdb_merge *merge, const merge_table *table,
						   unsigned counted);
void merge_insert(zdb_merge *merge, const merge_table *table);
void merge_update(zdb_merge *merge, const merge_table *table);
void merge_update_late(zdb_merge *merge, const merge_table *table);

#endif
