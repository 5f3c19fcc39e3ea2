/*
 * mask_fake - values in the place of others
 */
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/policy/mask.h"

#define DIGEST_BYTES 32
#define ROUNDS 6
#define PHONE_DIGITS_MIN 4
#define PHONE_DIGITS_MAX 18

/* What a digest is for: equal values are told apart by it. */
enum
{
	FOR_HASH,
	FOR_UUID,
	FOR_INTEGER,
	FOR_EMAIL,
	FOR_NAME,
	FOR_PHONE,
};

/* HMAC-SHA-256, by a key of its own for each use. */
static zdb_rc
digest(const zdb_mask *mask, int use, const void *bytes, size_t len,
	   uint8_t out[DIGEST_BYTES], zdb_err *err)
{
	uint8_t key[ZDB_MASK_KEY_BYTES];
	unsigned size = DIGEST_BYTES;

	memcpy(key, mask->key, sizeof key);
	key[0] ^= (uint8_t) use;
	if (!HMAC(EVP_sha256(), key, sizeof key, bytes, len, out, &size))
		return zdb_err_set(err, ZDB_INTERNAL, "HMAC-SHA-256 failed");
	return ZDB_OK;
}

zdb_rc
zdb_mask_set_key(zdb_mask *mask, const char *secret, zdb_err *err)
{
	unsigned size = sizeof mask->key;

	mask->random = !secret || !*secret;
	if (mask->random ? RAND_bytes(mask->key, sizeof mask->key) != 1
					 : !EVP_Digest(secret, strlen(secret), mask->key, &size,
								   EVP_sha256(), NULL))
		return zdb_err_set(err, ZDB_INTERNAL, "could not make a key");
	return ZDB_OK;
}

/* A number of so many bits, by a Feistel network: one to one. */
static zdb_rc
permute_bits(const zdb_mask *mask, uint64_t *value, int bits, zdb_err *err)
{
	uint64_t half = (1ull << bits / 2) - 1;
	uint64_t left = *value >> bits / 2, right = *value & half;

	for (int round = 0; round < ROUNDS; round++)
	{
		uint8_t seed[10], out[DIGEST_BYTES];
		uint64_t mixed;

		zdb_put64(seed, right);
		seed[8] = (uint8_t) bits;
		seed[9] = (uint8_t) round;
		if (digest(mask, FOR_INTEGER, seed, sizeof seed, out, err))
			return err->code;
		mixed = zdb_get64(out);
		mixed = (left ^ mixed) & half;
		left = right;
		right = mixed;
	}
	*value = left << bits / 2 | right;
	return ZDB_OK;
}

/* Numbers of a range stay in it: what leaves it is permuted on, until it is
 * back. */
zdb_rc
zdb_mask_integer(const zdb_mask *mask, int64_t value, int64_t *out,
				 zdb_err *err)
{
	static const struct
	{
		uint64_t below;
		int bits;
	} ranges[] = {{1ull << 15, 16},
				  {1ull << 31, 32},
				  {1ull << 53, 54},
				  {1ull << 63, 64}};
	uint64_t least = 0,
			 size = value < 0 ? ~(uint64_t) value : (uint64_t) value;
	int range = 0;

	for (; size >= ranges[range].below; range++)
		least = ranges[range].below;
	do
		if (permute_bits(mask, &size, ranges[range].bits, err))
			return err->code;
	while (size < least || size >= ranges[range].below);
	*out = value < 0 ? (int64_t) ~size : (int64_t) size;
	return ZDB_OK;
}

zdb_rc
zdb_mask_bytes(const zdb_mask *mask, const void *bytes, size_t len,
			   uint8_t out[32], zdb_err *err)
{
	return digest(mask, FOR_HASH, bytes, len, out, err);
}

static void
to_hex(const uint8_t *bytes, size_t digits, char *out)
{
	for (size_t i = 0; i < digits; i++)
		out[i] =
			"0123456789abcdef"[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
	out[digits] = '\0';
}

/* How many digits there is room for. */
static int
digits_within(const zdb_mask_column *column, int wanted, int beside)
{
	int room = column->length_max - beside;

	return column->length_max && room < wanted ? room : wanted;
}

static zdb_rc
hash_text(const zdb_mask *mask, const zdb_mask_column *column,
		  const char *text, size_t len, zdb_buf *out, zdb_err *err)
{
	uint8_t bytes[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];

	if (digest(mask, FOR_HASH, text, len, bytes, err))
		return err->code;
	to_hex(bytes, (size_t) digits_within(column, 32, 0), hex);
	hex[0] = (char) ('g' + (bytes[0] >> 4)); /* never looks like a number */
	return zdb_buf_format(out, err, "%s", hex);
}

static zdb_rc
hash_uuid(const zdb_mask *mask, const char *text, size_t len, zdb_buf *out,
		  zdb_err *err)
{
	uint8_t bytes[DIGEST_BYTES];
	char hex[33], plain[33];
	size_t used = 0;

	for (size_t i = 0; i < len && used < 32; i++)
		if (isxdigit((unsigned char) text[i]))
			plain[used++] = (char) tolower((unsigned char) text[i]);
	if (digest(mask, FOR_UUID, plain, used, bytes, err))
		return err->code;
	bytes[6] = (uint8_t) ((bytes[6] & 15) | 0x40);
	bytes[8] = (uint8_t) ((bytes[8] & 0x3f) | 0x80);
	to_hex(bytes, 32, hex);
	return zdb_buf_format(out, err, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
						  hex + 12, hex + 16, hex + 20);
}

static zdb_rc
hash_integer(const zdb_mask *mask, const char *text, zdb_buf *out,
			 zdb_err *err)
{
	int64_t value;

	if (zdb_mask_integer(mask, strtoll(text, NULL, 10), &value, err))
		return err->code;
	return zdb_buf_format(out, err, "%lld", (long long) value);
}

static zdb_rc
fake_email(const zdb_mask *mask, const zdb_mask_column *column,
		   const char *text, size_t len, zdb_buf *out, zdb_err *err)
{
	uint8_t bytes[DIGEST_BYTES];
	char hex[21];

	if (digest(mask, FOR_EMAIL, text, len, bytes, err))
		return err->code;
	to_hex(
		bytes,
		(size_t) digits_within(column, 20, (int) strlen("u@example.invalid")),
		hex);
	return zdb_buf_format(out, err, "u%s@example.invalid", hex);
}

static zdb_rc
fake_name(const zdb_mask *mask, const zdb_mask_column *column,
		  const char *text, size_t len, zdb_buf *out, zdb_err *err)
{
	static const char *const first[] = {
		"Ada",   "Ben",  "Cleo", "Dan", "Eva",  "Finn",  "Gia",  "Hugo",
		"Ida",   "Jon",  "Kim",  "Leo", "Mia",  "Noah",  "Olga", "Paul",
		"Rosa",  "Sam",  "Tara", "Ulf", "Vera", "Wim",   "Yara", "Zoe",
		"Akira", "Chen", "Li",   "Mei", "Omar", "Priya", "Raj",  "Sofia"};
	static const char *const last[] = {
		"Abel",  "Baker",  "Costa",  "Dietz",  "Engel", "Fuchs",  "Garcia",
		"Huber", "Ivanov", "Jansen", "Keller", "Lopez", "Meyer",  "Nowak",
		"Olsen", "Perez",  "Quinn",  "Rossi",  "Silva", "Tanaka", "Urban",
		"Vogel", "Weber",  "Xu",     "Young",  "Zhang", "Singh",  "Sato",
		"Kaya",  "Lund",   "Moreau", "Novak"};
	uint8_t bytes[DIGEST_BYTES];
	char hex[17];
	size_t before = out->len;

	if (digest(mask, FOR_NAME, text, len, bytes, err))
		return err->code;
	to_hex(bytes + 2, (size_t) digits_within(column, 16, 0), hex);
	zdb_buf_format(out, err, "%s %s", first[bytes[0] % 32],
				   last[bytes[1] % 32]);
	if (column->keyed)
		zdb_buf_format(out, err, " %s", hex);
	if (column->length_max && out->len - before > (size_t) column->length_max)
	{
		out->len = before; /* no room for more than what tells them apart */
		zdb_buf_format(out, err, "%.*s", column->length_max,
					   column->keyed ? hex : last[bytes[1] % 32]);
	}
	return err->code;
}

/* Digits but the first, as a number of the same length: one to one, because
 * what would be longer is permuted on. */
static zdb_rc
permute_digits(const zdb_mask *mask, char *digits, size_t count, zdb_err *err)
{
	uint64_t value = 0, end = 1;
	int bits = 2;

	for (size_t i = 1; i < count; i++)
	{
		value = value * 10 + (uint64_t) (digits[i] - '0');
		end *= 10;
	}
	while (end > 1ull << bits)
		bits += 2;
	do
		if (permute_bits(mask, &value, bits, err))
			return err->code;
	while (value >= end);
	for (size_t i = count - 1; i > 0; i--)
	{
		digits[i] = (char) ('0' + value % 10);
		value /= 10;
	}
	return ZDB_OK;
}

/* Does it look like a number that people dial? */
static bool
is_dialled(const char *text, size_t len, char *digits, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < len; i++)
		if (isdigit((unsigned char) text[i]))
		{
			if (*count == PHONE_DIGITS_MAX)
				return false;
			digits[(*count)++] = text[i];
		}
		else if (!strchr(" +-()./", text[i]) || !text[i])
			return false;
	return *count >= PHONE_DIGITS_MIN;
}

/* No country has +999. */
static zdb_rc
made_up_phone(const zdb_mask *mask, const zdb_mask_column *column,
			  const char *text, size_t len, zdb_buf *out, zdb_err *err)
{
	uint8_t bytes[DIGEST_BYTES];

	if (digest(mask, FOR_PHONE, text, len, bytes, err))
		return err->code;
	zdb_buf_format(out, err, "+999");
	for (int i = 0; i < digits_within(column, 15, (int) strlen("+999")); i++)
		zdb_buf_format(out, err, "%d", bytes[i] % 10);
	return err->code;
}

static zdb_rc
fake_phone(const zdb_mask *mask, const zdb_mask_column *column,
		   const char *text, size_t len, zdb_buf *out, zdb_err *err)
{
	char digits[PHONE_DIGITS_MAX];
	size_t count, at = 0;

	if (!is_dialled(text, len, digits, &count))
		return made_up_phone(mask, column, text, len, out, err);
	if (permute_digits(mask, digits, count, err))
		return err->code;
	for (size_t i = 0; i < len; i++)
		if (zdb_buf_append(out,
						   isdigit((unsigned char) text[i]) ? &digits[at++]
															: &text[i],
						   1, err))
			break;
	return err->code;
}

static zdb_rc
fake(const zdb_mask *mask, const zdb_mask_column *column, const char *text,
	 size_t len, zdb_buf *out, zdb_err *err)
{
	switch (column->kind)
	{
		case ZDB_MASK_HASH:
			if (column->type == ZDB_MASK_UUID)
				return hash_uuid(mask, text, len, out, err);
			if (column->type == ZDB_MASK_INTEGER)
				return hash_integer(mask, text, out, err);
			return hash_text(mask, column, text, len, out, err);
		case ZDB_MASK_EMAIL:
			return fake_email(mask, column, text, len, out, err);
		case ZDB_MASK_NAME:
			return fake_name(mask, column, text, len, out, err);
		case ZDB_MASK_PHONE:
			return fake_phone(mask, column, text, len, out, err);
		case ZDB_MASK_NONE:
		case ZDB_MASK_NULL:
		case ZDB_MASK_VALUE:
		case ZDB_MASK_SQL:
			break;
	}
	return zdb_err_set(err, ZDB_INTERNAL, "rule %s makes nothing of a value",
					   zdb_mask_name(column->kind));
}

zdb_rc
zdb_mask_fake(const zdb_mask *mask, const zdb_mask_column *column,
			  const char *text, size_t len, zdb_buf *out, zdb_err *err)
{
	zdb_buf folded = {0};

	if (!column->nocase && !column->rtrim)
		return fake(mask, column, text, len, out, err);
	if (zdb_mask_fold(column, text, len, &folded, err) == ZDB_OK)
		fake(mask, column, folded.len ? (char *) folded.data : "", folded.len,
			 out, err);
	zdb_buf_clear(&folded);
	return err->code;
}

void
zdb_mask_clear(zdb_mask *mask)
{
	OPENSSL_cleanse(mask->key, sizeof mask->key);
	zdb_arena_clear(&mask->arena);
	*mask = (zdb_mask){0};
}
