/*
 * aead - ChaCha20-Poly1305 (RFC 8439) under one key
 *
 * A pair of key and nonce must never seal two different texts: their
 * difference would lie open, and forgeries with it. Whoever seals takes care
 * of that.
 */
#ifndef ZDB_CORE_AGE_AEAD_H
#define ZDB_CORE_AGE_AEAD_H

#include "core/age/crypto.h"

#define ZDB_AGE_AEAD_NONCE_BYTES 12

typedef struct zdb_age_aead zdb_age_aead;

/* One thread at a time. NULL in *out after an error. */
zdb_rc zdb_age_aead_new(const uint8_t key[ZDB_AGE_KEY_BYTES],
						zdb_age_aead **out, zdb_err *err);

/* sealed gets len + ZDB_AGE_TAG_BYTES. */
zdb_rc zdb_age_aead_seal(zdb_age_aead *aead,
						 const uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES],
						 const void *plain, size_t len, uint8_t *sealed,
						 zdb_err *err);

/* len includes the tag; plain gets the rest. *ok tells whether it is what was
 * sealed; if not, plain is zeroed. */
zdb_rc zdb_age_aead_open(zdb_age_aead *aead,
						 const uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES],
						 const uint8_t *sealed, size_t len, void *plain,
						 bool *ok, zdb_err *err);

void zdb_age_aead_free(zdb_age_aead *aead);

/* The file key under a key that is used once, with this nonce. */
zdb_rc zdb_age_wrap(const uint8_t key[ZDB_AGE_KEY_BYTES],
					const uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES],
					const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
					uint8_t body[ZDB_AGE_WRAPPED_BYTES], zdb_err *err);

/* *match tells whether it is the right key. */
zdb_rc zdb_age_unwrap(const uint8_t key[ZDB_AGE_KEY_BYTES],
					  const uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES],
					  const uint8_t body[ZDB_AGE_WRAPPED_BYTES],
					  uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match,
					  zdb_err *err);

/* The nonce of a key that is used once. */
extern const uint8_t zdb_age_nonce_zero[ZDB_AGE_AEAD_NONCE_BYTES];

#endif
