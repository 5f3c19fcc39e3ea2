/*
 * copy - a line of a COPY block in text format
 *
 * https://www.postgresql.org/docs/current/sql-copy.html, "Text Format": values
 * between tabs, \N for NULL, and escapes for what would end a value or line.
 */
#ifndef ZDB_CORE_DUMP_COPY_H
#define ZDB_CORE_DUMP_COPY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct zdb_copy_field
{
	char *bytes;
	size_t len;
	bool null;
} zdb_copy_field;

/* Split a line (without its end) and take the escapes out, both in place.
 * Returns how many values it has; of them at most cap are in fields. Any line
 * is well formed. */
size_t zdb_copy_split(char *line, size_t len, zdb_copy_field *fields,
					  size_t cap);

/* Does the line end in a backslash, so that the value goes on behind the end
 * of the line? */
bool zdb_copy_continues(const char *line, size_t len);

#endif
