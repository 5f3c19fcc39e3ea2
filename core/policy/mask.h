/*
 * mask - which columns of a test restore lose their values, and for what
 *
 *   null             NULL
 *   hash             text: 32 letters and digits; integers: another integer,
 *                    one to one; uuid: another uuid; bytes: other bytes
 *   email            u<digits>@example.invalid
 *   name             a first and a last name
 *   phone            the same with other digits
 *   {"value": ...}   this
 *   {"sql": "..."}   what the expression gives for the row
 *
 * NULL stays NULL, except for the last two. What hash, email, name and phone
 * give follows from the value and a key alone, so equal values stay equal, in
 * every table, and different ones stay different: names get digits where they
 * are part of a key. Equal is what the column takes for equal (nocase, rtrim).
 * A column and the one it refers to get the same rule.
 *
 * The host adds tables, columns and links, has the rules taken, and applies
 * them; names are in UTF-8.
 */
#ifndef ZDB_CORE_POLICY_MASK_H
#define ZDB_CORE_POLICY_MASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/err.h"

#define ZDB_MASK_KEY_BYTES 32

typedef enum zdb_mask_kind
{
	ZDB_MASK_NONE, /* stays as it is */
	ZDB_MASK_NULL,
	ZDB_MASK_HASH,
	ZDB_MASK_EMAIL,
	ZDB_MASK_NAME,
	ZDB_MASK_PHONE,
	ZDB_MASK_VALUE,
	ZDB_MASK_SQL,
} zdb_mask_kind;

typedef enum zdb_mask_type
{
	ZDB_MASK_OTHER, /* hash, email, name and phone do not go with it */
	ZDB_MASK_TEXT,
	ZDB_MASK_INTEGER,
	ZDB_MASK_UUID,
	ZDB_MASK_ANY, /* each value has its own: SQLite */
} zdb_mask_type;

typedef struct zdb_mask_column
{
	/* the host's */
	const char *name;
	zdb_mask_type type;
	int length_max; /* in characters; 0: none */
	bool not_null;
	bool unique;    /* by itself */
	bool keyed;     /* it is part of something unique */
	bool generated; /* from other columns */
	bool nocase;    /* letters of either case are the same: those of ASCII, of
					 * others the host gives the lower ones */
	bool rtrim;     /* spaces at the end do not count */
	/* the rule */
	zdb_mask_kind kind;
	const char *text; /* of value and sql */
	struct zdb_mask_table *table;
	struct zdb_mask_column *next;
} zdb_mask_column;

typedef struct zdb_mask_table
{
	const char *schema; /* NULL: there are none */
	const char *name;
	int64_t rows; /* -1: not known */
	bool masked;
	zdb_mask_column *columns;
	struct zdb_mask_table *next;
} zdb_mask_table;

typedef struct zdb_mask
{
	zdb_arena arena;
	zdb_mask_table *tables, *last;
	struct mask_link *links;
	bool any_case; /* names are the same in any case */
	bool random;   /* the key is of this restore only */
	uint8_t key[ZDB_MASK_KEY_BYTES];
} zdb_mask;

/* Add a table, a column of it; NULL without memory. Names are copied. */
zdb_mask_table *zdb_mask_add_table(zdb_mask *mask, const char *schema,
								   const char *name);
zdb_mask_column *zdb_mask_add_column(zdb_mask *mask, zdb_mask_table *table,
									 const char *name);

/* NULL: there is none. */
zdb_mask_table *zdb_mask_find(const zdb_mask *mask, const char *schema,
							  const char *name);
zdb_mask_column *zdb_mask_column_of(const zdb_mask *mask,
									const zdb_mask_table *table,
									const char *name);

/* Columns hold the same values: refers, by a foreign key; else one table is
 * part of the other. NULL columns are nothing. */
zdb_rc zdb_mask_link(zdb_mask *mask, zdb_mask_column *from,
					 zdb_mask_column *to, bool refers, zdb_err *err);

/* Set the key from a secret; NULL: a random one. */
zdb_rc zdb_mask_set_key(zdb_mask *mask, const char *secret, zdb_err *err);

/* Take the rules, a JSON object of columns: {"users.email": "email"}. What is
 * wrong with one of them is ZDB_USAGE, a column that does not exist
 * ZDB_NOT_FOUND. */
zdb_rc zdb_mask_take(zdb_mask *mask, const char *rules, zdb_err *err);

/* Put into the report: "masked", "unmasked_suspects", "mask_key". */
void zdb_mask_report(const zdb_mask *mask, json_t *report);

/* The tables that are masked, and the key, for a helper; and back. */
json_t *zdb_mask_dump(const zdb_mask *mask);
zdb_rc zdb_mask_load(zdb_mask *mask, const char *json, zdb_err *err);

void zdb_mask_clear(zdb_mask *mask);

/* "hash"; never NULL. */
const char *zdb_mask_name(zdb_mask_kind kind);

/* Append what a text (or a uuid's, or an integer's) is masked as by hash,
 * email, name or phone. */
zdb_rc zdb_mask_fake(const zdb_mask *mask, const zdb_mask_column *column,
					 const char *text, size_t len, zdb_buf *out, zdb_err *err);

/* Append a text as all texts are written that the column takes for it. */
zdb_rc zdb_mask_fold(const zdb_mask_column *column, const char *text,
					 size_t len, zdb_buf *out, zdb_err *err);

/* What hash makes of an integer: another one, one to one, of the same sign
 * and in the same range: below 2^15, 2^31, 2^53 or any. */
zdb_rc zdb_mask_integer(const zdb_mask *mask, int64_t value, int64_t *out,
						zdb_err *err);

/* What hash makes of bytes: 32 others. */
zdb_rc zdb_mask_bytes(const zdb_mask *mask, const void *bytes, size_t len,
					  uint8_t out[32], zdb_err *err);

/* Does the name of a column suggest personal data? */
bool zdb_mask_suspect(const char *table, const char *column);

#endif
