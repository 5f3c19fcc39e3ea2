/*
 * keccak - SHA-3 and SHAKE (FIPS 202) of some pieces, from OpenSSL
 */
#include "core/age/keccak.h"

#include <stdbool.h>

#include <openssl/evp.h>

static const EVP_MD *
function_of(zdb_keccak function)
{
	switch (function)
	{
		case ZDB_SHA3_256:
			return EVP_sha3_256();
		case ZDB_SHA3_512:
			return EVP_sha3_512();
		case ZDB_SHAKE128:
			return EVP_shake128();
		case ZDB_SHAKE256:
			return EVP_shake256();
	}
	return NULL;
}

zdb_rc
zdb_keccak_hash(zdb_keccak function, const zdb_piece *pieces, int count,
				void *out, size_t out_len, zdb_err *err)
{
	bool shake = function == ZDB_SHAKE128 || function == ZDB_SHAKE256;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = context &&
			  EVP_DigestInit_ex(context, function_of(function), NULL) == 1;

	for (int i = 0; i < count && ok; i++)
		ok = EVP_DigestUpdate(context, pieces[i].bytes, pieces[i].len) == 1;
	if (ok)
		ok = shake ? EVP_DigestFinalXOF(context, out, out_len) == 1
				   : EVP_DigestFinal_ex(context, out, NULL) == 1;
	EVP_MD_CTX_free(context);
	return ok ? ZDB_OK
			  : zdb_err_set(err, ZDB_INTERNAL,
							"OpenSSL could not compute SHA-3");
}
