/*
 * script_rows - the rows of a database as INSERT statements
 */
#ifndef ZDB_SQLITE_EXT_SCRIPT_ROWS_H
#define ZDB_SQLITE_EXT_SCRIPT_ROWS_H

#include "sqlite_ext/script_dump.h"
#include "sqlite_ext/script_text.h"

/* Is the table asked for? */
bool zdblite_script_wants(const zdblite_script_options *options,
						  const char *name);

/* Write one transaction that fills the tables. */
zdb_rc zdblite_script_rows(const zdblite_script_options *options,
						   zdblite_text *text, zdb_err *err);

#endif
