/*
 * text_id - all that the text of a table's rows depends on, but the rows
 *
 * Columns and their types, and what else the types' output functions look at:
 * the labels of an enum, the columns of a composite type, the values of
 * columns that old rows lack. Two backups with the same id write the same text
 * of the same row version.
 */
#ifndef ZDB_PG_EXT_TEXT_ID_H
#define ZDB_PG_EXT_TEXT_ID_H

#include "postgres.h"

#include "utils/rel.h"

#include "pg_ext/plan.h"

/* Returns false when it cannot be told: id stays as it is. */
extern bool zdbpg_text_id(Relation rel, const zdbpg_table *table,
						  char id[ZDBPG_TEXT_ID]);

#endif
