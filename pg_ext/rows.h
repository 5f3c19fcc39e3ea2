/*
 * rows - the rows of one table as COPY's text
 */
#ifndef ZDB_PG_EXT_ROWS_H
#define ZDB_PG_EXT_ROWS_H

#include "postgres.h"

#include "access/relscan.h"
#include "executor/tuptable.h"
#include "utils/rel.h"

#include "pg_ext/value_text.h"

typedef struct zdbpg_rows
{
	Relation rel; /* NULL: a query's */
	TupleTableSlot *slot;
	zdbpg_column *columns;
	uint32 natts;
	int last_attnum;
	MemoryContext table_context; /* caches of the output functions */
	MemoryContext row_context;   /* reset after every row */
} zdbpg_rows;

/* Get ready for the columns attnums of rel. */
extern void zdbpg_rows_open(zdbpg_rows *rows, Relation rel,
							const int16 *attnums, uint32 natts);

/* Get ready for all columns of a query; they are known at the first row. */
extern void zdbpg_rows_open_query(zdbpg_rows *rows);

/* Append the row in slot. */
extern void zdbpg_rows_write(zdbpg_rows *rows, TupleTableSlot *slot,
							 zdbpg_out *out);

extern void zdbpg_rows_close(zdbpg_rows *rows);

#endif
