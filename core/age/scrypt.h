/*
 * scrypt - a file key for who knows a passphrase
 *
 *   -> scrypt <salt> <log2 of the work>
 *   <file key under scrypt(passphrase, salt)>
 */
#ifndef ZDB_CORE_AGE_SCRYPT_H
#define ZDB_CORE_AGE_SCRYPT_H

#include "core/age/header.h"

/* What age itself takes: a second, and 256 MiB for that long. */
#define ZDB_AGE_SCRYPT_WORK 18

/* A file may ask for this much, 1 GiB, and no more: what it wants to read
 * must not bring down the server. */
#define ZDB_AGE_SCRYPT_WORK_MAX 20

/* Append a stanza that wraps the file key. */
zdb_rc zdb_age_scrypt_wrap(const char *passphrase, int work,
						   const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
						   zdb_buf *header, zdb_err *err);

/* *match tells whether the stanza was for this passphrase. */
zdb_rc zdb_age_scrypt_unwrap(const char *passphrase,
							 const zdb_age_header *header,
							 const zdb_age_stanza *stanza,
							 uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
							 bool *match, zdb_err *err);

/* Is the file one for a passphrase? */
bool zdb_age_scrypt_is(const zdb_age_header *header);

#endif
