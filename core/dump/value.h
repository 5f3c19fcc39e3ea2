/*
 * value - a value of PostgreSQL as a column of SQLite takes it
 *
 * https://www.sqlite.org/datatype3.html: a column of SQLite has an affinity,
 * which turns text into numbers and numbers into text. So what is to be bound
 * is decided here, such that the affinity changes nothing any more and nothing
 * is lost; what cannot be had so is ZDB_MISMATCH.
 *
 *   boolean        0, 1; true, false in a text column
 *   integers       integers; in a REAL column up to 2^53
 *   numeric        integers and doubles where they are exactly it; else text,
 *                  where the column leaves that alone
 *   real, double   doubles; never NaN, which SQLite takes for NULL
 *   bytea          blobs
 *   uuid           text; 16 bytes in a BLOB column
 *   date, time     as the column writes them: moment.h
 *   jsonb          text without the spaces that PostgreSQL puts in
 *   arrays         JSON text
 *   all others     text, as it is
 */
#ifndef ZDB_CORE_DUMP_VALUE_H
#define ZDB_CORE_DUMP_VALUE_H

#include "core/base/buf.h"
#include "core/dump/copy.h"
#include "core/dump/moment.h"
#include "core/dump/type.h"

typedef enum zdb_affinity
{
	ZDB_AFFINITY_NONE,
	ZDB_AFFINITY_TEXT,
	ZDB_AFFINITY_NUMERIC,
	ZDB_AFFINITY_INTEGER,
	ZDB_AFFINITY_REAL,
} zdb_affinity;

typedef enum zdb_cell_kind
{
	ZDB_CELL_NULL,
	ZDB_CELL_INTEGER,
	ZDB_CELL_REAL,
	ZDB_CELL_TEXT,
	ZDB_CELL_BLOB,
} zdb_cell_kind;

/* A column of SQLite. */
typedef struct zdb_target
{
	zdb_affinity affinity;
	bool blob;           /* it is declared for blobs */
	zdb_cell_kind only;  /* of a STRICT table, or of a rowid; NULL: any */
	zdb_time_style time; /* how it writes times */
} zdb_target;

typedef struct zdb_cell
{
	zdb_cell_kind kind;
	int64_t integer;
	double real;
	const char *bytes; /* text or blob; the field's or the buffer's */
	size_t len;
	bool cut; /* fractions of a unit of time are lost */
} zdb_cell;

/* The affinity that a declared type gives; it may be NULL. */
zdb_affinity zdb_affinity_of(const char *declared);

/* Convert a field, whose bytes may be changed. The buffer is for what does
 * not fit in their place; it is emptied. */
zdb_rc zdb_value_convert(const zdb_pg_type *type, const zdb_target *target,
						 zdb_copy_field *field, zdb_buf *buffer,
						 zdb_cell *cell, zdb_err *err);

#endif
