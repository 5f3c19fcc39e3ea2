/*
 * diff_sql - what the parts of a comparison share
 *
 * label: the table's name, as a literal.
 */
#ifndef ZDB_CORE_POLICY_DIFF_SQL_H
#define ZDB_CORE_POLICY_DIFF_SQL_H

#include "core/policy/merge_sql.h"

/* All that differ, by key (diff_rows.c). */
const char *diff_all_rows(zdb_merge *merge, const merge_table *table,
						  const char *label);

/* How many of each kind: always of those that are the same, of the others if
 * there are any. */
const char *diff_counts(zdb_merge *merge, const merge_table *table,
						const char *label);

/* A table that only one side has. */
const char *diff_lone_table(zdb_merge *merge, const char *label,
							const char *kind);

#endif
