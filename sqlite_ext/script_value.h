/*
 * script_value - a value as an SQL literal that gives exactly it back
 */
#ifndef ZDB_SQLITE_EXT_SCRIPT_VALUE_H
#define ZDB_SQLITE_EXT_SCRIPT_VALUE_H

#include "sqlite_ext/script_text.h"
#include "sqlite_ext/zdblite.h"

typedef enum zdblite_encoding
{
	ZDBLITE_UTF8,
	ZDBLITE_UTF16LE,
	ZDBLITE_UTF16BE,
} zdblite_encoding;

typedef struct zdblite_values
{
	sqlite3 *db;
	zdblite_encoding encoding;
	sqlite3_stmt *read_real; /* asks SQLite what a literal means */
} zdblite_values;

zdb_rc zdblite_values_open(zdblite_values *values, sqlite3 *db,
						   zdblite_encoding encoding, zdb_err *err);
void zdblite_values_close(zdblite_values *values);

/* Write column i of the row: text with zero bytes, carriage returns (which
 * the sqlite3 shell drops) or bytes that are no characters goes as hex. */
void zdblite_values_put(zdblite_values *values, sqlite3_stmt *row, int i,
						zdblite_text *text);

#endif
