/*
 * armor - age files as text: PEM (RFC 7468), strictly
 *
 * Nobody armors a backup twice: the text is decoded into memory, and a long
 * one refused.
 */
#ifndef ZDB_CORE_AGE_ARMOR_H
#define ZDB_CORE_AGE_ARMOR_H

#include <stdbool.h>

#include "core/io/source.h"

#define ZDB_AGE_ARMOR_BYTES_MAX (64u << 20)

/* So many bytes show whether a file is armored: white space may precede. */
#define ZDB_AGE_ARMOR_HEAD_BYTES 1100

/* Does a file with this beginning want to be decoded? */
bool zdb_age_armor_is(const char *head, size_t len);

/* Decode under; *out reads the bytes, has its name, and does not own it. What
 * is not well formed is ZDB_DAMAGED. */
zdb_rc zdb_age_armor_open(zdb_source *under, zdb_source **out, zdb_err *err);

#endif
