/*
 * copy_row - a line of a COPY block as the values of a row type
 */
#ifndef ZDB_PG_EXT_COPY_ROW_H
#define ZDB_PG_EXT_COPY_ROW_H

#include "postgres.h"

#include "funcapi.h"

#include "core/dump/copy.h"

typedef struct zdbpg_copy_row
{
	TupleDesc desc;
	AttInMetadata *input;
	int encoding; /* of the lines */
	size_t count; /* of fields in a line */
	zdb_copy_field *fields;
	int *places; /* attribute of each field, from 0; -1: none */
	int column;  /* that is read now, from 1; or 0 */
} zdbpg_copy_row;

/* Lines have these columns (char *) of a relation's row type; other names are
 * passed over. In the current memory context. */
extern void zdbpg_copy_row_columns(zdbpg_copy_row *row, Oid relid,
								   List *columns);

/* Read a line, which is changed. What has no field is null. */
extern void zdbpg_copy_row_read(zdbpg_copy_row *row, char *line, size_t len,
								Datum *values, bool *nulls);

#endif
