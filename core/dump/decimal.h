/*
 * decimal - a number in decimal text, and whether a machine's number is it
 *
 * Text such as PostgreSQL's numeric goes into a 64-bit integer or a double
 * only when nothing is lost: the integer is the number, or the double's
 * shortest digits are the number's digits, so that it comes back the same.
 */
#ifndef ZDB_CORE_DUMP_DECIMAL_H
#define ZDB_CORE_DUMP_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZDB_DECIMAL_DIGITS 40

typedef struct zdb_decimal
{
	bool negative;
	/* without zeros at either end; none: the number is 0 */
	char digits[ZDB_DECIMAL_DIGITS + 1];
	size_t count;     /* more than ZDB_DECIMAL_DIGITS: the rest is cut off */
	int64_t exponent; /* power of ten of the last digit, of all of them */
	bool canonical;   /* the text has no sign, digit or space too many */
} zdb_decimal;

/* Read all of text: what SQLite takes for a number, with spaces around it.
 * Returns false when it is none. */
bool zdb_decimal_parse(const char *text, size_t len, zdb_decimal *out);

/* Exactly, or false. */
bool zdb_decimal_integer(const zdb_decimal *decimal, int64_t *out);
bool zdb_decimal_real(const zdb_decimal *decimal, double *out);

/* The nearest double, or false when it is too large. */
bool zdb_decimal_nearest(const zdb_decimal *decimal, double *out);

#endif
