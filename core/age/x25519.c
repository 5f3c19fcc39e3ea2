/*
 * x25519 - a file key for the holder of a key pair: "age1..." recipients
 *
 *   -> X25519 <ephemeral share>
 *   <file key under HKDF(X25519(ephemeral, recipient), share || recipient)>
 */
#include "core/age/kind.h"

#include <string.h>

#include "core/age/aead.h"
#include "core/age/base64.h"

#define TYPE "X25519"
#define INFO "age-encryption.org/v1/X25519"
#define SHARE_DIGITS 43 /* of 32 bytes */

static zdb_rc
wrap_key(const uint8_t shared[ZDB_AGE_KEY_BYTES],
		 const uint8_t share[ZDB_AGE_KEY_BYTES],
		 const uint8_t recipient[ZDB_AGE_KEY_BYTES],
		 uint8_t key[ZDB_AGE_KEY_BYTES], zdb_err *err)
{
	uint8_t salt[2 * ZDB_AGE_KEY_BYTES];

	memcpy(salt, share, ZDB_AGE_KEY_BYTES);
	memcpy(salt + ZDB_AGE_KEY_BYTES, recipient, ZDB_AGE_KEY_BYTES);
	return zdb_age_hkdf(shared, ZDB_AGE_KEY_BYTES, salt, sizeof salt, INFO,
						key, err);
}

static zdb_rc
refuse_low(zdb_err *err)
{
	return zdb_err_set(err, ZDB_USAGE,
					   "an age recipient is a point of low order: everybody "
					   "could decrypt");
}

static zdb_rc
x25519_wrap(const uint8_t *recipient,
			const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], zdb_buf *header,
			zdb_err *err)
{
	uint8_t ephemeral[ZDB_AGE_KEY_BYTES], shared[ZDB_AGE_KEY_BYTES];
	uint8_t key[ZDB_AGE_KEY_BYTES], share[ZDB_AGE_KEY_BYTES];
	uint8_t body[ZDB_AGE_WRAPPED_BYTES];
	char digits[SHARE_DIGITS + 1];
	const char *args[] = {TYPE, digits, NULL};
	bool low = false;

	if (zdb_age_random(ephemeral, sizeof ephemeral, err) == ZDB_OK &&
		zdb_age_x25519_public(ephemeral, share, err) == ZDB_OK &&
		zdb_age_x25519_shared(ephemeral, recipient, shared, &low, err) ==
			ZDB_OK &&
		!low && wrap_key(shared, share, recipient, key, err) == ZDB_OK &&
		zdb_age_wrap(key, zdb_age_nonce_zero, file_key, body, err) == ZDB_OK)
	{
		zdb_age_base64_encode(share, sizeof share, digits);
		zdb_age_header_stanza(header, args, body, sizeof body, err);
	}
	zdb_age_wipe(ephemeral, sizeof ephemeral);
	zdb_age_wipe(shared, sizeof shared);
	zdb_age_wipe(key, sizeof key);
	return low ? refuse_low(err) : err->code;
}

static zdb_rc
x25519_unwrap(const uint8_t identity[ZDB_AGE_KEY_BYTES],
			  const zdb_age_header *header, const zdb_age_stanza *stanza,
			  uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match,
			  zdb_err *err)
{
	uint8_t share[ZDB_AGE_KEY_BYTES], recipient[ZDB_AGE_KEY_BYTES];
	uint8_t shared[ZDB_AGE_KEY_BYTES], key[ZDB_AGE_KEY_BYTES];
	bool low = false;

	*match = false;
	if (strcmp(stanza->args[0], TYPE) != 0)
		return ZDB_OK;
	if (zdb_age_header_share(header, stanza, share, sizeof share, err) ==
			ZDB_OK &&
		zdb_age_x25519_public(identity, recipient, err) == ZDB_OK &&
		zdb_age_x25519_shared(identity, share, shared, &low, err) == ZDB_OK &&
		!low && wrap_key(shared, share, recipient, key, err) == ZDB_OK)
		zdb_age_unwrap(key, zdb_age_nonce_zero, stanza->body, file_key, match,
					   err);
	zdb_age_wipe(shared, sizeof shared);
	zdb_age_wipe(key, sizeof key);
	if (low)
		zdb_age_header_bad_stanza(header, stanza, "its share is of low order",
								  err);
	return err->code;
}

static zdb_rc
x25519_public(const uint8_t identity[ZDB_AGE_KEY_BYTES], uint8_t *out,
			  zdb_err *err)
{
	return zdb_age_x25519_public(identity, out, err);
}

/* Any 32 bytes are; those of low order are found when they are used. */
static bool
x25519_is_public(const uint8_t *key)
{
	(void) key;
	return true;
}

const zdb_age_kind zdb_age_x25519 = {
	.recipient = "age",
	.identity = "age-secret-key-",
	.public_bytes = ZDB_AGE_KEY_BYTES,
	.public_key = x25519_public,
	.is_public = x25519_is_public,
	.wrap = x25519_wrap,
	.unwrap = x25519_unwrap,
};
