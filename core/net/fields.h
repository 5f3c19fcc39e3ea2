/*
 * fields - names and their values: the headers or the query of a request
 *
 * Kept in the order of the names, byte by byte, as every signature wants
 * them; header names are given in lower case. {0} is a valid empty list.
 */
#ifndef ZDB_CORE_NET_FIELDS_H
#define ZDB_CORE_NET_FIELDS_H

#include <stddef.h>

#include "core/base/err.h"

typedef struct zdb_field
{
	char *name;
	char *value;
} zdb_field;

typedef struct zdb_fields
{
	zdb_field *list;
	size_t count;
	size_t room;
} zdb_fields;

/* Give name this value, in place of an earlier one; NULL takes it away. Does
 * nothing when err is set already. */
zdb_rc zdb_fields_set(zdb_fields *fields, const char *name, const char *value,
					  zdb_err *err);

/* The value, or "" when there is no such name. */
const char *zdb_fields_get(const zdb_fields *fields, const char *name);

void zdb_fields_clear(zdb_fields *fields);

#endif
