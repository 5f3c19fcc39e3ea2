/*
 * crypt - which keys a call has: to read with, and to write for
 *
 * Options name them, else settings. Identities and passphrases stand in files;
 * no option and no setting ever holds a secret.
 */
#ifndef ZDB_CORE_JOB_CRYPT_H
#define ZDB_CORE_JOB_CRYPT_H

#include "core/age/keys.h"
#include "core/base/settings.h"
#include "core/job/options.h"

/* What opens an encrypted backup: the identities of the settings, the
 * passphrase of passphrase_file (or NULL) or of the settings. The paths live
 * as long as settings and passphrase_file. */
zdb_rc zdb_crypt_keys(zdb_settings *settings, const char *passphrase_file,
					  zdb_age_keys *keys, zdb_err *err);

/* Whom a backup is for: encrypt_to ("": nobody; NULL: as the settings say), or
 * the passphrase in passphrase_file. *recipients is to be cleared in either
 * case. */
zdb_rc zdb_crypt_recipients(zdb_settings *settings, const char *encrypt_to,
							const char *passphrase_file,
							zdb_age_recipients *recipients, zdb_err *err);

/* Whom the backup is for that a restore takes first: as the settings say; else
 * for who opened the one that is restored, so that it is not less secret. */
zdb_rc zdb_crypt_prebackup(zdb_settings *settings, const zdb_age_keys *keys,
						   zdb_age_recipients *recipients, zdb_err *err);

#endif
