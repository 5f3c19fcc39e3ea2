/*
 * type - the declared type of a column of SQLite, and its like in PostgreSQL
 *
 * Names that ORMs use are known as what they mean there; the rest goes by
 * SQLite's affinity (https://www.sqlite.org/datatype3.html).
 */
#ifndef ZDB_CORE_LITE_TYPE_H
#define ZDB_CORE_LITE_TYPE_H

typedef enum zdb_lite_type
{
	ZDB_LITE_ANY, /* declared only: as the values are */
	ZDB_LITE_BOOLEAN,
	ZDB_LITE_BIGINT,
	ZDB_LITE_DOUBLE,
	ZDB_LITE_NUMERIC,
	ZDB_LITE_TEXT,
	ZDB_LITE_VARCHAR,
	ZDB_LITE_BYTEA,
	ZDB_LITE_DATE,
	ZDB_LITE_TIME,
	ZDB_LITE_TIMESTAMP,
	ZDB_LITE_TIMESTAMPTZ,
	ZDB_LITE_JSON,
	ZDB_LITE_JSONB,
} zdb_lite_type;

typedef struct zdb_lite_declared
{
	zdb_lite_type type;
	int length; /* of a varchar, or precision of a numeric; 0: none */
	int scale;
} zdb_lite_declared;

/* What a column's declared type asks for; "" is ZDB_LITE_ANY. */
zdb_lite_declared zdb_lite_declared_of(const char *text);

/* Its name in PostgreSQL, with length or precision. */
#define ZDB_LITE_TYPE_BYTES 64
void zdb_lite_type_name(zdb_lite_declared type, char out[ZDB_LITE_TYPE_BYTES]);

#endif
