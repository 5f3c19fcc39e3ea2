/*
 * type - PostgreSQL's types, as far as their values need different treatment
 */
#ifndef ZDB_CORE_DUMP_TYPE_H
#define ZDB_CORE_DUMP_TYPE_H

#include <stdbool.h>

typedef enum zdb_pg_kind
{
	ZDB_PG_TEXT, /* enums, json, inet, ranges and all others */
	ZDB_PG_BOOLEAN,
	ZDB_PG_INTEGER,
	ZDB_PG_NUMERIC,
	ZDB_PG_FLOAT,
	ZDB_PG_BYTEA,
	ZDB_PG_UUID,
	ZDB_PG_JSONB,
	ZDB_PG_DATE,
	ZDB_PG_TIMESTAMP, /* with time zone, too: the text has it */
} zdb_pg_kind;

typedef struct zdb_pg_type
{
	zdb_pg_kind kind;
	bool array;
	bool text;     /* of kind TEXT: text, varchar and the like */
	bool nocase;   /* a text, of which upper and lower case are the same */
	bool padded;   /* a text, of which blanks at the end do not count */
	int precision; /* of numeric, length of a text; 0: none was given */
	int scale;
} zdb_pg_type;

#endif
