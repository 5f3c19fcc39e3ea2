/*
 * value_text - one value as COPY writes it, fast where the type allows
 *
 * The text is what the type's output function gives under DateStyle ISO,
 * TimeZone UTC, extra_float_digits 3 and bytea_output hex, escaped. Types are
 * known by their output function, so that domains are as fast as their base.
 */
#ifndef ZDB_PG_EXT_VALUE_TEXT_H
#define ZDB_PG_EXT_VALUE_TEXT_H

#include "postgres.h"

#include "fmgr.h"

#include "pg_ext/out.h"

/* What one column needs; holds caches, so one owner. */
typedef struct zdbpg_column
{
	void (*write)(struct zdbpg_column *column, zdbpg_out *out, Datum value);
	FmgrInfo output;
	int attnum; /* from 1 */
	int32 day;  /* the date in day_text; see value_time.c */
	char day_text[16];
} zdbpg_column;

/* Choose the writer for a type. */
extern void zdbpg_column_init(zdbpg_column *column, int attnum, Oid type);

/* Through the output function; memory goes to the current context. */
extern void zdbpg_write_any(zdbpg_column *column, zdbpg_out *out, Datum value);

/* In files of their own. */
extern void zdbpg_write_numeric(zdbpg_column *column, zdbpg_out *out,
								Datum value);
extern void zdbpg_write_jsonb(zdbpg_column *column, zdbpg_out *out,
							  Datum value);
extern void zdbpg_write_date(zdbpg_column *column, zdbpg_out *out,
							 Datum value);
extern void zdbpg_write_timestamp(zdbpg_column *column, zdbpg_out *out,
								  Datum value);
extern void zdbpg_write_timestamptz(zdbpg_column *column, zdbpg_out *out,
									Datum value);

#endif
