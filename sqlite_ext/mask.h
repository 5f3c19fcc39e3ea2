/*
 * mask - a restored database without the values that its mask names
 *
 * Rows of masked tables are written anew, then the whole file is, so
 * that no old value stays: in an index, a free page, statistics, or a
 * full-text index.
 */
#ifndef ZDB_SQLITE_EXT_MASK_H
#define ZDB_SQLITE_EXT_MASK_H

#include "core/policy/mask.h"
#include "sqlite_ext/image.h"

/* Mask a settled image, which is a scratch file of ours, as the call's option
 * says, and settle it again. The report tells what was masked. After a failure
 * the file is good for nothing. */
zdb_rc zdblite_mask(zdblite_call *call, zdblite_image *image);

/* Learn tables, columns, keys and foreign keys (mask_facts.c). */
zdb_rc zdblite_mask_facts(zdblite_call *call, sqlite3 *db, zdb_mask *mask);

/* Write the rows of a masked table anew (mask_rows.c). */
zdb_rc zdblite_mask_rows(zdblite_call *call, sqlite3 *db, zdb_mask *mask,
						 zdb_mask_table *table);

/* An error unless the rule's expression is one, of this table
 * (mask_rows.c). */
zdb_rc zdblite_mask_check(sqlite3 *db, const zdb_mask_column *column,
						  zdb_err *err);

#endif
