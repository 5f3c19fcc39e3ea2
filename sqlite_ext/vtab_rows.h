/*
 * vtab_rows - tables of an image as virtual tables of the call's connection
 *
 * The image is open in a connection of its own. ATTACH would do without one,
 * but it finds the image's VFS by URI only, which many hosts have off; it
 * refuses another text encoding; and it writes the connection's list of
 * databases. A merge takes some 15 % longer than from an attached file.
 *
 * A table t is there as temp."zdb:from:t": a module of that name which needs
 * no CREATE (https://www.sqlite.org/vtab.html, 2.1.2), so no schema changes.
 * Columns have the collations of the image's, and types and values as the
 * live columns have or would store them; what a statement does not use is not
 * read.
 */
#ifndef ZDB_SQLITE_EXT_VTAB_ROWS_H
#define ZDB_SQLITE_EXT_VTAB_ROWS_H

#include "sqlite_ext/image.h"

#define ZDBLITE_ROWS_PREFIX "zdb:from:"

typedef struct zdblite_rows
{
	zdblite_image *image;
	const char *name; /* of the backup, for messages */
	int64_t given;    /* rows so far; the user sets it back */
	struct rows_table *tables;
} zdblite_rows;

/* Have the tables of image. A failure while they are read is left in the
 * image's call. Close it in either case, when no statement uses them. */
zdb_rc zdblite_rows_open(zdblite_rows *rows, zdblite_image *image,
						 const char *name);

void zdblite_rows_close(zdblite_rows *rows);

#endif
