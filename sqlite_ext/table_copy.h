/*
 * table_copy - replace the rows of some tables, in one transaction
 *
 * The image is attached to the call's connection. Triggers do not fire and
 * foreign keys take no action meanwhile (ON DELETE CASCADE must not reach
 * other tables); before the commit they are checked, and new violations undo
 * everything. A table that is gone is created again with its indexes and
 * triggers. The connection's settings come back as they were.
 */
#ifndef ZDB_SQLITE_EXT_TABLE_COPY_H
#define ZDB_SQLITE_EXT_TABLE_COPY_H

#include "core/archive/manifest.h"
#include "core/job/options.h"
#include "sqlite_ext/image.h"

/* Replace the tables' rows by the image's, which must be a scratch file. after
 * gets the tables of the database as they are then. With the option dry_run
 * all is rolled back. */
zdb_rc zdblite_table_copy(zdblite_call *call, zdblite_image *image,
						  const zdb_names *tables, zdb_manifest *after);

#endif
