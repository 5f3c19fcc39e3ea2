/*
 * scrypt - a file key for who knows a passphrase
 */
#include "core/age/scrypt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/age/aead.h"
#include "core/age/base64.h"

#define TYPE "scrypt"
#define LABEL "age-encryption.org/v1/scrypt"
#define LABEL_BYTES (sizeof LABEL - 1)
#define SALT_BYTES 16
#define SALT_DIGITS 22

/* What is hashed is the label and the salt. */
static void
put_label(uint8_t salt[LABEL_BYTES + SALT_BYTES])
{
	memcpy(salt, LABEL, LABEL_BYTES);
}

zdb_rc
zdb_age_scrypt_wrap(const char *passphrase, int work,
					const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
					zdb_buf *header, zdb_err *err)
{
	uint8_t salt[LABEL_BYTES + SALT_BYTES], body[ZDB_AGE_WRAPPED_BYTES];
	uint8_t key[ZDB_AGE_KEY_BYTES];
	char digits[SALT_DIGITS + 1], exponent[16];
	const char *args[] = {TYPE, digits, exponent, NULL};

	put_label(salt);
	snprintf(exponent, sizeof exponent, "%d", work);
	if (zdb_age_random(salt + LABEL_BYTES, SALT_BYTES, err) == ZDB_OK &&
		zdb_age_scrypt_key(passphrase, salt, sizeof salt, work, key, err) ==
			ZDB_OK &&
		zdb_age_wrap(key, zdb_age_nonce_zero, file_key, body, err) == ZDB_OK)
	{
		zdb_age_base64_encode(salt + LABEL_BYTES, SALT_BYTES, digits);
		zdb_age_header_stanza(header, args, body, sizeof body, err);
	}
	zdb_age_wipe(key, sizeof key);
	return err->code;
}

/* A decimal number without sign or leading zeros; -1 for anything else. */
static int
read_work(const char *text)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 3 || text[len] || text[0] == '0')
		return -1;
	return atoi(text);
}

static zdb_rc
check_work(const zdb_age_header *header, const zdb_age_stanza *stanza,
		   int work, zdb_err *err)
{
	if (work < 1)
		return zdb_age_header_bad_stanza(header, stanza, "its work", err);
	if (work <= ZDB_AGE_SCRYPT_WORK_MAX)
		return ZDB_OK;
	zdb_err_set(err, ZDB_UNSUPPORTED,
				"\"%s\" cannot be read: it demands scrypt with a work factor "
				"of 2^%d, more than 2^%d",
				header->name, work, ZDB_AGE_SCRYPT_WORK_MAX);
	zdb_err_hint(err, "If that is no attack, decrypt it with age -d.");
	return err->code;
}

zdb_rc
zdb_age_scrypt_unwrap(const char *passphrase, const zdb_age_header *header,
					  const zdb_age_stanza *stanza,
					  uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match,
					  zdb_err *err)
{
	uint8_t salt[LABEL_BYTES + SALT_BYTES], key[ZDB_AGE_KEY_BYTES];
	size_t got;
	int work;

	*match = false;
	if (strcmp(stanza->args[0], TYPE) != 0)
		return ZDB_OK;
	if (stanza->arg_count != 3)
		return zdb_age_header_bad_stanza(header, stanza,
										 "it has not three parts", err);
	put_label(salt);
	if (strlen(stanza->args[1]) != SALT_DIGITS ||
		!zdb_age_base64_decode(stanza->args[1], SALT_DIGITS,
							   salt + LABEL_BYTES, &got))
		return zdb_age_header_bad_stanza(header, stanza, "its salt", err);
	if (stanza->body_bytes != ZDB_AGE_WRAPPED_BYTES)
		return zdb_age_header_bad_stanza(header, stanza, "its length", err);
	work = read_work(stanza->args[2]);
	if (check_work(header, stanza, work, err))
		return err->code;
	if (zdb_age_scrypt_key(passphrase, salt, sizeof salt, work, key, err) ==
		ZDB_OK)
		zdb_age_unwrap(key, zdb_age_nonce_zero, stanza->body, file_key, match,
					   err);
	zdb_age_wipe(key, sizeof key);
	return err->code;
}

bool
zdb_age_scrypt_is(const zdb_age_header *header)
{
	return header->stanzas && strcmp(header->stanzas->args[0], TYPE) == 0;
}
