/*
 * arena - many small pieces of memory that go together
 *
 * {0} is a valid empty arena. Without memory it returns NULL (arrays) or ""
 * (text) and remembers: ask zdb_arena_failed() once, at the end.
 */
#ifndef ZDB_CORE_BASE_ARENA_H
#define ZDB_CORE_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct zdb_arena
{
	struct zdb_arena_block *blocks;
	bool failed;
} zdb_arena;

/* Zeroed memory, aligned for anything; NULL without it. */
void *zdb_arena_alloc(zdb_arena *arena, size_t bytes);

/* Formatted text; never NULL. */
const char *zdb_arena_format(zdb_arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A SQL identifier: in double quotes, those inside doubled. */
const char *zdb_arena_ident(zdb_arena *arena, const char *name);

/* A SQL text literal for standard_conforming_strings. */
const char *zdb_arena_literal(zdb_arena *arena, const char *text);

bool zdb_arena_failed(const zdb_arena *arena);

/* Overwrite what it holds: secrets. It is to be cleared then. */
void zdb_arena_wipe(zdb_arena *arena);

void zdb_arena_clear(zdb_arena *arena);

#endif
