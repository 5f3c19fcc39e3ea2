/*
 * bech32 - the text form of age's keys: BIP 173, without its length limit
 */
#ifndef ZDB_CORE_AGE_BECH32_H
#define ZDB_CORE_AGE_BECH32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decode len characters, all of one case, that must begin with prefix (in
 * lower case) and "1", and carry exactly bytes bytes. What is in out after
 * false is to be wiped like a key. */
bool zdb_age_bech32_decode(const char *text, size_t len, const char *prefix,
						   uint8_t *out, size_t bytes);

#endif
