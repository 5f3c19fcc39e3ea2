/*
 * row_test - small tables, as chunks of rows and as patches of them
 */
#ifndef ZDB_TEST_CORE_ROW_TEST_H
#define ZDB_TEST_CORE_ROW_TEST_H

#include "core/archive/row_patch.h"

#define ROW_BLOCKS 8
#define ROW_SLOTS 20

/* Its quoted name has a newline, and what follows looks like the rows' end. */
#define ROW_HEADER "COPY \"t\n\\.\nx\" (a) FROM stdin;\n"

/* A version of each row; 0: none. Blocks beyond have none. */
typedef struct rows
{
	int blocks;
	int version[ROW_BLOCKS][ROW_SLOTS];
} rows;

/* A table, and what becomes of it: rows change, go and come, blocks, too. */
void rows_make(rows *table, unsigned int seed);
void rows_change(rows *table, unsigned int seed);

/* Append the chunk, without empty lines at its end, and set its map. */
zdb_rc rows_chunk(const rows *table, zdb_buf *raw, zdb_buf *map, zdb_err *err);

/* The patch that makes after of before. */
zdb_rc rows_patch(const rows *before, const rows *after, zdb_buf *patch,
				  zdb_err *err);

/* Is this the table's chunk, of these bytes with empty lines at its end? */
bool rows_are(const rows *table, const uint8_t *raw, size_t raw_bytes);

/* Files of a script and of some tables' rows, a chunk each, upon one another:
 * in a later version there is more script, table 0 is as it was, the last
 * table changes in every other version. */
#define ROW_TABLES 4

/* The number of the table's chunk in the file of that version. */
#define ROW_CHUNK(version, table) (1 + (version) + (table))

void rows_of(int version, int table, rows *out);

/* Write the file; base is NULL for a full one. */
zdb_rc rows_write(const char *codec, const char *base, int version,
				  const char *path, zdb_err *err);

#endif
