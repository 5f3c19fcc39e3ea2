/*
 * token - the words of SQLite's SQL
 *
 * As https://www.sqlite.org/src/file/src/tokenize.c has them. The text is
 * somebody's: whatever it is, a token ends before the text does.
 */
#ifndef ZDB_CORE_LITE_TOKEN_H
#define ZDB_CORE_LITE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"

typedef enum zdb_lite_kind
{
	ZDB_LITE_END,
	ZDB_LITE_WORD,   /* a keyword, or a name without quotes */
	ZDB_LITE_NAME,   /* "a", `a`, [a]; the first may be a text, too */
	ZDB_LITE_STRING, /* 'a' */
	ZDB_LITE_BLOB,   /* x'00' */
	ZDB_LITE_NUMBER,
	ZDB_LITE_SIGN, /* an operator, a parenthesis, anything else */
} zdb_lite_kind;

typedef struct zdb_lite_token
{
	zdb_lite_kind kind;
	const char *at;
	size_t len;
} zdb_lite_token;

/* The next token from *sql on, which moves behind it. */
zdb_lite_token zdb_lite_next(const char **sql);

/* Is it this word (in any case) or this sign? */
bool zdb_lite_is(const zdb_lite_token *token, const char *text);

/* Its text without quotes; never NULL. */
const char *zdb_lite_text(zdb_arena *arena, const zdb_lite_token *token);

/* SQLite's comparison of names: ASCII letters in any case. */
bool zdb_lite_same(const char *one, const char *other);

#endif
