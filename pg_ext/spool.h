/*
 * spool - bytes kept aside in one of the server's temporary files
 *
 * Counted by temp_file_limit, gone with the transaction.
 */
#ifndef ZDB_PG_EXT_SPOOL_H
#define ZDB_PG_EXT_SPOOL_H

#include "postgres.h"

#include "storage/fd.h"

typedef struct zdbpg_spool
{
	File file;
	uint64 bytes;
} zdbpg_spool;

extern zdbpg_spool *zdbpg_spool_new(void);
extern void zdbpg_spool_append(zdbpg_spool *spool, const void *bytes,
							   size_t len);

/* Read exactly len bytes at offset. */
extern void zdbpg_spool_read(zdbpg_spool *spool, uint64 offset, void *into,
							 size_t len);
extern void zdbpg_spool_free(zdbpg_spool *spool);

#endif
