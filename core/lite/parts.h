/*
 * parts - what CREATE TABLE and CREATE INDEX say and no pragma tells
 *
 * SQLite has parsed the statement before, and tells columns, keys and foreign
 * keys by pragmas. These read the rest: checks, expressions, and which
 * foreign keys are deferred.
 */
#ifndef ZDB_CORE_LITE_PARTS_H
#define ZDB_CORE_LITE_PARTS_H

#include <stdbool.h>

#include "core/base/arena.h"

typedef enum zdb_lite_part_kind
{
	ZDB_LITE_CHECK,
	ZDB_LITE_GENERATED,
	ZDB_LITE_FOREIGN,  /* in their order; PRAGMA foreign_key_list has the
						* last first */
	ZDB_LITE_CONFLICT, /* ON CONFLICT; sql is the word: REPLACE */
	ZDB_LITE_ELEMENT,  /* of an index, without COLLATE, ASC, DESC */
	ZDB_LITE_WHERE,
} zdb_lite_part_kind;

typedef struct zdb_lite_part
{
	struct zdb_lite_part *next;
	zdb_lite_part_kind kind;
	const char *name;   /* of the constraint, or NULL */
	const char *column; /* it stands at, or NULL: at the table */
	const char *sql;    /* an expression, without its parentheses */
	bool deferred;      /* DEFERRABLE INITIALLY DEFERRED */
} zdb_lite_part;

/* What a statement says; NULL: nothing of that. What is no such statement has
 * no parts, or odd ones. */
zdb_lite_part *zdb_lite_table_parts(zdb_arena *arena, const char *sql);
zdb_lite_part *zdb_lite_index_parts(zdb_arena *arena, const char *sql);

#endif
