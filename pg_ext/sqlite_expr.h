/*
 * sqlite_expr - expressions of a SQLite database, in PostgreSQL
 *
 * Translated by core/lite/expr.h. The text of the file is hostile: what comes
 * out is parsed as an expression, and may hold nothing but constants, columns,
 * operators, CASE, casts and a few harmless functions.
 */
#ifndef ZDB_PG_EXT_SQLITE_EXPR_H
#define ZDB_PG_EXT_SQLITE_EXPR_H

#include "pg_ext/sqlite_schema.h"

/* In the present memory context; NULL, and *reason, when it has no like. */
extern const char *zdbpg_lite_expr(const zdbpg_lite_table *table,
								   const char *sql, const char **reason);

/* Likewise, a column's DEFAULT. */
extern const char *zdbpg_lite_default(const zdbpg_lite_column *column,
									  const char **reason);

/* Run a statement that holds these expressions (char *), in parentheses, if
 * they are harmless. Returns NULL, or why it could not be, and has done
 * nothing then. */
extern char *zdbpg_lite_attempt(const char *sql, List *expressions);

#endif
