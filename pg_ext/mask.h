/*
 * mask - rows of a COPY block, masked on their way into a table
 *
 * Lines are rewritten before the server's COPY sees them, so that what is
 * masked never reaches a table, an index, the log or a message.
 */
#ifndef ZDB_PG_EXT_MASK_H
#define ZDB_PG_EXT_MASK_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "utils/rel.h"

#include "pg_ext/json.h"

#include "core/policy/mask.h"
#include "pg_ext/script.h"

typedef struct zdbpg_mask zdbpg_mask;

/* Have a mask that was planned (zdb_mask_dump(), in UTF-8); wiped with the
 * current memory context. */
extern zdbpg_mask *zdbpg_mask_open(const char *dump);

/* Begin with the rows of the script's present COPY, into rel. False: nothing
 * of it is masked. The lines will be in the server's encoding. */
extern bool zdbpg_mask_begin(zdbpg_mask *mask, zdbpg_script *script,
							 Relation rel);

/* The next bytes of these rows, up to max; 0 at their end. */
extern size_t zdbpg_mask_rows(zdbpg_mask *mask, zdbpg_script *script,
							  void *into, size_t max);

extern void zdbpg_mask_end(zdbpg_mask *mask);

/* The parse tree of a rule's expression; an error unless it is a single one
 * (mask_sql.c). */
extern Node *zdbpg_mask_parse(const zdb_mask_column *column);

/* The same, to be evaluated for rows of rel; its result is of attribute
 * attnum's type. */
extern ExprState *zdbpg_mask_prepare(const zdb_mask_column *column,
									 Relation rel, AttrNumber attnum);

#endif
