/*
 * digest - what signatures are made of: HMAC-SHA256 and base64 (OpenSSL)
 */
#include "core/net/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/mem.h"

#define MD5_BYTES 16

zdb_rc
zdb_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
				uint8_t digest[ZDB_DIGEST_BYTES], zdb_err *err)
{
	if (key_len > INT_MAX ||
		!HMAC(EVP_sha256(), key, (int) key_len, bytes, len, digest, NULL))
		return zdb_err_set(err, ZDB_INTERNAL, "could not compute HMAC-SHA256");
	return ZDB_OK;
}

zdb_rc
zdb_sha256_hex(const void *bytes, size_t len, char hex[ZDB_DIGEST_HEX_BYTES],
			   zdb_err *err)
{
	uint8_t digest[ZDB_DIGEST_BYTES];

	if (EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return zdb_err_set(err, ZDB_INTERNAL, "could not compute SHA-256");
	zdb_hex(digest, sizeof digest, hex);
	return ZDB_OK;
}

char *
zdb_md5_base64(const void *bytes, size_t len, zdb_err *err)
{
	uint8_t digest[MD5_BYTES];

	if (EVP_Digest(bytes, len, digest, NULL, EVP_md5(), NULL) == 1)
		return zdb_base64(digest, sizeof digest, err);
	zdb_err_set(err, ZDB_UNSUPPORTED, "OpenSSL refuses to compute MD5");
	return NULL;
}

char *
zdb_base64(const void *bytes, size_t len, zdb_err *err)
{
	char *text = len < INT_MAX / 2 ? zdb_malloc((len + 2) / 3 * 4 + 1) : NULL;

	if (!text)
		zdb_err_nomem(err);
	else
		EVP_EncodeBlock((unsigned char *) text, bytes, (int) len);
	return text;
}

/* EVP_DecodeBlock takes blanks at the ends, and counts padding as bytes. */
long
zdb_base64_decode(const char *text, uint8_t *out)
{
	size_t len = strlen(text);
	size_t digits =
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					 "0123456789+/");
	size_t padding = strspn(text + digits, "=");

	if (len % 4 != 0 || len > INT_MAX || padding > 2 ||
		digits + padding != len)
		return -1;
	return EVP_DecodeBlock(out, (const unsigned char *) text, (int) len) -
		   (long) padding;
}
