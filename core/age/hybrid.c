/*
 * hybrid - a file key for the holder of a key pair that quantum computers do
 * not break either: "age1pq1..." recipients
 *
 *   -> mlkem768x25519 <ML-KEM cipher text, ephemeral X25519 share>
 *   <file key, sealed as HPKE (RFC 9180) has it>
 *
 * Who breaks one of ML-KEM and X25519 still needs the other. The combination
 * is X-Wing (draft-connolly-cfrg-xwing-kem), a KEM of HPKE with the number
 * 0x647a (draft-ietf-hpke-pq).
 */
#include "core/age/kind.h"

#include <string.h>

#include "core/age/aead.h"
#include "core/age/base64.h"
#include "core/age/keccak.h"
#include "core/age/mlkem.h"

#define TYPE "mlkem768x25519"
#define INFO "age-encryption.org/mlkem768x25519"
#define XWING_LABEL "\\.//^\\"
#define PUBLIC_BYTES (ZDB_MLKEM_PUBLIC_BYTES + ZDB_AGE_KEY_BYTES)
#define SHARE_BYTES (ZDB_MLKEM_CIPHER_BYTES + ZDB_AGE_KEY_BYTES)
#define SHARE_DIGITS 1494

/* HPKE, this KEM, HKDF-SHA256, ChaCha20Poly1305; before it, what begins every
 * label. */
#define SUITE "HPKE-v1HPKE\x64\x7a\x00\x01\x00\x03"
#define SUITE_BYTES (sizeof SUITE - 1)

_Static_assert(PUBLIC_BYTES == ZDB_AGE_PUBLIC_BYTES_MAX, "room for a key");

/* An identity, expanded. */
typedef struct pair
{
	uint8_t mlkem[ZDB_MLKEM_SEED_BYTES];
	uint8_t x25519[ZDB_AGE_KEY_BYTES];
} pair;

static zdb_rc
expand(const uint8_t identity[ZDB_AGE_KEY_BYTES], pair *keys, zdb_err *err)
{
	const zdb_piece seed = {identity, ZDB_AGE_KEY_BYTES};

	return zdb_keccak_hash(ZDB_SHAKE256, &seed, 1, keys, sizeof *keys, err);
}

static zdb_rc
public_of(const pair *keys, uint8_t *out, zdb_err *err)
{
	if (zdb_mlkem_public(keys->mlkem, out, err))
		return err->code;
	return zdb_age_x25519_public(keys->x25519, out + ZDB_MLKEM_PUBLIC_BYTES,
								 err);
}

static zdb_rc
hybrid_public(const uint8_t identity[ZDB_AGE_KEY_BYTES], uint8_t *out,
			  zdb_err *err)
{
	pair keys;

	if (expand(identity, &keys, err) == ZDB_OK)
		public_of(&keys, out, err);
	zdb_age_wipe(&keys, sizeof keys);
	return err->code;
}

static bool
hybrid_is_public(const uint8_t *key)
{
	return zdb_mlkem_is_public(key);
}

/* Both secrets, and what X25519 alone would not bind. */
static zdb_rc
combine(const uint8_t mlkem[ZDB_MLKEM_SHARED_BYTES],
		const uint8_t x25519[ZDB_AGE_KEY_BYTES],
		const uint8_t share[ZDB_AGE_KEY_BYTES],
		const uint8_t public_key[ZDB_AGE_KEY_BYTES],
		uint8_t out[ZDB_AGE_KEY_BYTES], zdb_err *err)
{
	const zdb_piece pieces[] = {{mlkem, ZDB_MLKEM_SHARED_BYTES},
								{x25519, ZDB_AGE_KEY_BYTES},
								{share, ZDB_AGE_KEY_BYTES},
								{public_key, ZDB_AGE_KEY_BYTES},
								{XWING_LABEL, sizeof XWING_LABEL - 1}};

	return zdb_keccak_hash(ZDB_SHA3_256, pieces, 5, out, ZDB_AGE_KEY_BYTES,
						   err);
}

/* LabeledExtract of RFC 9180, section 4. */
static zdb_rc
extract(const void *salt, size_t salt_len, const char *label,
		const char *secret, uint8_t out[ZDB_AGE_KEY_BYTES], zdb_err *err)
{
	uint8_t text[SUITE_BYTES + 64];
	size_t len = strlen(label), secret_len = strlen(secret);

	memcpy(text, SUITE, SUITE_BYTES);
	memcpy(text + SUITE_BYTES, label, len);
	memcpy(text + SUITE_BYTES + len, secret, secret_len);
	return zdb_age_hmac(salt, salt_len, text, SUITE_BYTES + len + secret_len,
						out, err);
}

/* LabeledExpand, to at most one block. */
static zdb_rc
expand_label(const uint8_t secret[ZDB_AGE_KEY_BYTES], const char *label,
			 const uint8_t *context, size_t context_len, uint8_t *out,
			 size_t out_len, zdb_err *err)
{
	uint8_t text[2 + SUITE_BYTES + 128], block[ZDB_AGE_KEY_BYTES];
	size_t label_len = strlen(label);
	uint8_t *at = text + 2 + SUITE_BYTES;

	text[0] = 0;
	text[1] = (uint8_t) out_len;
	memcpy(text + 2, SUITE, SUITE_BYTES);
	memcpy(at, label, label_len);
	memcpy(at + label_len, context, context_len);
	at += label_len + context_len;
	*at++ = 1;
	if (zdb_age_hmac(secret, ZDB_AGE_KEY_BYTES, text, (size_t) (at - text),
					 block, err) == ZDB_OK)
		memcpy(out, block, out_len);
	zdb_age_wipe(block, sizeof block);
	return err->code;
}

/* What seals the file key. */
typedef struct schedule
{
	uint8_t key[ZDB_AGE_KEY_BYTES];
	uint8_t nonce[ZDB_AGE_AEAD_NONCE_BYTES];
} schedule;

/* RFC 9180, section 5.1: base mode, no pre-shared key. */
static zdb_rc
make_schedule(const uint8_t shared[ZDB_AGE_KEY_BYTES], schedule *out,
			  zdb_err *err)
{
	uint8_t context[1 + 2 * ZDB_AGE_KEY_BYTES] = {0};
	uint8_t secret[ZDB_AGE_KEY_BYTES];

	if (extract("", 0, "psk_id_hash", "", context + 1, err) == ZDB_OK &&
		extract("", 0, "info_hash", INFO, context + 1 + ZDB_AGE_KEY_BYTES,
				err) == ZDB_OK &&
		extract(shared, ZDB_AGE_KEY_BYTES, "secret", "", secret, err) ==
			ZDB_OK &&
		expand_label(secret, "key", context, sizeof context, out->key,
					 sizeof out->key, err) == ZDB_OK)
		expand_label(secret, "base_nonce", context, sizeof context, out->nonce,
					 sizeof out->nonce, err);
	zdb_age_wipe(secret, sizeof secret);
	return err->code;
}

/* What sender and receiver work with. */
typedef struct exchange
{
	uint8_t random[ZDB_MLKEM_SHARED_BYTES];
	uint8_t ephemeral[ZDB_AGE_KEY_BYTES];
	uint8_t mlkem[ZDB_MLKEM_SHARED_BYTES];
	uint8_t x25519[ZDB_AGE_KEY_BYTES];
	uint8_t shared[ZDB_AGE_KEY_BYTES];
	schedule schedule;
	bool low; /* the X25519 key is of low order */
} exchange;

/* Encapsulate: share gets what the receiver needs. */
static zdb_rc
encapsulate(exchange *self, const uint8_t *public_key,
			uint8_t share[SHARE_BYTES], zdb_err *err)
{
	const uint8_t *theirs = public_key + ZDB_MLKEM_PUBLIC_BYTES;
	uint8_t *ours = share + ZDB_MLKEM_CIPHER_BYTES;

	if (zdb_age_random(self->random, sizeof self->random, err) ||
		zdb_age_random(self->ephemeral, sizeof self->ephemeral, err) ||
		zdb_mlkem_encapsulate(public_key, self->random, share, self->mlkem,
							  err) ||
		zdb_age_x25519_public(self->ephemeral, ours, err) ||
		zdb_age_x25519_shared(self->ephemeral, theirs, self->x25519,
							  &self->low, err))
		return err->code;
	if (self->low)
		return zdb_err_set(err, ZDB_USAGE,
						   "an age recipient is a point of low order");
	if (combine(self->mlkem, self->x25519, ours, theirs, self->shared, err))
		return err->code;
	return make_schedule(self->shared, &self->schedule, err);
}

static zdb_rc
hybrid_wrap(const uint8_t *public_key,
			const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], zdb_buf *header,
			zdb_err *err)
{
	uint8_t share[SHARE_BYTES], body[ZDB_AGE_WRAPPED_BYTES];
	char digits[SHARE_DIGITS + 1];
	const char *args[] = {TYPE, digits, NULL};
	exchange self = {0};

	if (encapsulate(&self, public_key, share, err) == ZDB_OK &&
		zdb_age_wrap(self.schedule.key, self.schedule.nonce, file_key, body,
					 err) == ZDB_OK)
	{
		zdb_age_base64_encode(share, sizeof share, digits);
		zdb_age_header_stanza(header, args, body, sizeof body, err);
	}
	zdb_age_wipe(&self, sizeof self);
	return err->code;
}

/* Decapsulate. Who was not meant gets another schedule, and no error. */
static zdb_rc
decapsulate(exchange *self, const uint8_t identity[ZDB_AGE_KEY_BYTES],
			const uint8_t share[SHARE_BYTES], zdb_err *err)
{
	const uint8_t *theirs = share + ZDB_MLKEM_CIPHER_BYTES;
	uint8_t ours[ZDB_AGE_KEY_BYTES];
	pair keys;

	if (expand(identity, &keys, err) == ZDB_OK &&
		zdb_mlkem_decapsulate(keys.mlkem, share, self->mlkem, err) == ZDB_OK &&
		zdb_age_x25519_public(keys.x25519, ours, err) == ZDB_OK &&
		zdb_age_x25519_shared(keys.x25519, theirs, self->x25519, &self->low,
							  err) == ZDB_OK &&
		!self->low &&
		combine(self->mlkem, self->x25519, theirs, ours, self->shared, err) ==
			ZDB_OK)
		make_schedule(self->shared, &self->schedule, err);
	zdb_age_wipe(&keys, sizeof keys);
	return err->code;
}

static zdb_rc
hybrid_unwrap(const uint8_t identity[ZDB_AGE_KEY_BYTES],
			  const zdb_age_header *header, const zdb_age_stanza *stanza,
			  uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match,
			  zdb_err *err)
{
	uint8_t share[SHARE_BYTES];
	exchange self = {0};

	*match = false;
	if (strcmp(stanza->args[0], TYPE) != 0 ||
		zdb_age_header_share(header, stanza, share, sizeof share, err))
		return err->code;
	if (decapsulate(&self, identity, share, err) == ZDB_OK && !self.low)
		zdb_age_unwrap(self.schedule.key, self.schedule.nonce, stanza->body,
					   file_key, match, err);
	if (self.low)
		zdb_age_header_bad_stanza(header, stanza, "its share is of low order",
								  err);
	zdb_age_wipe(&self, sizeof self);
	return err->code;
}

const zdb_age_kind zdb_age_hybrid = {
	.recipient = "age1pq",
	.identity = "age-secret-key-pq-",
	.public_bytes = PUBLIC_BYTES,
	.public_key = hybrid_public,
	.is_public = hybrid_is_public,
	.wrap = hybrid_wrap,
	.unwrap = hybrid_unwrap,
};
