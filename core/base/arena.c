/*
 * arena - many small pieces of memory that go together
 */
#include "core/base/arena.h"

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

struct zdb_arena_block
{
	struct zdb_arena_block *next;
	size_t len;
	max_align_t bytes[];
};

void *
zdb_arena_alloc(zdb_arena *arena, size_t bytes)
{
	struct zdb_arena_block *block =
		zdb_calloc(1, offsetof(struct zdb_arena_block, bytes) + bytes);

	if (!block)
	{
		arena->failed = true;
		return NULL;
	}
	block->len = bytes;
	block->next = arena->blocks;
	arena->blocks = block;
	return block->bytes;
}

const char *
zdb_arena_format(zdb_arena *arena, const char *fmt, ...)
{
	va_list args, again;
	char *text = NULL;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	if (len >= 0)
		text = zdb_arena_alloc(arena, (size_t) len + 1);
	if (text)
		vsnprintf(text, (size_t) len + 1, fmt, again);
	va_end(again);
	va_end(args);
	return text ? text : "";
}

static const char *
quoted(zdb_arena *arena, const char *text, char quote)
{
	char *copy = zdb_arena_alloc(arena, 2 * strlen(text) + 3), *to = copy;

	if (!copy)
		return "";
	*to++ = quote;
	for (; *text; text++)
	{
		if (*text == quote)
			*to++ = quote;
		*to++ = *text;
	}
	*to = quote;
	return copy;
}

const char *
zdb_arena_ident(zdb_arena *arena, const char *name)
{
	return quoted(arena, name, '"');
}

const char *
zdb_arena_literal(zdb_arena *arena, const char *text)
{
	return quoted(arena, text, '\'');
}

bool
zdb_arena_failed(const zdb_arena *arena)
{
	return arena->failed;
}

void
zdb_arena_wipe(zdb_arena *arena)
{
	for (struct zdb_arena_block *block = arena->blocks; block;
		 block = block->next)
		explicit_bzero(block->bytes, block->len);
}

void
zdb_arena_clear(zdb_arena *arena)
{
	while (arena->blocks)
	{
		struct zdb_arena_block *next = arena->blocks->next;

		zdb_free(arena->blocks);
		arena->blocks = next;
	}
	arena->failed = false;
}
