/*
 * pg_live - what columns here take, for values of PostgreSQL
 */
#ifndef ZDB_SQLITE_EXT_PG_LIVE_H
#define ZDB_SQLITE_EXT_PG_LIVE_H

#include "core/base/arena.h"
#include "core/dump/value.h"
#include "sqlite_ext/call.h"

/* A column of a live table. */
typedef struct zdblite_live_column
{
	const char *name;
	const char *declared;
	bool generated;
	zdb_target target; /* without a style for times */
	struct zdblite_live_column *next;
} zdblite_live_column;

/* The columns of a table of the call's schema; NULL with call->err set. */
zdblite_live_column *zdblite_live_columns(zdblite_call *call, zdb_arena *arena,
										  const char *table);

/* How times are written in a column: as its values are; else as those of
 * other columns that are declared the same way for times; else as numbers in
 * columns of numbers, and as datetime() writes them. table and column may be
 * NULL: for a column that is to be made. */
zdb_time_style zdblite_live_style(zdblite_call *call, const char *table,
								  const char *column, const char *declared);

#endif
