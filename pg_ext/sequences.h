/*
 * sequences - that give a table's ids must not fall behind its rows
 */
#ifndef ZDB_PG_EXT_SEQUENCES_H
#define ZDB_PG_EXT_SEQUENCES_H

#include "postgres.h"

/* Move the sequences of a table (serial, identity, or named in a default) to
 * at least its largest value; never backwards. This cannot be rolled back. */
extern void zdbpg_sequences_advance(Oid relid);

#endif
