/*
 * replace - an image becomes the live database, in one transaction
 */
#ifndef ZDB_SQLITE_EXT_REPLACE_H
#define ZDB_SQLITE_EXT_REPLACE_H

#include "sqlite_ext/image.h"

/* Copy the image over the call's database. Waits as long as the connection's
 * busy handler does. */
zdb_rc zdblite_replace(zdblite_call *call, zdblite_image *image);

/* Before a restore: have a journal that survives a crash. Returns the journal
 * mode as it was. After: go back to it, whatever happened (an image brings its
 * own mode along), and free it. NULL is fine. */
char *zdblite_journal_secure(zdblite_call *call);
void zdblite_journal_keep(zdblite_call *call, char *mode);

#endif
