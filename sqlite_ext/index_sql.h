/*
 * index_sql - the parts of CREATE INDEX that no PRAGMA tells
 */
#ifndef ZDB_SQLITE_EXT_INDEX_SQL_H
#define ZDB_SQLITE_EXT_INDEX_SQL_H

#include "core/base/arena.h"

/* The place-th indexed expression, without ASC or DESC; NULL: there is none.
 */
const char *zdblite_index_element(zdb_arena *arena, const char *sql,
								  int place);

/* The condition of a partial index, or NULL. */
const char *zdblite_index_where(zdb_arena *arena, const char *sql);

/* Does the expression mention this column? */
int zdblite_index_mentions(const char *expression, const char *column);

#endif
