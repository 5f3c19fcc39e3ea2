/*
 * mlkem - ML-KEM-768 (FIPS 203), a key encapsulation against quantum computers
 *
 * OpenSSL has it from 3.5 on; older ones have the Keccak functions that it
 * stands on. Nothing branches, indexes or divides by a secret. Tested against
 * the vectors of age, and against another implementation.
 */
#ifndef ZDB_CORE_AGE_MLKEM_H
#define ZDB_CORE_AGE_MLKEM_H

#include "core/age/crypto.h"

#define ZDB_MLKEM_SEED_BYTES 64
#define ZDB_MLKEM_PUBLIC_BYTES 1184
#define ZDB_MLKEM_CIPHER_BYTES 1088
#define ZDB_MLKEM_SHARED_BYTES 32

/* The public key of a seed (d, then z). */
zdb_rc zdb_mlkem_public(const uint8_t seed[ZDB_MLKEM_SEED_BYTES],
						uint8_t out[ZDB_MLKEM_PUBLIC_BYTES], zdb_err *err);

/* Is it a public key at all? */
bool zdb_mlkem_is_public(const uint8_t key[ZDB_MLKEM_PUBLIC_BYTES]);

/* A shared secret, and what its holder needs to know it too; message is random
 * and used once. */
zdb_rc zdb_mlkem_encapsulate(const uint8_t key[ZDB_MLKEM_PUBLIC_BYTES],
							 const uint8_t message[ZDB_MLKEM_SHARED_BYTES],
							 uint8_t cipher[ZDB_MLKEM_CIPHER_BYTES],
							 uint8_t shared[ZDB_MLKEM_SHARED_BYTES],
							 zdb_err *err);

/* The shared secret again. A cipher text that was changed gives another one,
 * and no error. */
zdb_rc zdb_mlkem_decapsulate(const uint8_t seed[ZDB_MLKEM_SEED_BYTES],
							 const uint8_t cipher[ZDB_MLKEM_CIPHER_BYTES],
							 uint8_t shared[ZDB_MLKEM_SHARED_BYTES],
							 zdb_err *err);

#endif
