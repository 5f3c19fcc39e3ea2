/*
 * base64 - RFC 4648, section 4, as strictly as age wants it
 *
 * Only canonical encodings are decoded: no white space, no bits behind the
 * last byte. age's headers have no padding, its armor has.
 */
#ifndef ZDB_CORE_AGE_BASE64_H
#define ZDB_CORE_AGE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Digits that len bytes become, without padding. */
size_t zdb_age_base64_digits(size_t len);

/* Write digits and a NUL, without padding. */
void zdb_age_base64_encode(const uint8_t *bytes, size_t len, char *out);

/* Decode digits without padding. out has room for digits * 3 / 4 bytes, and
 * *len gets how many there are. Returns false for what is not canonical. */
bool zdb_age_base64_decode(const char *text, size_t digits, uint8_t *out,
						   size_t *len);

/* Like zdb_age_base64_decode(), but with padding. */
bool zdb_age_base64_decode_padded(const char *text, size_t digits,
								  uint8_t *out, size_t *len);

#endif
