/*
 * diff - what differs between a backup and a database that went on living
 *
 * A comparison finds which row is which as a merge does (merge.h): by the same
 * keys, parents first, references of the backup's rows remapped. So it is a
 * plan of the same kind, with other steps: nothing is written, and in the end
 * ZDB_MERGE_ROWS steps give rows, in the order of the tables' names, each
 * table's by its key:
 *
 *   table    its name, "schema.table" outside of public
 *   kind     changed, only_backup, only_live; table_only_backup and
 *            table_only_live of a table that only one side has; in a summary
 *            also same
 *   key      the key's columns, a JSON object, as the backup has them
 *            (only_live: as the live row); NULL without a key
 *   columns  changed: the names of the columns that differ, a JSON array
 *   live     the row as it is here, and
 *   backup   as the backup has it: a JSON object, of changed rows the columns
 *            that differ
 *   rows     1; in a summary, how many; NULL of a whole table
 *
 * What merge.h calls identical is equal: columns of both sides, without
 * generated ones and without the primary key where another key matches. Rows
 * without a key are compared whole, as often as they are there.
 */
#ifndef ZDB_CORE_POLICY_DIFF_H
#define ZDB_CORE_POLICY_DIFF_H

#include "core/policy/merge.h"

/* Read options: a JSON object, or NULL. What comes out is planned by
 * zdb_merge_plan() and freed by zdb_merge_free(); it writes nothing. */
zdb_rc zdb_diff_new(zdb_dialect dialect, const char *options, zdb_merge **out,
					zdb_err *err);

#endif
