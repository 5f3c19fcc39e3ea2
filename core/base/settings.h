/*
 * settings - what the administrator said, outside of any SQL text
 *
 * One table serves both engines. A row has a name, the environment variables
 * it is read from, and whether it is a secret. PostgreSQL makes a setting
 * "zdbackup.<name>" of each row, which wins over the environment; SQLite reads
 * the environment only. A value is looked up when it is asked for, so that a
 * bad one troubles only who needs it.
 *
 * Variables belong to families, the more specific wins: ours (ZDBACKUP_*, and
 * the host's settings), the guide's (BACKUP_*), the provider's own (AWS_*). A
 * secret key goes with the access key of its own family, never with one of
 * another.
 *
 * A secret may lie in a file instead, that <VARIABLE>_FILE or the host's
 * "zdbackup.<name>_file" names.
 */
#ifndef ZDB_CORE_BASE_SETTINGS_H
#define ZDB_CORE_BASE_SETTINGS_H

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/err.h"

typedef enum zdb_setting
{
	ZDB_SET_REPOSITORY,
	ZDB_SET_HISTORY,
	ZDB_SET_COPY_TO,
	ZDB_SET_CA_FILE,
	ZDB_SET_AGE_IDENTITY,
	ZDB_SET_ENCRYPT_TO,
	ZDB_SET_PASSPHRASE_FILE,
	ZDB_SET_WEBHOOK_URL,
	ZDB_SET_WEBHOOK_SECRET,
	ZDB_SET_SLACK_WEBHOOK,
	ZDB_SET_EMAIL_TO,
	ZDB_SET_EMAIL_FROM,
	ZDB_SET_SMTP_URL,
	ZDB_SET_SMTP_TLS,
	ZDB_SET_SMTP_USER,
	ZDB_SET_SMTP_PASSWORD,
	ZDB_SET_PING_URL,
	ZDB_SET_NOTIFY_EVENTS,
	ZDB_SET_S3_BUCKET,
	ZDB_SET_S3_ACCESS_KEY,
	ZDB_SET_S3_SECRET_KEY,
	ZDB_SET_S3_SESSION_TOKEN,
	ZDB_SET_S3_REGION,
	ZDB_SET_S3_ENDPOINT,
	ZDB_SET_S3_PATH_STYLE,
	ZDB_SET_S3_SSE,
	ZDB_SET_S3_KMS_KEY,
	ZDB_SET_S3_STORAGE_CLASS,
	ZDB_SET_AZURE_ACCOUNT,
	ZDB_SET_AZURE_KEY,
	ZDB_SET_AZURE_SAS,
	ZDB_SET_AZURE_ENDPOINT,
	ZDB_SET_GS_ACCESS_KEY,
	ZDB_SET_GS_SECRET_KEY,
	ZDB_SET_GS_ENDPOINT,
	ZDB_SET_CLOUD_TIMEOUT,
	ZDB_SET_MASK_KEY,
	ZDB_SETTINGS, /* how many */
} zdb_setting;

/* Our variable is "ZDBACKUP_" and the name in capitals; others may be NULL. */
typedef struct zdb_setting_row
{
	const char *name;        /* "webhook_url" */
	const char *what;        /* a sentence without its period */
	const char *guide;       /* "BACKUP_WEBHOOK_URL" */
	const char *provider[2]; /* one variable, two spellings */
	zdb_setting goes_with;   /* takes its family from there; 0: has its own */
	bool secret;
} zdb_setting_row;

extern const zdb_setting_row zdb_setting_rows[ZDB_SETTINGS];

/* The host fills the first three; {0} reads the environment only. */
typedef struct zdb_settings
{
	bool has_host; /* messages then call a setting by its host's name */
	const char *host[ZDB_SETTINGS]; /* NULL or "": not set */
	const char *host_file[ZDB_SETTINGS];
	zdb_arena arena; /* values that were read */
} zdb_settings;

/* The value, in UTF-8 and without control characters, valid until the
 * settings are cleared; NULL when it is not set, or with err set. */
const char *zdb_settings_get(zdb_settings *settings, zdb_setting which,
							 zdb_err *err);

/* Like zdb_settings_get(), but "true" or "false" (also on, off, yes, no, 1,
 * 0) into *value, which stays as it is when the setting is not set. */
zdb_rc zdb_settings_bool(zdb_settings *settings, zdb_setting which,
						 bool *value, zdb_err *err);

/* What to call it in a message: where its value comes from, such as
 * "BACKUP_WEBHOOK_URL"; when it is not set, where to set it: beside what it
 * goes with. Valid as long as a value. */
const char *zdb_settings_name(zdb_settings *settings, zdb_setting which);

void zdb_settings_clear(zdb_settings *settings);

#endif
