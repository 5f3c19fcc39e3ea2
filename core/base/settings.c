/*
 * settings - what the administrator said, outside of any SQL text
 */
#include "core/base/settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/base/text.h"

#define VALUE_BYTES_MAX 8192

typedef enum family
{
	ANY,
	OURS,
	GUIDE,
	PROVIDER,
} family;

const zdb_setting_row zdb_setting_rows[] = {
	{.name = "repository",
	 .what = "Directory that relative paths of backups stand for"},
	{.name = "history",
	 .what = "File that records runs on repositories that are no directory"},
	{.name = "copy_to",
	 .what = "Directory or URL that holds a second copy of backups"},
	{.name = "ca_file",
	 .what = "Certificates (PEM) that servers are checked with"},
	{.name = "age_identity",
	 .what = "File of age identities that open encrypted backups"},
	{.name = "encrypt_to",
	 .what = "Recipients of backups that name none, separated by commas"},
	{.name = "passphrase_file",
	 .what = "File with the passphrase that opens encrypted backups"},
	{.name = "webhook_url",
	 .secret = true,
	 .what = "Where notifications are posted as JSON",
	 .guide = "BACKUP_WEBHOOK_URL"},
	{.name = "webhook_secret",
	 .secret = true,
	 .what = "Key of the signature on what is posted"},
	{.name = "slack_webhook",
	 .secret = true,
	 .what = "Incoming webhook of Slack",
	 .guide = "BACKUP_SLACK_WEBHOOK"},
	{.name = "email_to",
	 .what = "Who gets notifications by mail, separated by commas",
	 .guide = "BACKUP_EMAIL"},
	{.name = "email_from", .what = "Who sends them"},
	{.name = "smtp_url",
	 .secret = true,
	 .what = "Mail server: smtp://host:587, smtps://host"},
	{.name = "smtp_tls",
	 .what = "false: no encryption, to a mail server on this machine"},
	{.name = "smtp_user", .what = "User at the mail server"},
	{.name = "smtp_password",
	 .secret = true,
	 .what = "Password at the mail server"},
	{.name = "ping_url",
	 .secret = true,
	 .what = "Dead man's switch, fetched after each good backup"},
	{.name = "notify_events",
	 .what = "Of success, failure, health, critical, report; empty: all"},
	{.name = "s3_bucket",
	 .what = "Bucket of s3:// URLs that name none",
	 .guide = "BACKUP_S3_BUCKET"},
	{.name = "s3_access_key",
	 .what = "Access key of S3",
	 .guide = "BACKUP_S3_ACCESS_KEY",
	 .provider = {"AWS_ACCESS_KEY_ID"}},
	{.name = "s3_secret_key",
	 .secret = true,
	 .goes_with = ZDB_SET_S3_ACCESS_KEY,
	 .what = "Secret key of S3",
	 .guide = "BACKUP_S3_SECRET_KEY",
	 .provider = {"AWS_SECRET_ACCESS_KEY"}},
	{.name = "s3_session_token",
	 .secret = true,
	 .goes_with = ZDB_SET_S3_ACCESS_KEY,
	 .what = "Token that goes with temporary keys of S3",
	 .provider = {"AWS_SESSION_TOKEN"}},
	{.name = "s3_region",
	 .what = "Region of S3",
	 .guide = "BACKUP_S3_REGION",
	 .provider = {"AWS_REGION", "AWS_DEFAULT_REGION"}},
	{.name = "s3_endpoint",
	 .what = "Address of an S3 server that is not Amazon's",
	 .provider = {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}},
	{.name = "s3_path_style",
	 .what = "Put the bucket into the path, not the host: true, false"},
	{.name = "s3_sse", .what = "Encryption by the S3 server: AES256, aws:kms"},
	{.name = "s3_kms_key", .what = "Key for aws:kms"},
	{.name = "s3_storage_class",
	 .what = "Storage class at S3, such as STANDARD_IA"},
	{.name = "azure_account",
	 .what = "Storage account of Azure",
	 .provider = {"AZURE_STORAGE_ACCOUNT"}},
	{.name = "azure_key",
	 .secret = true,
	 .goes_with = ZDB_SET_AZURE_ACCOUNT,
	 .what = "Key of that account",
	 .provider = {"AZURE_STORAGE_KEY"}},
	{.name = "azure_sas",
	 .secret = true,
	 .goes_with = ZDB_SET_AZURE_ACCOUNT,
	 .what = "Shared access signature, instead of the key",
	 .provider = {"AZURE_STORAGE_SAS_TOKEN"}},
	{.name = "azure_endpoint",
	 .what = "Address of a blob server that is not Azure's",
	 .provider = {"AZURE_STORAGE_SERVICE_ENDPOINT"}},
	{.name = "gs_access_key",
	 .what = "HMAC access key of Google Cloud Storage",
	 .provider = {"GS_ACCESS_KEY_ID"}},
	{.name = "gs_secret_key",
	 .secret = true,
	 .goes_with = ZDB_SET_GS_ACCESS_KEY,
	 .what = "HMAC secret of Google Cloud Storage",
	 .provider = {"GS_SECRET_ACCESS_KEY"}},
	{.name = "gs_endpoint",
	 .what = "Address of a server that takes Google's place"},
	{.name = "cloud_timeout",
	 .what = "Seconds that 8 MiB may take to or from a cloud, with retries"},
	{.name = "mask_key",
	 .secret = true,
	 .what = "Key of masks that are the same in each test restore"},
};

_Static_assert(sizeof zdb_setting_rows / sizeof zdb_setting_rows[0] ==
				   ZDB_SETTINGS,
			   "a row for each setting");

/* Where a value comes from. */
typedef struct origin
{
	const char *name;
	const char *text; /* the value, or the path of the file that holds it */
	bool is_file;
	family family;
} origin;

static bool
is_set(const char *text)
{
	return text && *text;
}

/* "ZDBACKUP_WEBHOOK_URL" */
static const char *
our_variable(zdb_settings *settings, const char *name, const char *suffix)
{
	const char *text =
		zdb_arena_format(&settings->arena, "ZDBACKUP_%s%s", name, suffix);

	for (char *p = (char *) text; *p; p++)
		*p = (char) toupper((unsigned char) *p);
	return text;
}

static bool
find_ours(zdb_settings *settings, zdb_setting which, origin *found)
{
	const zdb_setting_row *row = &zdb_setting_rows[which];
	const char *variable = our_variable(settings, row->name, "");
	const char *file = our_variable(settings, row->name, "_FILE");
	const origin places[] = {
		{zdb_arena_format(&settings->arena, "zdbackup.%s", row->name),
		 settings->host[which], false, OURS},
		{zdb_arena_format(&settings->arena, "zdbackup.%s_file", row->name),
		 settings->host_file[which], true, OURS},
		{variable, getenv(variable), false, OURS},
		{file, row->secret ? getenv(file) : NULL, true, OURS},
	};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (is_set(places[i].text))
		{
			*found = places[i];
			return true;
		}
	return false;
}

static bool
find(zdb_settings *settings, zdb_setting which, family wanted, origin *found)
{
	const zdb_setting_row *row = &zdb_setting_rows[which];
	const origin others[] = {
		{.name = row->guide, .family = GUIDE},
		{.name = row->provider[0], .family = PROVIDER},
		{.name = row->provider[1], .family = PROVIDER},
	};

	if ((wanted == ANY || wanted == OURS) && find_ours(settings, which, found))
		return true;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
	{
		*found = others[i];
		if (!found->name || (wanted != ANY && wanted != found->family))
			continue;
		found->text = getenv(found->name);
		if (is_set(found->text))
			return true;
	}
	return false;
}

static bool
find_in_family(zdb_settings *settings, zdb_setting which, origin *found)
{
	zdb_setting lead = zdb_setting_rows[which].goes_with;

	if (!lead)
		return find(settings, which, ANY, found);
	return find(settings, lead, ANY, found) &&
		   find(settings, which, found->family, found);
}

/* The file's only line. */
static const char *
read_file(zdb_settings *settings, const origin *from, zdb_err *err)
{
	char text[VALUE_BYTES_MAX + 1];
	const char *value;
	ssize_t len = -1;
	int fd = open(from->text, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		len = read(fd, text, sizeof text);
	if (len < 0)
		zdb_err_set_errno(err, errno, "could not read \"%s\", which %s names",
						  from->text, from->name);
	if (fd >= 0)
		close(fd);
	if (err->code)
		return NULL;
	if (len > VALUE_BYTES_MAX)
	{
		zdb_err_set(err, ZDB_USAGE, "\"%s\", which %s names, is too long",
					from->text, from->name);
		return NULL;
	}
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len == 0)
	{
		zdb_err_set(err, ZDB_USAGE, "\"%s\", which %s names, is empty",
					from->text, from->name);
		return NULL;
	}
	text[len] = '\0';
	value = zdb_arena_format(&settings->arena, "%s", text);
	explicit_bzero(text, sizeof text);
	return value;
}

/* Values go into headers, addresses and JSON. */
static zdb_rc
check_text(const origin *from, const char *text, zdb_err *err)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char) *p < ' ' || *p == 0x7F)
			return zdb_err_set(err, ZDB_USAGE, "%s holds a control character",
							   from->name);
	if (!zdb_utf8_valid(text, strlen(text)))
		return zdb_err_set(err, ZDB_USAGE, "%s is not valid UTF-8",
						   from->name);
	return ZDB_OK;
}

const char *
zdb_settings_get(zdb_settings *settings, zdb_setting which, zdb_err *err)
{
	const char *text;
	origin from;

	if (!find_in_family(settings, which, &from))
		text = "";
	else if (from.is_file)
		text = read_file(settings, &from, err);
	else
		text = zdb_arena_format(&settings->arena, "%s", from.text);
	if (zdb_arena_failed(&settings->arena))
		zdb_err_nomem(err);
	if (err->code || check_text(&from, text, err))
		return NULL;
	return *text ? text : NULL;
}

zdb_rc
zdb_settings_bool(zdb_settings *settings, zdb_setting which, bool *value,
				  zdb_err *err)
{
	static const char *const words[] = {"false", "true", "off", "on",
										"no",    "yes",  "0",   "1"};
	const char *text = zdb_settings_get(settings, which, err);

	if (!text)
		return err->code;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(text, words[i]) == 0)
		{
			*value = i % 2 == 1;
			return ZDB_OK;
		}
	return zdb_err_set(err, ZDB_USAGE, "%s must be true or false",
					   zdb_settings_name(settings, which));
}

const char *
zdb_settings_name(zdb_settings *settings, zdb_setting which)
{
	const zdb_setting_row *row = &zdb_setting_rows[which];
	origin from;

	if (find_in_family(settings, which, &from))
		return from.name;
	if (row->goes_with && find(settings, row->goes_with, ANY, &from))
	{
		if (from.family == GUIDE && row->guide)
			return row->guide;
		if (from.family == PROVIDER && row->provider[0])
			return row->provider[0];
	}
	if (settings->has_host)
		return zdb_arena_format(&settings->arena, "zdbackup.%s", row->name);
	return our_variable(settings, row->name, "");
}

void
zdb_settings_clear(zdb_settings *settings)
{
	zdb_arena_wipe(&settings->arena);
	zdb_arena_clear(&settings->arena);
	*settings = (zdb_settings){0};
}
