/*
 * token - the words of one statement of PostgreSQL
 *
 * For the few kinds of statements that tell what a dump holds; https://
 * www.postgresql.org/docs/current/sql-syntax-lexical.html. Nothing is copied
 * until a name is asked for.
 */
#ifndef ZDB_CORE_DUMP_TOKEN_H
#define ZDB_CORE_DUMP_TOKEN_H

#include "core/base/arena.h"

typedef enum zdb_token_kind
{
	ZDB_TOKEN_END,
	ZDB_TOKEN_WORD,   /* a key word, or a name without quotes */
	ZDB_TOKEN_NAME,   /* "..." */
	ZDB_TOKEN_STRING, /* '...', E'...', $$...$$ */
	ZDB_TOKEN_NUMBER,
	ZDB_TOKEN_SYMBOL, /* one character */
} zdb_token_kind;

typedef struct zdb_tokens
{
	const char *at, *end; /* behind the present token */
	zdb_token_kind kind;  /* of the present one */
	const char *text;
	size_t len;
} zdb_tokens;

/* Begin: the first token is the present one. */
void zdb_tokens_open(zdb_tokens *tokens, const char *sql, size_t len);

/* Go on to the next token. */
void zdb_tokens_next(zdb_tokens *tokens);

/* Is the present token this word (in lower case) or symbol? */
bool zdb_token_is(const zdb_tokens *tokens, const char *word);

/* Like zdb_token_is(), and go on if it is. */
bool zdb_token_take(zdb_tokens *tokens, const char *word);

/* Take a name as PostgreSQL understands it; NULL when there is none. */
const char *zdb_token_name(zdb_tokens *tokens, zdb_arena *arena);

/* Take the inside of a string literal; NULL when there is none. Escapes of
 * E'' and the tag of $tag$ stay. */
const char *zdb_token_string(zdb_tokens *tokens, zdb_arena *arena);

/* Go on behind the present token; a "(" with all up to its ")". */
void zdb_tokens_skip(zdb_tokens *tokens);

#endif
