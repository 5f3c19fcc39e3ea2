/*
 * expr - an expression of SQLite in PostgreSQL's words
 *
 * Token by token, and only what means the same there: columns of one table,
 * constants, operators, a few functions. PostgreSQL decides whether it is an
 * expression; what is not known here has a reason instead. The text is
 * hostile: the result is made of words from tables in expr.c, of quoted
 * names of the given columns, and of literals.
 *
 * What differs is written out: LIKE (which does not look at case), "x" that
 * is no column (a text), 0 and 1 beside a boolean column, == and NOT NULL,
 * the order of texts (by bytes).
 */
#ifndef ZDB_CORE_LITE_EXPR_H
#define ZDB_CORE_LITE_EXPR_H

#include "core/base/arena.h"
#include "core/lite/type.h"

typedef struct zdb_lite_column
{
	const char *name; /* in SQLite */
	const char *sql;  /* in PostgreSQL, quoted */
	zdb_lite_type type;
} zdb_lite_column;

typedef struct zdb_lite_scope
{
	const char *table; /* in SQLite */
	const zdb_lite_column *columns;
	int count;
} zdb_lite_scope;

/* The expression; or NULL, and *reason says why not ("GLOB has no like in
 * PostgreSQL"). */
const char *zdb_lite_expr(zdb_arena *arena, const zdb_lite_scope *scope,
						  const char *sql, const char **reason);

/* The same for the DEFAULT of a column of that type, as PRAGMA table_xinfo
 * gives it. The present time in its many forms is known. */
const char *zdb_lite_default(zdb_arena *arena, zdb_lite_type type,
							 const char *sql, const char **reason);

#endif
