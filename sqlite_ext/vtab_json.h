/*
 * vtab_json - functions that return rows: SELECT * FROM zdb_list('backups')
 *
 * One module serves all of them: what differs is the columns, and who makes
 * the rows, as a JSON array of objects with the columns' names as keys.
 */
#ifndef ZDB_SQLITE_EXT_VTAB_JSON_H
#define ZDB_SQLITE_EXT_VTAB_JSON_H

#include "sqlite_ext/call.h"

typedef struct zdblite_row_function
{
	const char *name;
	const char *argument; /* what the first argument is: "path" */
	const char *usage;    /* for who leaves it out */
	zdb_call kind;        /* the second argument: options of such a call */
	const char *const *columns; /* ends with NULL */
	/* Append the rows for call->path, or leave an error in the call. */
	void (*load)(zdblite_call *call, json_t *rows);
} zdblite_row_function;

extern const zdblite_row_function zdblite_entries;
extern const zdblite_row_function zdblite_jobs;
extern const zdblite_row_function zdblite_list;
extern const zdblite_row_function zdblite_history;

/* Register such a function. Returns SQLite's code. */
int zdblite_row_function_register(sqlite3 *db,
								  const zdblite_row_function *rows);

#endif
