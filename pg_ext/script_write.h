/*
 * script_write - what is not rows, as chunks of the backup
 */
#ifndef ZDB_PG_EXT_SCRIPT_WRITE_H
#define ZDB_PG_EXT_SCRIPT_WRITE_H

#include "postgres.h"

#include "utils/snapshot.h"

#include "core/archive/writer.h"
#include "pg_ext/spool.h"

/* Text on its way into SCRIPT chunks. */
typedef struct zdbpg_script_out
{
	zdb_writer *writer;
	uint8_t *raw; /* lent by the writer; NULL: none */
	uint32_t used;
} zdbpg_script_out;

extern void zdbpg_script_text(zdbpg_script_out *out, const char *text,
							  size_t len);

/* A piece of the spool. */
extern void zdbpg_script_spooled(zdbpg_script_out *out, zdbpg_spool *spool,
								 uint64 begin, uint64 end);

/* The statements that write a large object's bytes, as pg_dump forms them. */
extern void zdbpg_script_large_object(zdbpg_script_out *out, Oid loid);

/* End the chunk that is being filled. */
extern void zdbpg_script_flush(zdbpg_script_out *out);

#endif
