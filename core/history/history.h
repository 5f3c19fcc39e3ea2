/*
 * history - an append-only file of runs, one JSON object a line
 *
 * A file and not a table, so that a run is on record also when its
 * transaction is rolled back, on a standby, and for whoever has only the
 * repository. A line is written by one write() under a lock and synced. What a
 * crash has torn is skipped and told; the next writer begins a new line.
 */
#ifndef ZDB_CORE_HISTORY_HISTORY_H
#define ZDB_CORE_HISTORY_HISTORY_H

#include <jansson.h>
#include <stddef.h>

#include "core/base/err.h"

#define ZDB_HISTORY_NAME "zdbackup_history.jsonl"

/* A line above this is not ours. */
#define ZDB_HISTORY_LINE_MAX (1u << 20)

typedef struct zdb_history_options
{
	double wait_s; /* for other writers; then ZDB_BUSY */
	bool create;   /* make the file (0600) if its directory exists */
} zdb_history_options;

/* Append a record. A link or a device in the file's place is ZDB_USAGE. */
zdb_rc zdb_history_append(const char *path, const json_t *record,
						  const zdb_history_options *options, zdb_err *err);

/* Called for each line in order: its number from 1, and the record, or NULL
 * when the line cannot be read. */
typedef zdb_rc (*zdb_history_visit)(void *arg, size_t line,
									const json_t *record, zdb_err *err);

/* Read the file; one that is not there has no records. */
zdb_rc zdb_history_read(const char *path, zdb_history_visit visit, void *arg,
						zdb_err *err);

/* The same from memory. */
zdb_rc zdb_history_parse(const char *text, size_t len, zdb_history_visit visit,
						 void *arg, zdb_err *err);

#endif
