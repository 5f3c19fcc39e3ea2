/*
 * crypto - the primitives that age is made of, from OpenSSL
 */
#include "core/age/crypto.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "core/base/mem.h"

#define SCRYPT_R 8
#define SCRYPT_P 1

static zdb_rc
failed(const char *what, zdb_err *err)
{
	return zdb_err_set(err, ZDB_INTERNAL, "OpenSSL could not compute %s",
					   what);
}

void
zdb_age_wipe(void *secret, size_t len)
{
	if (secret)
		OPENSSL_cleanse(secret, len);
}

void
zdb_age_wipe_free(void *secret, size_t len)
{
	zdb_age_wipe(secret, len);
	zdb_free(secret);
}

zdb_rc
zdb_age_random(void *out, size_t len, zdb_err *err)
{
	if (RAND_bytes(out, (int) len) != 1)
		return failed("random bytes", err);
	return ZDB_OK;
}

zdb_rc
zdb_age_hmac(const void *key, size_t key_len, const void *bytes, size_t len,
			 uint8_t mac[ZDB_AGE_KEY_BYTES], zdb_err *err)
{
	if (!HMAC(EVP_sha256(), key, (int) key_len, bytes, len, mac, NULL))
		return failed("HMAC", err);
	return ZDB_OK;
}

/* RFC 5869: extract, then the first block of expand. */
zdb_rc
zdb_age_hkdf(const void *secret, size_t secret_len, const void *salt,
			 size_t salt_len, const char *info, uint8_t out[ZDB_AGE_KEY_BYTES],
			 zdb_err *err)
{
	uint8_t prk[ZDB_AGE_KEY_BYTES], block[64];
	size_t len = strlen(info);

	memcpy(block, info, len);
	block[len] = 1;
	if (zdb_age_hmac(salt, salt_len, secret, secret_len, prk, err) == ZDB_OK)
		zdb_age_hmac(prk, sizeof prk, block, len + 1, out, err);
	zdb_age_wipe(prk, sizeof prk);
	return err->code;
}

zdb_rc
zdb_age_x25519_public(const uint8_t secret[ZDB_AGE_KEY_BYTES],
					  uint8_t out[ZDB_AGE_KEY_BYTES], zdb_err *err)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret,
												 ZDB_AGE_KEY_BYTES);
	size_t len = ZDB_AGE_KEY_BYTES;

	if (!key || EVP_PKEY_get_raw_public_key(key, out, &len) != 1)
		failed("X25519", err);
	EVP_PKEY_free(key);
	return err->code;
}

/* OpenSSL fails where the result is zero, and tells no other failure. */
zdb_rc
zdb_age_x25519_shared(const uint8_t secret[ZDB_AGE_KEY_BYTES],
					  const uint8_t public_key[ZDB_AGE_KEY_BYTES],
					  uint8_t out[ZDB_AGE_KEY_BYTES], bool *low, zdb_err *err)
{
	EVP_PKEY *ours = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL,
												  secret, ZDB_AGE_KEY_BYTES);
	EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_X25519, NULL, public_key, ZDB_AGE_KEY_BYTES);
	EVP_PKEY_CTX *context = ours ? EVP_PKEY_CTX_new(ours, NULL) : NULL;
	size_t len = ZDB_AGE_KEY_BYTES;

	*low = false;
	if (!theirs || !context || EVP_PKEY_derive_init(context) != 1 ||
		EVP_PKEY_derive_set_peer(context, theirs) != 1)
		failed("X25519", err);
	else
	{
		ERR_set_mark();
		*low = EVP_PKEY_derive(context, out, &len) != 1;
		ERR_pop_to_mark();
	}
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(ours);
	return err->code;
}

zdb_rc
zdb_age_scrypt_key(const char *passphrase, const void *salt, size_t salt_len,
				   int work, uint8_t out[ZDB_AGE_KEY_BYTES], zdb_err *err)
{
	uint64_t n = 1ull << work;
	uint64_t most = 128 * SCRYPT_R * (n + SCRYPT_P + 32);

	if (EVP_PBE_scrypt(passphrase, strlen(passphrase), salt, salt_len, n,
					   SCRYPT_R, SCRYPT_P, most, out, ZDB_AGE_KEY_BYTES) != 1)
	{
		zdb_err_set(err, ZDB_NOMEM,
					"could not derive a key from the passphrase");
		zdb_err_hint(err, "That takes %llu MiB of memory for a moment.",
					 (unsigned long long) (n >> 10));
	}
	return err->code;
}
