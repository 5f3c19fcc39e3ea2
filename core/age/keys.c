/*
 * keys - what may open encrypted files
 */
#include "core/age/keys.h"

#include <string.h>

#include "core/age/scrypt.h"
#include "core/age/secret.h"
#include "core/base/mem.h"

#define PASSPHRASE (-1)

/* realloc would leave a copy behind. */
static zdb_rc
add_identity(zdb_age_keys *keys, const zdb_age_identity *one, zdb_err *err)
{
	if (keys->identity_count == ZDB_AGE_IDENTITIES_MAX)
		return zdb_err_set(err, ZDB_USAGE, "more than %d identities",
						   ZDB_AGE_IDENTITIES_MAX);
	if (!keys->identities)
		keys->identities =
			zdb_calloc(ZDB_AGE_IDENTITIES_MAX, sizeof *keys->identities);
	if (!keys->identities)
		return zdb_err_nomem(err);
	keys->identities[keys->identity_count++] = *one;
	return ZDB_OK;
}

static zdb_rc
refuse_line(const char *name, int number, const char *line, size_t len,
			zdb_err *err)
{
	zdb_err_set(err, ZDB_USAGE, "line %d of \"%s\" is not an age identity",
				number, name);
	if (len >= 5 && memcmp(line, "age1", 4) == 0)
		zdb_err_hint(err, "It is a recipient, which only encrypts.");
	else if (len >= 10 && memcmp(line, "-----BEGIN", 10) == 0)
		zdb_err_hint(err, "SSH keys and encrypted identities are not "
						  "supported.");
	else if (len >= 10 && memcmp(line, ZDB_AGE_INTRO, 10) == 0)
		zdb_err_hint(err, "The file is encrypted itself; decrypt it with "
						  "age -d.");
	else
		zdb_err_hint(err, "An identity is a line that begins with "
						  "\"AGE-SECRET-KEY-1\"; age-keygen makes one.");
	return err->code;
}

zdb_rc
zdb_age_keys_parse(zdb_age_keys *keys, const char *name, const char *text,
				   zdb_err *err)
{
	zdb_age_identity one;

	for (int number = 1; *text && !err->code; number++)
	{
		size_t span = strcspn(text, "\n"), len = span;

		if (len > 0 && text[len - 1] == '\r')
			len--;
		if (len > 0 && *text != '#')
		{
			if (!zdb_age_identity_read(text, len, &one))
				refuse_line(name, number, text, len, err);
			else
				add_identity(keys, &one, err);
		}
		text += span + (text[span] == '\n');
	}
	zdb_age_wipe(&one, sizeof one);
	return err->code;
}

static zdb_rc
load_identities(zdb_age_keys *keys, zdb_err *err)
{
	size_t len;
	char *text;

	if (!keys->identity_path || keys->identity_count > 0)
		return ZDB_OK;
	if (zdb_age_secret_read(keys->identity_path, &text, &len, err) == ZDB_OK &&
		zdb_age_keys_parse(keys, keys->identity_path, text, err) == ZDB_OK &&
		keys->identity_count == 0)
		zdb_err_set(err, ZDB_USAGE, "\"%s\" holds no age identity",
					keys->identity_path);
	zdb_age_wipe_free(text, len);
	return err->code;
}

static zdb_rc
load_passphrase(zdb_age_keys *keys, zdb_err *err)
{
	if (!keys->passphrase_path || keys->passphrase)
		return ZDB_OK;
	return zdb_age_passphrase_read(keys->passphrase_path, &keys->passphrase,
								   err);
}

/* Is it one of these keys? The header's MAC tells. */
static zdb_rc
try_known(const uint8_t known[][ZDB_AGE_FILE_KEY_BYTES], unsigned count,
		  const zdb_age_header *header,
		  uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match, zdb_err *err)
{
	for (unsigned i = 0; i < count && !*match && !err->code; i++)
		if (zdb_age_header_check(header, known[i], match, err) == ZDB_OK &&
			*match)
			memcpy(file_key, known[i], ZDB_AGE_FILE_KEY_BYTES);
	return err->code;
}

static zdb_rc
try_passphrase(zdb_age_keys *keys, const zdb_age_header *header,
			   uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match,
			   zdb_err *err)
{
	unsigned known = keys->recent_count < ZDB_AGE_RECENT_MAX
						 ? keys->recent_count
						 : ZDB_AGE_RECENT_MAX;

	keys->opener = PASSPHRASE;
	if (!keys->passphrase ||
		try_known(keys->recent, known, header, file_key, match, err) ||
		*match ||
		zdb_age_scrypt_unwrap(keys->passphrase, header, header->stanzas,
							  file_key, match, err))
		return err->code;
	if (*match)
		memcpy(keys->recent[keys->recent_count++ % ZDB_AGE_RECENT_MAX],
			   file_key, ZDB_AGE_FILE_KEY_BYTES);
	return ZDB_OK;
}

/* Each stanza with the passphrase, or with each identity. */
static zdb_rc
try_openers(zdb_age_keys *keys, const zdb_age_header *header,
			uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], bool *match,
			zdb_err *err)
{
	const zdb_age_stanza *stanza = header->stanzas;

	if (zdb_age_scrypt_is(header))
		return try_passphrase(keys, header, file_key, match, err);
	for (; stanza && !*match; stanza = stanza->next)
		for (int i = 0; i < keys->identity_count && !*match; i++)
		{
			const zdb_age_identity *one = &keys->identities[i];

			keys->opener = i;
			if (one->kind->unwrap(one->key, header, stanza, file_key, match,
								  err))
				return err->code;
		}
	return ZDB_OK;
}

static const char *
setting(const char *name)
{
	return name ? name : "the settings";
}

static zdb_rc
no_passphrase(const zdb_age_keys *keys, const char *name, zdb_err *err)
{
	if (keys->passphrase)
		zdb_err_set(err, ZDB_PERMISSION,
					"the passphrase in \"%s\" does not open \"%s\"",
					keys->passphrase_path, name);
	else
		zdb_err_set(err, ZDB_PERMISSION,
					"\"%s\" is encrypted with a passphrase, and none is known",
					name);
	zdb_err_hint(err,
				 "Name the file with the passphrase in the option "
				 "\"passphrase_file\", or in %s.",
				 setting(keys->passphrase_setting));
	return err->code;
}

static zdb_rc
no_identity(const zdb_age_keys *keys, const char *name, zdb_err *err)
{
	if (keys->identity_count > 0)
		zdb_err_set(err, ZDB_PERMISSION, "no identity in \"%s\" opens \"%s\"",
					keys->identity_path, name);
	else
		zdb_err_set(err, ZDB_PERMISSION,
					"\"%s\" is encrypted, and no identity is known", name);
	zdb_err_hint(err, "Name the file with the right age identity in %s.",
				 setting(keys->identity_setting));
	return err->code;
}

static zdb_rc
check_mac(const zdb_age_header *header,
		  const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], zdb_err *err)
{
	bool genuine;

	if (zdb_age_header_check(header, file_key, &genuine, err) || genuine)
		return err->code;
	zdb_err_set(err, ZDB_DAMAGED,
				"\"%s\" is damaged: its age header was changed (wrong MAC)",
				header->name);
	zdb_err_hint(err, "Use another copy or an older backup.");
	return err->code;
}

zdb_rc
zdb_age_keys_open(zdb_age_keys *keys, const zdb_age_header *header,
				  uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES], zdb_err *err)
{
	bool match = false;

	if (try_known(keys->files.key, (unsigned) keys->files.count, header,
				  file_key, &match, err) ||
		match)
		return err->code;
	if (zdb_age_scrypt_is(header) ? load_passphrase(keys, err)
								  : load_identities(keys, err))
		return err->code;
	if (try_openers(keys, header, file_key, &match, err))
		return err->code;
	keys->opened = match;
	if (match)
		return check_mac(header, file_key, err);
	return zdb_age_scrypt_is(header) ? no_passphrase(keys, header->name, err)
									 : no_identity(keys, header->name, err);
}

zdb_rc
zdb_age_keys_recipients(const zdb_age_keys *keys,
						zdb_age_recipients *recipients, zdb_err *err)
{
	if (!keys->opened)
		return ZDB_OK;
	if (keys->opener == PASSPHRASE)
		return zdb_age_recipients_passphrase(recipients, keys->passphrase_path,
											 err);
	return zdb_age_recipients_add_owner(recipients,
										&keys->identities[keys->opener], err);
}

void
zdb_age_keys_clear(zdb_age_keys *keys)
{
	zdb_age_wipe_free(keys->identities,
					  sizeof *keys->identities * ZDB_AGE_IDENTITIES_MAX);
	zdb_age_passphrase_free(keys->passphrase);
	zdb_age_wipe(&keys->files, sizeof keys->files);
	zdb_age_wipe(keys->recent, sizeof keys->recent);
	*keys = (zdb_age_keys){0};
}
