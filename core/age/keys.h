/*
 * keys - what may open encrypted files
 *
 * Files are named when a call begins, and read when there is something to
 * open: a bad one troubles only who needs it.
 *
 * A process hands the keys of single files to its helpers, never identities.
 */
#ifndef ZDB_CORE_AGE_KEYS_H
#define ZDB_CORE_AGE_KEYS_H

#include "core/age/header.h"
#include "core/age/recipients.h"

#define ZDB_AGE_IDENTITIES_MAX 64
#define ZDB_AGE_RECENT_MAX 32

/* A file and its sidecar, each of a chain of at most 250 and the last. */
#define ZDB_AGE_FILE_KEYS_MAX 502

/* The keys of a backup's files, plain data. */
typedef struct zdb_age_file_keys
{
	uint8_t key[ZDB_AGE_FILE_KEYS_MAX][ZDB_AGE_FILE_KEY_BYTES];
	int count;
} zdb_age_file_keys;

typedef struct zdb_age_keys
{
	/* Set by the caller, who keeps the texts: paths, or NULL; and what the
	 * settings that name them are called, for messages. */
	const char *identity_path;
	const char *passphrase_path;
	const char *identity_setting;
	const char *passphrase_setting;
	zdb_age_file_keys files;

	zdb_age_identity *identities; /* once they are read */
	int identity_count;
	char *passphrase;
	/* What the passphrase opened: files are opened anew within a call, and
	 * scrypt takes a second and 256 MB each time. */
	uint8_t recent[ZDB_AGE_RECENT_MAX][ZDB_AGE_FILE_KEY_BYTES];
	unsigned recent_count; /* so far; the oldest give way */
	int opener; /* identity that opened the last file; -1: the passphrase */
	bool opened;
} zdb_age_keys;

/* Find the file key of a header. Without a key that is ZDB_PERMISSION, and the
 * hint says where to name one; a header that was changed is ZDB_DAMAGED. */
zdb_rc zdb_age_keys_open(zdb_age_keys *keys, const zdb_age_header *header,
						 uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
						 zdb_err *err);

/* Add who can open what these keys opened last; nobody if nothing was. */
zdb_rc zdb_age_keys_recipients(const zdb_age_keys *keys,
							   zdb_age_recipients *recipients, zdb_err *err);

/* Read identities as age-keygen writes them: a line each, comments after "#".
 * name is for messages; what is no identity is ZDB_USAGE and named by its
 * line, never shown. */
zdb_rc zdb_age_keys_parse(zdb_age_keys *keys, const char *name,
						  const char *text, zdb_err *err);

/* Wipe and free what was read. */
void zdb_age_keys_clear(zdb_age_keys *keys);

#endif
