/*
 * survey - what a backup's script will do, before it does anything
 */
#ifndef ZDB_PG_EXT_SURVEY_H
#define ZDB_PG_EXT_SURVEY_H

#include "postgres.h"

#include "catalog/dependency.h"

#include "pg_ext/script.h"

/* Where the rows are: chunks begin to end (of an indexed file). */
typedef struct zdbpg_layout
{
	uint64 begin;
	uint64 end;
	uint64 chunks;
} zdbpg_layout;

extern zdbpg_layout zdbpg_layout_of(zdb_reader *reader);

/* A table whose rows the script holds. */
typedef struct zdbpg_loaded
{
	char *schema;
	char *name;
	int64 rows_before; /* or -1: it did not exist */
	int64 rows_after;
} zdbpg_loaded;

typedef struct zdbpg_survey
{
	MemoryContext context;    /* of all that hangs on it */
	ObjectAddresses *objects; /* that exist and would be created again */
	int object_count;
	List *tables; /* zdbpg_loaded * */
	List *roots;  /* Oid of partitioned tables that took rows in for theirs */
	List *roles;  /* that do not exist, char * */
} zdbpg_survey;

/* One of nothing yet, in the current memory context. */
extern zdbpg_survey *zdbpg_survey_new(void);

/* Read the statements. Raises an error for what cannot be run here, and for
 * roles that do not exist. */
extern zdbpg_survey *zdbpg_survey_script(zdb_reader *reader);

/* The entry of a table, or NULL. */
extern zdbpg_loaded *zdbpg_survey_find(const zdbpg_survey *survey,
									   const char *schema, const char *name);

/* The entry of a table, added when it is new. */
extern zdbpg_loaded *zdbpg_survey_table(zdbpg_survey *survey,
										const char *schema, const char *name);

#endif
