/*
 * diff - what differs between a backup and the database
 *
 * All statements of the plan (core/policy/diff.h) run on the connection to the
 * backup's image: its temporary tables hold the stages, and copies of the live
 * tables, and of those of the backup that declare other types. Of the caller's
 * connection there are only SELECTs, so that it may be read-only, in memory,
 * or in a transaction; and what is ours goes with the image, however the
 * comparison ends.
 */
#ifndef ZDB_SQLITE_EXT_DIFF_H
#define ZDB_SQLITE_EXT_DIFF_H

#include "core/policy/diff.h"
#include "sqlite_ext/image.h"

typedef struct zdblite_diff
{
	zdblite_call *call;
	zdb_reader *reader;
	zdb_merge *merge;
	zdblite_image image;
	const zdb_merge_step *step; /* the next one */
	sqlite3_stmt *stmt;         /* of the rows that are being given */
} zdblite_diff;

/* Compare call->path; options is JSON, or NULL. Close in either case. */
zdb_rc zdblite_diff_open(zdblite_diff *diff, zdblite_call *call,
						 const char *options);

/* The next row; NULL after the last one, or with call->err set. */
sqlite3_stmt *zdblite_diff_next(zdblite_diff *diff);

void zdblite_diff_close(zdblite_diff *diff);

typedef struct zdblite_diff_table
{
	sqlite3 *db; /* the caller's, or the image's */
	const char *schema, *name;
} zdblite_diff_table;

/* Copy the rows of a table into one of this name in the image's temporary
 * schema, whose columns have the types of the live ones (diff_copy.c). */
zdb_rc zdblite_diff_copy(zdblite_diff *diff, const zdblite_diff_table *table,
						 const char *into);

#endif
