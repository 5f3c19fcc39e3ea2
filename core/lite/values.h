/*
 * values - what the values of a column are, and which type holds them
 *
 * SQLite keeps whatever it is given. So a type is chosen by what is declared
 * and by what is there: each declared type has a ladder (ladder.c), and the
 * first rung that all values stand on is it. No value is lost or changed.
 *
 * Times. Numbers are times only when all in the column are of one kind:
 * milliseconds since 1970 (from 10^11 on), seconds (from 10^8 on), or Julian
 * days. Those that read like 202509010413 stay numbers.
 */
#ifndef ZDB_CORE_LITE_VALUES_H
#define ZDB_CORE_LITE_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/lite/type.h"

/* So far. {.declared = ...} has seen none. */
typedef struct zdb_lite_values
{
	zdb_lite_declared declared;
	int64_t integers, reals, texts, blobs;
	int64_t smallest, largest; /* of the integers */
	size_t bytes;              /* of the longest text or blob */
	int64_t characters;        /* of the longest text; for a varchar */
	int digits, scale;         /* of a numeric: before and after its point */
	unsigned misfits;          /* a bit a type that some value is not */
	bool zoned;                /* some time has a zone */
	bool milliseconds, seconds;
	bool fractions; /* reals that are not whole */
	bool binary;    /* blobs that are no text */
} zdb_lite_values;

void zdb_lite_see_integer(zdb_lite_values *values, int64_t value);
void zdb_lite_see_real(zdb_lite_values *values, double value);
void zdb_lite_see_text(zdb_lite_values *values, const char *bytes, size_t len);
void zdb_lite_see_blob(zdb_lite_values *values, const void *bytes, size_t len);

/* The type that holds them all. ZDB_LITE_BYTEA also where numbers, texts and
 * blobs are mixed: as their bytes. */
zdb_lite_declared zdb_lite_choose(const zdb_lite_values *values);

/* Is chosen another type than the declared one asks for? */
bool zdb_lite_is_widened(const zdb_lite_values *values,
						 zdb_lite_declared chosen);

/* "integers from 0 to 7, 3 texts of up to 12 bytes" */
#define ZDB_LITE_SUMMARY_BYTES 200
void zdb_lite_summary(const zdb_lite_values *values,
					  char out[ZDB_LITE_SUMMARY_BYTES]);

#endif
