/*
 * stream - the chunks of an age payload, sealed and opened one by one
 */
#include "core/age/stream.h"

#include <string.h>

zdb_rc
zdb_age_stream_new(const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
				   const uint8_t nonce[ZDB_AGE_NONCE_BYTES],
				   zdb_age_aead **out, zdb_err *err)
{
	uint8_t key[ZDB_AGE_KEY_BYTES];

	*out = NULL;
	if (zdb_age_hkdf(file_key, ZDB_AGE_FILE_KEY_BYTES, nonce,
					 ZDB_AGE_NONCE_BYTES, "payload", key, err) == ZDB_OK)
		zdb_age_aead_new(key, out, err);
	zdb_age_wipe(key, sizeof key);
	return err->code;
}

/* The number's upper three of 11 bytes stay zero: 2^64 chunks are enough. */
static void
make_nonce(uint64_t number, bool last, uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES])
{
	memset(nonce, 0, ZDB_AGE_AEAD_NONCE_BYTES);
	for (int i = 0; i < 8; i++)
		nonce[10 - i] = (uint8_t) (number >> 8 * i);
	nonce[11] = last;
}

zdb_rc
zdb_age_stream_seal(zdb_age_aead *payload, uint64_t number, bool last,
					const void *plain, size_t len, uint8_t *sealed,
					zdb_err *err)
{
	uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES];

	make_nonce(number, last, nonce);
	return zdb_age_aead_seal(payload, nonce, plain, len, sealed, err);
}

zdb_rc
zdb_age_stream_open(zdb_age_aead *payload, uint64_t number, bool last,
					const uint8_t *sealed, size_t len, void *plain, bool *ok,
					zdb_err *err)
{
	uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES];

	make_nonce(number, last, nonce);
	return zdb_age_aead_open(payload, nonce, sealed, len, plain, ok, err);
}
