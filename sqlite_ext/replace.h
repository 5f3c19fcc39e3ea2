/*
 * replace - an image becomes the live database, in one transaction
 */
#ifndef ZDB_SQLITE_EXT_REPLACE_H
#define ZDB_SQLITE_EXT_REPLACE_H

#include "sqlite_ext/image.h"

/* Copy the image over the call's database. The live database keeps its own
 * journal mode. Waits as long as the connection's busy handler does. */
zdb_rc zdblite_replace(zdblite_call *call, zdblite_image *image);

#endif
