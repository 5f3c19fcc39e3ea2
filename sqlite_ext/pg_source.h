/*
 * pg_source - a script of PostgreSQL as a SQLite database to merge from
 *
 * The script is read twice: its definitions first, which tell types, keys and
 * partitions; then the rows of the tables that take part, converted to what
 * the columns here are (core/dump/value.h), into a scratch database whose
 * tables are named as those here. Of an indexed backup only these tables'
 * chunks are read.
 */
#ifndef ZDB_SQLITE_EXT_PG_SOURCE_H
#define ZDB_SQLITE_EXT_PG_SOURCE_H

#include "core/dump/catalog.h"
#include "core/dump/script.h"
#include "core/dump/value.h"
#include "core/policy/merge.h"
#include "sqlite_ext/image.h"

/* A column of the scratch table. */
typedef struct zdblite_pg_column
{
	const char *name; /* in the script */
	const zdb_pg_type *type;
	zdb_target target;
	bool here;    /* a column of the live table takes its values */
	uint64_t cut; /* times that lost a fraction */
	struct zdblite_pg_column *next;
} zdblite_pg_column;

/* A table of the script, partitions under their root, in SQLite. */
typedef struct zdblite_pg_table
{
	zdb_pg_table *from;
	const char *name; /* of the live table, and of the scratch table */
	bool live;        /* it is here */
	bool wanted;      /* its rows are loaded */
	bool made;        /* the scratch table is there, with these columns: */
	zdblite_pg_column *columns;
	struct zdblite_pg_table *next;
} zdblite_pg_table;

typedef struct zdblite_pg
{
	zdblite_call *call;
	zdb_reader *reader;
	zdb_merge *merge;
	zdblite_image *image;
	const char *file;
	zdb_catalog catalog; /* its arena holds all of this, too */
	zdblite_pg_table *tables, *last;
	uint64_t chunks_read;
} zdblite_pg;

/* Open the script as an image; a scratch file is made beside the path
 * "beside". *chunks_read: of an indexed backup. */
zdb_rc zdblite_pg_image(zdblite_image *image, zdblite_call *call,
						zdb_reader *reader, zdb_merge *merge,
						const char *beside, uint64_t *chunks_read);

/* Go through a script's statements that are not rows (of a foreign file,
 * through all) into the catalog (pg_survey.c). */
zdb_rc zdblite_pg_survey(zdblite_pg *self);

/* Decide which tables take part, and as what (pg_survey.c). */
zdb_rc zdblite_pg_choose(zdblite_pg *self);

/* Make the scratch table for rows with these columns, or for none that there
 * are (pg_table.c). */
zdb_rc zdblite_pg_make(zdblite_pg *self, zdblite_pg_table *table,
					   const zdb_pg_name *columns);

/* Say in the scratch tables what the script keeps unique (pg_table.c). */
zdb_rc zdblite_pg_keys(zdblite_pg *self);

/* Load the rows (pg_rows.c). */
zdb_rc zdblite_pg_rows(zdblite_pg *self);

#endif
