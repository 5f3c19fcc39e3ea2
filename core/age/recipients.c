/*
 * recipients - who can open what is written
 */
#include "core/age/recipients.h"

#include <string.h>

#include "core/age/scrypt.h"
#include "core/age/secret.h"
#include "core/base/mem.h"

#define SEPARATORS ", \t\r\n"
#define SHOWN_MAX 80

int
zdb_age_recipients_count(const zdb_age_recipients *recipients)
{
	return recipients->count + (recipients->passphrase != NULL);
}

static zdb_rc
not_both(zdb_err *err)
{
	zdb_err_set(err, ZDB_USAGE,
				"a passphrase and recipients cannot both open one file");
	zdb_err_hint(err, "Give encrypt_to or passphrase_file.");
	return err->code;
}

/* The weaker would decide. */
static zdb_rc
not_mixed(zdb_err *err)
{
	zdb_err_set(err, ZDB_USAGE,
				"post-quantum recipients (\"age1pq1\") and others cannot both "
				"open one file: it would be no safer than for the others");
	zdb_err_hint(err, "Give recipients of one kind.");
	return err->code;
}

static bool
is_known(const zdb_age_recipients *recipients, const zdb_age_recipient *one)
{
	for (int i = 0; i < recipients->count; i++)
		if (recipients->list[i].kind == one->kind &&
			memcmp(recipients->list[i].key, one->key,
				   one->kind->public_bytes) == 0)
			return true;
	return false;
}

static zdb_rc
add(zdb_age_recipients *recipients, const zdb_age_recipient *one, zdb_err *err)
{
	size_t bytes = ((size_t) recipients->count + 1) * sizeof *one;
	zdb_age_recipient *list;

	if (recipients->passphrase)
		return not_both(err);
	if (is_known(recipients, one))
		return ZDB_OK;
	if (recipients->count > 0 && recipients->list[0].kind != one->kind)
		return not_mixed(err);
	if (recipients->count == ZDB_AGE_RECIPIENTS_MAX)
		return zdb_err_set(err, ZDB_USAGE, "more than %d recipients",
						   ZDB_AGE_RECIPIENTS_MAX);
	list = zdb_realloc(recipients->list, bytes);
	if (!list)
		return zdb_err_nomem(err);
	list[recipients->count++] = *one;
	recipients->list = list;
	return ZDB_OK;
}

/* A secret key by mistake must not be shown again. */
static zdb_rc
refuse(const char *text, size_t len, zdb_err *err)
{
	int shown = len < SHOWN_MAX ? (int) len : SHOWN_MAX;

	if (len >= 4 && strncasecmp(text, "AGE-", 4) == 0)
	{
		zdb_err_set(err, ZDB_USAGE,
					"an age identity is given where its recipient belongs");
		zdb_err_hint(err, "age-keygen -y prints the recipient, which begins "
						  "with \"age1\". Whoever saw the identity can "
						  "decrypt: make a new one.");
		return err->code;
	}
	zdb_err_set(err, ZDB_USAGE, "\"%.*s\" is not an age recipient", shown,
				text);
	zdb_err_hint(err,
				 "A recipient begins with \"age1\"; age-keygen prints it.");
	return err->code;
}

zdb_rc
zdb_age_recipients_add(zdb_age_recipients *recipients, const char *text,
					   zdb_err *err)
{
	while (*(text += strspn(text, SEPARATORS)))
	{
		size_t len = strcspn(text, SEPARATORS);
		zdb_age_recipient one;

		if (!zdb_age_recipient_read(text, len, &one))
			return refuse(text, len, err);
		if (add(recipients, &one, err))
			return err->code;
		text += len;
	}
	return ZDB_OK;
}

zdb_rc
zdb_age_recipients_add_owner(zdb_age_recipients *recipients,
							 const zdb_age_identity *identity, zdb_err *err)
{
	zdb_age_recipient one;

	if (zdb_age_recipient_of(identity, &one, err))
		return err->code;
	return add(recipients, &one, err);
}

zdb_rc
zdb_age_recipients_passphrase(zdb_age_recipients *recipients, const char *path,
							  zdb_err *err)
{
	if (zdb_age_recipients_count(recipients) > 0)
		return not_both(err);
	return zdb_age_passphrase_read(path, &recipients->passphrase, err);
}

zdb_rc
zdb_age_recipients_header(const zdb_age_recipients *recipients,
						  const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
						  zdb_buf *out, zdb_err *err)
{
	int work = recipients->work ? recipients->work : ZDB_AGE_SCRYPT_WORK;

	if (zdb_age_header_begin(out, err))
		return err->code;
	for (int i = 0; i < recipients->count; i++)
	{
		const zdb_age_recipient *one = &recipients->list[i];

		if (one->kind->wrap(one->key, file_key, out, err))
			return err->code;
	}
	if (recipients->passphrase &&
		zdb_age_scrypt_wrap(recipients->passphrase, work, file_key, out, err))
		return err->code;
	return zdb_age_header_end(out, file_key, err);
}

void
zdb_age_recipients_clear(zdb_age_recipients *recipients)
{
	zdb_free(recipients->list);
	zdb_age_passphrase_free(recipients->passphrase);
	*recipients = (zdb_age_recipients){0};
}
