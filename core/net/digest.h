/*
 * digest - what signatures are made of: HMAC-SHA256 and base64 (OpenSSL)
 */
#ifndef ZDB_CORE_NET_DIGEST_H
#define ZDB_CORE_NET_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define ZDB_DIGEST_BYTES 32
#define ZDB_DIGEST_HEX_BYTES (2 * ZDB_DIGEST_BYTES + 1)

/* HMAC-SHA256 (RFC 2104) of bytes under key. */
zdb_rc zdb_hmac_sha256(const void *key, size_t key_len, const void *bytes,
					   size_t len, uint8_t digest[ZDB_DIGEST_BYTES],
					   zdb_err *err);

/* SHA-256 as lower-case hexadecimal digits. */
zdb_rc zdb_sha256_hex(const void *bytes, size_t len,
					  char hex[ZDB_DIGEST_HEX_BYTES], zdb_err *err);

/* MD5 in base64, as in the header Content-MD5; to be freed. */
char *zdb_md5_base64(const void *bytes, size_t len, zdb_err *err);

/* To base64 (RFC 4648, with padding), to be freed. */
char *zdb_base64(const void *bytes, size_t len, zdb_err *err);

/* From base64. Returns how many bytes were written to out, which has room for
 * strlen(text) of them; -1 when text is not base64. */
long zdb_base64_decode(const char *text, uint8_t *out);

#endif
