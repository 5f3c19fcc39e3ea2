/*
 * sqlite_rows - the rows of a table of a SQLite database as values here
 */
#ifndef ZDB_PG_EXT_SQLITE_ROWS_H
#define ZDB_PG_EXT_SQLITE_ROWS_H

#include "postgres.h"

#include "funcapi.h"
#include "nodes/pg_list.h"

#include "pg_ext/sqlite_file.h"

typedef struct zdbpg_sqlite_rows
{
	const char *table; /* its name there */
	TupleDesc desc;    /* what the rows are to be */
	sqlite3_stmt *stmt;
	int first; /* column of stmt that is the first value */
	AttInMetadata *input;
	Oid *base;
	int *from; /* the value of each attribute, counted from 0; -1: none */
	int64 row;
	int column; /* from 1, or 0 */
} zdbpg_sqlite_rows;

/* Begin: values are SQL expressions (char *), of which attribute i is the
 * from[i]-th. In the current memory context, which owns it. */
extern zdbpg_sqlite_rows *zdbpg_sqlite_rows_open(sqlite3 *db,
												 const char *table,
												 TupleDesc desc, List *values,
												 int *from);

/* The next row into the arrays, as the types' input functions read it; false
 * at the end. In the current memory context, to be reset. */
extern bool zdbpg_sqlite_rows_next(zdbpg_sqlite_rows *rows, Datum *values,
								   bool *nulls);

/* Say in errors which value it is; arg is the rows. */
extern void zdbpg_sqlite_rows_context(void *arg);

#endif
