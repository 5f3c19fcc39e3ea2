/*
 * put_rows - JSON objects as the rows that a function returns
 */
#ifndef ZDB_PG_EXT_PUT_ROWS_H
#define ZDB_PG_EXT_PUT_ROWS_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "pg_ext/json.h"

/* Append a row for each object of the array: a column's value is that under
 * its name, by the input function of its type; null where there is none. */
extern void zdbpg_put_rows(ReturnSetInfo *result, json_t *rows);

#endif
