/*
 * crypto - the primitives that age is made of, from OpenSSL
 *
 * HKDF-SHA-256 (RFC 5869), HMAC-SHA-256 (RFC 2104), X25519 (RFC 7748), scrypt
 * (RFC 7914). Lengths are those that age uses. What fails here is the library:
 * ZDB_INTERNAL, or no memory.
 */
#ifndef ZDB_CORE_AGE_CRYPTO_H
#define ZDB_CORE_AGE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define ZDB_AGE_FILE_KEY_BYTES 16
#define ZDB_AGE_KEY_BYTES 32
#define ZDB_AGE_TAG_BYTES 16
#define ZDB_AGE_WRAPPED_BYTES (ZDB_AGE_FILE_KEY_BYTES + ZDB_AGE_TAG_BYTES)

/* Overwrite a secret; not optimised away. NULL is fine. */
void zdb_age_wipe(void *secret, size_t len);

/* Wipe and free. NULL is fine. */
void zdb_age_wipe_free(void *secret, size_t len);

/* Bytes that nobody can guess. */
zdb_rc zdb_age_random(void *out, size_t len, zdb_err *err);

/* One HMAC over bytes. */
zdb_rc zdb_age_hmac(const void *key, size_t key_len, const void *bytes,
					size_t len, uint8_t mac[ZDB_AGE_KEY_BYTES], zdb_err *err);

/* HKDF with an output of 32 bytes; info is a text. */
zdb_rc zdb_age_hkdf(const void *secret, size_t secret_len, const void *salt,
					size_t salt_len, const char *info,
					uint8_t out[ZDB_AGE_KEY_BYTES], zdb_err *err);

/* The public key of a secret one. */
zdb_rc zdb_age_x25519_public(const uint8_t secret[ZDB_AGE_KEY_BYTES],
							 uint8_t out[ZDB_AGE_KEY_BYTES], zdb_err *err);

/* The secret shared with another's public key. *low is set when that key is of
 * low order: then everybody knows the "secret". */
zdb_rc zdb_age_x25519_shared(const uint8_t secret[ZDB_AGE_KEY_BYTES],
							 const uint8_t public_key[ZDB_AGE_KEY_BYTES],
							 uint8_t out[ZDB_AGE_KEY_BYTES], bool *low,
							 zdb_err *err);

/* N is 2^work; takes 1 KiB of memory times N. */
zdb_rc zdb_age_scrypt_key(const char *passphrase, const void *salt,
						  size_t salt_len, int work,
						  uint8_t out[ZDB_AGE_KEY_BYTES], zdb_err *err);

#endif
