/*
 * merge_source - the rows of a backup in temporary tables
 */
#ifndef ZDB_PG_EXT_MERGE_SOURCE_H
#define ZDB_PG_EXT_MERGE_SOURCE_H

#include "postgres.h"

#include "storage/lockdefs.h"

#include "pg_ext/call.h"
#include "pg_ext/script.h"

#include "core/archive/reader.h"
#include "core/policy/merge.h"

/* A live table that rows of the backup belong to. */
typedef struct zdbpg_source_table
{
	Oid relid; /* the root of partitions */
	char *schema;
	char *name;
	char *raw;     /* "pg_temp"."zdb:r1": its rows; NULL: none were found */
	List *columns; /* of the rows, char * */
	int64 rows;
	List *unique; /* lists of columns that the backup keeps unique */
} zdbpg_source_table;

typedef struct zdbpg_source
{
	zdbpg_call *call;
	zdb_reader *reader;
	zdb_merge *merge;
	MemoryContext context;
	List *tables;  /* zdbpg_source_table * */
	List *missing; /* tables of the backup that are not here, "schema.name" */
	List *created; /* those that were not, and are now */
	List *sequences; /* of missing tables */
	int encoding;    /* of the script */
	uint64 chunks_read;
	List *path; /* of schemas, where names without one are looked up */
	struct zdbpg_sqlite *file; /* a SQLite database; NULL: a script */
	struct sqlite3 *image;     /* the connection to it */
	uint64 image_bytes;        /* kept in a temporary file */
	List *image_tables;
	List *made; /* of the image's, now: zdbpg_lite_table * */
} zdbpg_source;

/* Find out which live tables the backup has rows for, and lock them. Missing
 * ones are created if the policy says so. */
extern zdbpg_source *zdbpg_source_open(zdbpg_call *call, zdb_reader *reader,
									   zdb_merge *merge, List *path,
									   LOCKMODE lock);

/* Load the rows; only the chunks of these tables are read. */
extern void zdbpg_source_load(zdbpg_source *source);

/* The backup's facts for core/policy/merge.h. */
extern json_t *zdbpg_source_facts(const zdbpg_source *source);

/* Go through the statements that are not rows (of a foreign file: through
 * all). */
extern void zdbpg_source_read(zdbpg_source *source,
							  void (*take)(zdbpg_source *source,
										   zdbpg_script *script));

/* Make the temporary table for rows with columns of these names; those that
 * the live table lacks are text. */
extern void zdbpg_source_make_raw(zdbpg_source *source,
								  zdbpg_source_table *table, List *names);

/* Find the entry for a table of the backup, or NULL when it is not here or not
 * wanted. */
extern zdbpg_source_table *zdbpg_source_table_for(zdbpg_source *source,
												  const char *schema,
												  const char *name);

#endif
