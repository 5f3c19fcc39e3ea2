/*
 * secret - files that hold secrets: identities, passphrases
 *
 * A file that everybody on the machine may read protects nothing, and is
 * refused. What is read is wiped by who asked for it.
 */
#ifndef ZDB_CORE_AGE_SECRET_H
#define ZDB_CORE_AGE_SECRET_H

#include <stddef.h>

#include "core/base/err.h"

/* A file longer than this is none of ours. */
#define ZDB_AGE_SECRET_BYTES_MAX (64u << 10)

/* Read a file into *text, with a NUL behind its *len bytes, to be freed with
 * zdb_age_wipe_free(*text, *len). */
zdb_rc zdb_age_secret_read(const char *path, char **text, size_t *len,
						   zdb_err *err);

/* Read the one line of a file, without its end: *passphrase is to be freed
 * with zdb_age_passphrase_free(). */
zdb_rc zdb_age_passphrase_read(const char *path, char **passphrase,
							   zdb_err *err);

/* Wipe and free. NULL is fine. */
void zdb_age_passphrase_free(char *passphrase);

#endif
