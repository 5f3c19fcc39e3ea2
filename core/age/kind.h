/*
 * kind - the kinds of key pairs
 *
 * A kind is a file, a row of the table and its prefixes. Every identity is 32
 * secret bytes.
 */
#ifndef ZDB_CORE_AGE_KIND_H
#define ZDB_CORE_AGE_KIND_H

#include "core/age/header.h"

#define ZDB_AGE_PUBLIC_BYTES_MAX 1216

typedef struct zdb_age_kind
{
	const char *recipient; /* prefix of its text, in lower case */
	const char *identity;
	size_t public_bytes;

	zdb_rc (*public_key)(const uint8_t identity[ZDB_AGE_KEY_BYTES],
						 uint8_t *out, zdb_err *err);

	/* Is it a public key at all? */
	bool (*is_public)(const uint8_t *key);

	/* Append a stanza that wraps the file key for the holder of a public
	 * key. */
	zdb_rc (*wrap)(const uint8_t *public_key,
				   const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
				   zdb_buf *header, zdb_err *err);

	/* *match tells whether the stanza was for this identity. Stanzas of other
	 * types are for others. */
	zdb_rc (*unwrap)(const uint8_t identity[ZDB_AGE_KEY_BYTES],
					 const zdb_age_header *header,
					 const zdb_age_stanza *stanza,
					 uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match,
					 zdb_err *err);
} zdb_age_kind;

/* A key pair's two sides. */
typedef struct zdb_age_recipient
{
	const zdb_age_kind *kind;
	uint8_t key[ZDB_AGE_PUBLIC_BYTES_MAX];
} zdb_age_recipient;

typedef struct zdb_age_identity
{
	const zdb_age_kind *kind;
	uint8_t key[ZDB_AGE_KEY_BYTES];
} zdb_age_identity;

/* "age1...", "AGE-SECRET-KEY-1...": X25519. */
extern const zdb_age_kind zdb_age_x25519;

/* "age1pq1...", "AGE-SECRET-KEY-PQ-1...": ML-KEM-768 and X25519. */
extern const zdb_age_kind zdb_age_hybrid;

/* Read the text of a recipient, of an identity. Returns false for what is none
 * of any kind. */
bool zdb_age_recipient_read(const char *text, size_t len,
							zdb_age_recipient *recipient);
bool zdb_age_identity_read(const char *text, size_t len,
						   zdb_age_identity *identity);

/* The recipient that an identity is. */
zdb_rc zdb_age_recipient_of(const zdb_age_identity *identity,
							zdb_age_recipient *recipient, zdb_err *err);

#endif
