/*
 * keccak - SHA-3 and SHAKE (FIPS 202) of some pieces, from OpenSSL
 */
#ifndef ZDB_CORE_AGE_KECCAK_H
#define ZDB_CORE_AGE_KECCAK_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

typedef enum zdb_keccak
{
	ZDB_SHA3_256,
	ZDB_SHA3_512,
	ZDB_SHAKE128,
	ZDB_SHAKE256,
} zdb_keccak;

typedef struct zdb_piece
{
	const void *bytes;
	size_t len;
} zdb_piece;

/* Hash pieces one after the other; out_len is the function's own, or what is
 * wanted of SHAKE. */
zdb_rc zdb_keccak_hash(zdb_keccak function, const zdb_piece *pieces, int count,
					   void *out, size_t out_len, zdb_err *err);

#endif
