/*
 * attach - an image beside the live database, in the call's own connection
 */
#ifndef ZDB_SQLITE_EXT_ATTACH_H
#define ZDB_SQLITE_EXT_ATTACH_H

#include "sqlite_ext/image.h"

#define ZDBLITE_ATTACHED "zdb_restore"

/* Attach the image, which must be a scratch file; its own connection is
 * closed. The caller detaches it. */
zdb_rc zdblite_attach(zdblite_call *call, zdblite_image *image);

#endif
