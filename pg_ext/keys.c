/*
 * keys - what opens and closes encrypted backups
 */
#include "pg_ext/call.h"

static void
clear_keys(void *keys)
{
	if (keys)
		zdb_age_keys_clear(keys);
}

static void
clear_recipients(void *recipients)
{
	if (recipients)
		zdb_age_recipients_clear(recipients);
}

zdb_age_keys *
zdbpg_keys(zdbpg_call *call)
{
	const char *passphrase_file = call->options.passphrase_file;
	zdb_age_keys **keys = palloc0(sizeof *keys);
	zdb_err err = {0};

	if (passphrase_file)
		passphrase_file = zdbpg_path(zdbpg_from_utf8(passphrase_file), false);
	zdbpg_own((void **) keys, clear_keys);
	*keys = palloc0(sizeof **keys);
	zdbpg_check(zdb_crypt_keys(call->settings, passphrase_file, *keys, &err),
				&err);
	return *keys;
}

zdb_age_recipients *
zdbpg_recipients(void)
{
	zdb_age_recipients **recipients = palloc0(sizeof *recipients);

	zdbpg_own((void **) recipients, clear_recipients);
	*recipients = palloc0(sizeof **recipients);
	return *recipients;
}

const zdb_age_recipients *
zdbpg_call_recipients(const zdbpg_call *call)
{
	zdb_age_recipients *recipients = zdbpg_recipients();
	zdb_err err = {0};

	/* the path that the keys have is absolute, and was allowed */
	zdbpg_check(zdb_crypt_recipients(call->settings, call->options.encrypt_to,
									 call->options.passphrase_file
										 ? call->keys->passphrase_path
										 : NULL,
									 recipients, &err),
				&err);
	return recipients;
}
