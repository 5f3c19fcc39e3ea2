/*
 * array - an array of PostgreSQL as JSON text
 *
 * https://www.postgresql.org/docs/current/arrays.html, 8.15.6: {a,"b c",NULL}
 * becomes ["a","b c",null]. Numbers are JSON numbers where every reader of
 * JSON keeps them: integers of 64 bits, and doubles; other numbers are
 * strings.
 */
#ifndef ZDB_CORE_DUMP_ARRAY_H
#define ZDB_CORE_DUMP_ARRAY_H

#include "core/base/buf.h"
#include "core/dump/type.h"

/* Append the JSON text of an array with elements of this kind. ZDB_MISMATCH:
 * it is no array, or has bounds of its own. */
zdb_rc zdb_array_json(const char *text, size_t len, zdb_pg_kind kind,
					  zdb_buf *json, zdb_err *err);

/* Take out the spaces between the tokens of JSON text, in place; the new
 * length. So JSON.stringify() and SQLite's json() write it. */
size_t zdb_json_minify(char *text, size_t len);

#endif
