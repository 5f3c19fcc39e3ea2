/*
 * table_rows - the rows of one table of a backup, one at a time
 *
 * As a composite type has them, by the names of columns: what the backup
 * lacks is null, what only the backup has is passed over, values are read by
 * the types' input functions. Of a backup of ours only the definitions and
 * the chunks of this table are read.
 */
#ifndef ZDB_PG_EXT_TABLE_ROWS_H
#define ZDB_PG_EXT_TABLE_ROWS_H

#include "postgres.h"

#include "funcapi.h"

#include "core/archive/reader.h"
#include "pg_ext/call.h"

typedef struct zdbpg_table_rows
{
	zdbpg_call *call;
	zdb_reader *reader;
	TupleDesc desc;
	Oid relid;          /* whose row type it is */
	const char *schema; /* of the table in the backup, */
	const char *table;  /* and its name, in the server's encoding */
	struct zdbpg_script_table *script; /* one of the two */
	struct zdbpg_sqlite_table *image;
} zdbpg_table_rows;

/* Find the table; an error if the backup has none of its name. In the current
 * memory context, which owns it; desc and names must live as long. */
extern void zdbpg_table_rows_open(zdbpg_table_rows *rows);

/* The next row into arrays of desc->natts; false at the end. In the current
 * memory context, to be reset. */
extern bool zdbpg_table_rows_next(zdbpg_table_rows *rows, Datum *values,
								  bool *nulls);

/* The backup has no such table. */
extern void zdbpg_table_rows_missing(const zdbpg_table_rows *rows)
	pg_attribute_noreturn();

/* Out of a script (table_script.c). */
extern struct zdbpg_script_table *
zdbpg_script_table_open(zdbpg_table_rows *rows);
extern bool zdbpg_script_table_next(struct zdbpg_script_table *table,
									Datum *values, bool *nulls);

/* Out of a SQLite database (table_sqlite.c). */
extern struct zdbpg_sqlite_table *
zdbpg_sqlite_table_open(zdbpg_table_rows *rows);
extern bool zdbpg_sqlite_table_next(struct zdbpg_sqlite_table *table,
									Datum *values, bool *nulls);

#endif
