/*
 * recipients - who can open what is written
 *
 * Key pairs ("age1..."), of which any one opens the file; or one passphrase,
 * alone. {0} is nobody: then nothing is encrypted.
 */
#ifndef ZDB_CORE_AGE_RECIPIENTS_H
#define ZDB_CORE_AGE_RECIPIENTS_H

#include "core/age/kind.h"

#define ZDB_AGE_RECIPIENTS_MAX 64

typedef struct zdb_age_recipients
{
	zdb_age_recipient *list;
	int count;
	char *passphrase; /* or NULL */
	int work;         /* of scrypt; 0: ZDB_AGE_SCRYPT_WORK */
} zdb_age_recipients;

/* How many recipients; 0: nothing is encrypted. */
int zdb_age_recipients_count(const zdb_age_recipients *recipients);

/* Add recipients from a text, separated by commas or white space. What is no
 * recipient is ZDB_USAGE and named; the same one twice counts once. Kinds that
 * quantum computers break and kinds that they do not are not mixed. */
zdb_rc zdb_age_recipients_add(zdb_age_recipients *recipients, const char *text,
							  zdb_err *err);

/* Add who has this identity. */
zdb_rc zdb_age_recipients_add_owner(zdb_age_recipients *recipients,
									const zdb_age_identity *identity,
									zdb_err *err);

/* The passphrase that stands in a file; only for who has no recipients. */
zdb_rc zdb_age_recipients_passphrase(zdb_age_recipients *recipients,
									 const char *path, zdb_err *err);

/* Append the header of a file with this file key. */
zdb_rc
zdb_age_recipients_header(const zdb_age_recipients *recipients,
						  const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
						  zdb_buf *out, zdb_err *err);

void zdb_age_recipients_clear(zdb_age_recipients *recipients);

#endif
