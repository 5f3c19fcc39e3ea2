/*
 * crypt - which keys a call has: to read with, and to write for
 */
#include "core/job/crypt.h"

zdb_rc
zdb_crypt_keys(zdb_settings *settings, const char *passphrase_file,
			   zdb_age_keys *keys, zdb_err *err)
{
	keys->identity_path =
		zdb_settings_get(settings, ZDB_SET_AGE_IDENTITY, err);
	keys->identity_setting = zdb_settings_name(settings, ZDB_SET_AGE_IDENTITY);
	keys->passphrase_path =
		passphrase_file
			? passphrase_file
			: zdb_settings_get(settings, ZDB_SET_PASSPHRASE_FILE, err);
	keys->passphrase_setting =
		zdb_settings_name(settings, ZDB_SET_PASSPHRASE_FILE);
	return err->code;
}

zdb_rc
zdb_crypt_recipients(zdb_settings *settings, const char *encrypt_to,
					 const char *passphrase_file,
					 zdb_age_recipients *recipients, zdb_err *err)
{
	if (!encrypt_to && !passphrase_file)
		encrypt_to = zdb_settings_get(settings, ZDB_SET_ENCRYPT_TO, err);
	if (encrypt_to && zdb_age_recipients_add(recipients, encrypt_to, err))
		return err->code;
	if (passphrase_file)
		zdb_age_recipients_passphrase(recipients, passphrase_file, err);
	return err->code;
}

zdb_rc
zdb_crypt_prebackup(zdb_settings *settings, const zdb_age_keys *keys,
					zdb_age_recipients *recipients, zdb_err *err)
{
	if (zdb_crypt_recipients(settings, NULL, NULL, recipients, err) ||
		zdb_age_recipients_count(recipients) > 0)
		return err->code;
	return zdb_age_keys_recipients(keys, recipients, err);
}
