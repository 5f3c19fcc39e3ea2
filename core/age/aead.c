/*
 * aead - ChaCha20-Poly1305 (RFC 8439) under one key
 */
#include "core/age/aead.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/base/mem.h"

const uint8_t zdb_age_nonce_zero[ZDB_AGE_AEAD_NONCE_BYTES] = {0};

struct zdb_age_aead
{
	EVP_CIPHER_CTX *seal; /* both have the key and wipe it when freed */
	EVP_CIPHER_CTX *open;
};

static zdb_rc
failed(zdb_err *err)
{
	return zdb_err_set(err, ZDB_INTERNAL,
					   "OpenSSL could not compute ChaCha20-Poly1305");
}

zdb_rc
zdb_age_aead_new(const uint8_t key[ZDB_AGE_KEY_BYTES], zdb_age_aead **out,
				 zdb_err *err)
{
	const EVP_CIPHER *cipher = EVP_chacha20_poly1305();
	zdb_age_aead *aead = zdb_calloc(1, sizeof *aead);

	*out = aead;
	if (!aead)
		return zdb_err_nomem(err);
	aead->seal = EVP_CIPHER_CTX_new();
	aead->open = EVP_CIPHER_CTX_new();
	if (aead->seal && aead->open &&
		EVP_EncryptInit_ex(aead->seal, cipher, NULL, key, NULL) == 1 &&
		EVP_DecryptInit_ex(aead->open, cipher, NULL, key, NULL) == 1)
		return ZDB_OK;
	zdb_age_aead_free(aead);
	*out = NULL;
	return failed(err);
}

zdb_rc
zdb_age_aead_seal(zdb_age_aead *aead,
				  const uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES],
				  const void *plain, size_t len, uint8_t *sealed, zdb_err *err)
{
	int done, end;

	if (EVP_EncryptInit_ex(aead->seal, NULL, NULL, NULL, nonce) != 1 ||
		EVP_EncryptUpdate(aead->seal, sealed, &done, plain, (int) len) != 1 ||
		EVP_EncryptFinal_ex(aead->seal, sealed + done, &end) != 1 ||
		EVP_CIPHER_CTX_ctrl(aead->seal, EVP_CTRL_AEAD_GET_TAG,
							ZDB_AGE_TAG_BYTES, sealed + len) != 1)
		return failed(err);
	return ZDB_OK;
}

zdb_rc
zdb_age_aead_open(zdb_age_aead *aead,
				  const uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES],
				  const uint8_t *sealed, size_t len, void *plain, bool *ok,
				  zdb_err *err)
{
	int text = (int) len - ZDB_AGE_TAG_BYTES;
	uint8_t tag[ZDB_AGE_TAG_BYTES];
	int done, end;

	*ok = false;
	if (text < 0)
		return ZDB_OK;
	memcpy(tag, sealed + text, sizeof tag);
	if (EVP_DecryptInit_ex(aead->open, NULL, NULL, NULL, nonce) != 1 ||
		EVP_CIPHER_CTX_ctrl(aead->open, EVP_CTRL_AEAD_SET_TAG, sizeof tag,
							tag) != 1 ||
		EVP_DecryptUpdate(aead->open, plain, &done, sealed, text) != 1)
		return failed(err);
	ERR_set_mark(); /* a wrong tag is no trouble of the host's TLS */
	*ok = EVP_DecryptFinal_ex(aead->open, (uint8_t *) plain + done, &end) == 1;
	ERR_pop_to_mark();
	if (!*ok)
		zdb_age_wipe(plain, (size_t) text);
	return ZDB_OK;
}

void
zdb_age_aead_free(zdb_age_aead *aead)
{
	if (!aead)
		return;
	EVP_CIPHER_CTX_free(aead->seal);
	EVP_CIPHER_CTX_free(aead->open);
	zdb_free(aead);
}

zdb_rc
zdb_age_wrap(const uint8_t key[ZDB_AGE_KEY_BYTES],
			 const uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES],
			 const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
			 uint8_t body[ZDB_AGE_WRAPPED_BYTES], zdb_err *err)
{
	zdb_age_aead *once;

	if (zdb_age_aead_new(key, &once, err) == ZDB_OK)
		zdb_age_aead_seal(once, nonce, file_key, ZDB_AGE_FILE_KEY_BYTES, body,
						  err);
	zdb_age_aead_free(once);
	return err->code;
}

zdb_rc
zdb_age_unwrap(const uint8_t key[ZDB_AGE_KEY_BYTES],
			   const uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES],
			   const uint8_t body[ZDB_AGE_WRAPPED_BYTES],
			   uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match,
			   zdb_err *err)
{
	zdb_age_aead *once;

	*match = false;
	if (zdb_age_aead_new(key, &once, err) == ZDB_OK)
		zdb_age_aead_open(once, nonce, body, ZDB_AGE_WRAPPED_BYTES, file_key,
						  match, err);
	zdb_age_aead_free(once);
	return err->code;
}
