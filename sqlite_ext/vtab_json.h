/*
 * vtab_json - functions that return rows: SELECT * FROM zdb_list('backups')
 *
 * One module serves all of them: what differs is the columns, and who makes
 * the rows, as a JSON array of objects with the columns' names as keys; or one
 * by one, where there may be many.
 */
#ifndef ZDB_SQLITE_EXT_VTAB_JSON_H
#define ZDB_SQLITE_EXT_VTAB_JSON_H

#include "sqlite_ext/call.h"

typedef struct zdblite_row_stream
{
	/* Begin, or leave an error in the call, which stays; options is the second
	 * argument, or NULL. *stream is to be closed in either case. */
	void (*open)(zdblite_call *call, sqlite3_value *options, void **stream);
	/* The next row, its values those of the columns; NULL after the last one,
	 * or with an error in the call. */
	sqlite3_stmt *(*next)(void *stream);
	void (*close)(void *stream);
} zdblite_row_stream;

typedef struct zdblite_row_function
{
	const char *name;
	const char *argument; /* what the first argument is: "path" */
	const char *usage;    /* for who leaves it out */
	zdb_call kind;        /* the second argument: options of such a call */
	const char *const *columns; /* ends with NULL */
	/* Append the rows for call->path, or leave an error in the call. */
	void (*load)(zdblite_call *call, json_t *rows);
	const zdblite_row_stream *stream; /* instead of load and options */
} zdblite_row_function;

extern const zdblite_row_function zdblite_entries;
extern const zdblite_row_function zdblite_jobs;
extern const zdblite_row_function zdblite_list;
extern const zdblite_row_function zdblite_history;
extern const zdblite_row_function zdblite_diff_rows;

/* Register such a function. Returns SQLite's code. */
int zdblite_row_function_register(sqlite3 *db,
								  const zdblite_row_function *rows);

#endif
