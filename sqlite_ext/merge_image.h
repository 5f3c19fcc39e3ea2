/*
 * merge_image - any backup as a SQLite database to merge from
 */
#ifndef ZDB_SQLITE_EXT_MERGE_IMAGE_H
#define ZDB_SQLITE_EXT_MERGE_IMAGE_H

#include "core/policy/merge.h"
#include "sqlite_ext/image.h"

/* Open what the reader's file holds, to be read from image->db. Close in
 * either case. */
zdb_rc zdblite_merge_image(zdblite_image *image, zdblite_call *call,
						   zdb_reader *reader, zdb_merge *merge);

#endif
