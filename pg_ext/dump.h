/*
 * dump - the database as a script, into a backup file
 */
#ifndef ZDB_PG_EXT_DUMP_H
#define ZDB_PG_EXT_DUMP_H

#include "postgres.h"

#include "core/archive/writer.h"
#include "pg_ext/call.h"

typedef struct zdbpg_dump_request
{
	const char *type; /* "full", "schema", "data" */
	zdb_names tables; /* count 0: all */
	zdb_names exclude;
	bool include_foreign_data;
	zdb_codec codec;
	int jobs;
	zdb_writer *writer;
	zdb_reader *base;       /* of an incremental backup, or NULL */
	zdb_manifest *manifest; /* its tables are filled in */
} zdbpg_dump_request;

/* Returns how many processes took part. */
extern int zdbpg_dump(zdbpg_call *call, const zdbpg_dump_request *request);

#endif
