/*
 * test_settings - where a setting comes from, and what is refused
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/settings.h"
#include "test/core/test.h"

static bool
is(zdb_settings *settings, zdb_setting which, const char *wanted)
{
	zdb_err err = {0};
	const char *got = zdb_settings_get(settings, which, &err);

	return !err.code &&
		   (wanted ? got && strcmp(got, wanted) == 0 : got == NULL);
}

static void
test_order(void)
{
	zdb_settings settings = {0};

	test_ok(is(&settings, ZDB_SET_WEBHOOK_URL, NULL), "not set");
	test_ok(strcmp(zdb_settings_name(&settings, ZDB_SET_WEBHOOK_URL),
				   "ZDBACKUP_WEBHOOK_URL") == 0,
			"where to set it");
	setenv("BACKUP_WEBHOOK_URL", "https://guide", 1);
	test_ok(is(&settings, ZDB_SET_WEBHOOK_URL, "https://guide"),
			"the guide's variable");
	test_ok(strcmp(zdb_settings_name(&settings, ZDB_SET_WEBHOOK_URL),
				   "BACKUP_WEBHOOK_URL") == 0,
			"which one it was");
	setenv("ZDBACKUP_WEBHOOK_URL", "", 1);
	test_ok(is(&settings, ZDB_SET_WEBHOOK_URL, "https://guide"),
			"an empty variable is none");
	setenv("ZDBACKUP_WEBHOOK_URL", "https://ours", 1);
	test_ok(is(&settings, ZDB_SET_WEBHOOK_URL, "https://ours"),
			"our variable wins");
	settings.has_host = true;
	settings.host[ZDB_SET_WEBHOOK_URL] = "https://host";
	test_ok(is(&settings, ZDB_SET_WEBHOOK_URL, "https://host"),
			"the host's setting wins");
	test_ok(strcmp(zdb_settings_name(&settings, ZDB_SET_WEBHOOK_URL),
				   "zdbackup.webhook_url") == 0,
			"and its name is told");
	test_ok(strcmp(zdb_settings_name(&settings, ZDB_SET_EMAIL_FROM),
				   "zdbackup.email_from") == 0,
			"a host is told its own name");
	setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
	test_ok(is(&settings, ZDB_SET_S3_REGION, "eu-west-1"),
			"the provider's second spelling");
	zdb_settings_clear(&settings);
}

/* Keys of one family never meet those of another. */
static void
test_families(void)
{
	zdb_settings settings = {0};

	setenv("AWS_ACCESS_KEY_ID", "aws", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "aws secret", 1);
	setenv("AWS_SESSION_TOKEN", "aws token", 1);
	test_ok(is(&settings, ZDB_SET_S3_ACCESS_KEY, "aws") &&
				is(&settings, ZDB_SET_S3_SECRET_KEY, "aws secret") &&
				is(&settings, ZDB_SET_S3_SESSION_TOKEN, "aws token"),
			"all of Amazon's family");
	setenv("BACKUP_S3_ACCESS_KEY", "guide", 1);
	test_ok(is(&settings, ZDB_SET_S3_ACCESS_KEY, "guide") &&
				is(&settings, ZDB_SET_S3_SECRET_KEY, NULL) &&
				is(&settings, ZDB_SET_S3_SESSION_TOKEN, NULL),
			"a secret of another family is not taken");
	setenv("BACKUP_S3_SECRET_KEY", "guide secret", 1);
	test_ok(is(&settings, ZDB_SET_S3_SECRET_KEY, "guide secret"),
			"one of its own is");
	settings.host[ZDB_SET_S3_ACCESS_KEY] = "host";
	setenv("ZDBACKUP_S3_SECRET_KEY", "our secret", 1);
	test_ok(is(&settings, ZDB_SET_S3_SECRET_KEY, "our secret"),
			"the host's settings and our variables are one family");
	zdb_settings_clear(&settings);
}

static void
test_files(void)
{
	zdb_settings settings = {0};
	zdb_err err = {0};
	char long_line[9000];

	test_write(test_path("secret"), "from a file\n", 12);
	setenv("ZDBACKUP_SMTP_PASSWORD_FILE", test_path("secret"), 1);
	test_ok(is(&settings, ZDB_SET_SMTP_PASSWORD, "from a file"),
			"a secret in a file, without its newline");
	setenv("ZDBACKUP_SMTP_USER_FILE", test_path("secret"), 1);
	test_ok(is(&settings, ZDB_SET_SMTP_USER, NULL),
			"what is no secret has no file");
	settings.host_file[ZDB_SET_SMTP_PASSWORD] = test_path("absent");
	zdb_settings_get(&settings, ZDB_SET_SMTP_PASSWORD, &err);
	test_err(&err, ZDB_NOT_FOUND, "zdbackup.smtp_password_file names");
	zdb_err_clear(&err);
	test_write(test_path("secret"), "two\nlines", 9);
	settings.host_file[ZDB_SET_SMTP_PASSWORD] = test_path("secret");
	zdb_settings_get(&settings, ZDB_SET_SMTP_PASSWORD, &err);
	test_err(&err, ZDB_USAGE, "control character");
	test_ok(!strstr(err.msg, "two"), "and the secret is not told");
	zdb_err_clear(&err);
	test_write(test_path("secret"), "\n", 1);
	zdb_settings_get(&settings, ZDB_SET_SMTP_PASSWORD, &err);
	test_err(&err, ZDB_USAGE, "is empty");
	zdb_err_clear(&err);
	memset(long_line, 'x', sizeof long_line);
	test_write(test_path("secret"), long_line, sizeof long_line);
	zdb_settings_get(&settings, ZDB_SET_SMTP_PASSWORD, &err);
	test_err(&err, ZDB_USAGE, "too long");
	zdb_settings_clear(&settings);
}

static void
test_values(void)
{
	zdb_settings settings = {0};
	zdb_err err = {0};
	bool path_style = false;

	settings.host[ZDB_SET_EMAIL_TO] = "a@x.org\r\nBcc: b@x.org";
	zdb_settings_get(&settings, ZDB_SET_EMAIL_TO, &err);
	test_err(&err, ZDB_USAGE, "zdbackup.email_to holds a control character");
	zdb_err_clear(&err);
	settings.host[ZDB_SET_EMAIL_TO] = "\xFF@x.org";
	zdb_settings_get(&settings, ZDB_SET_EMAIL_TO, &err);
	test_err(&err, ZDB_USAGE, "not valid UTF-8");
	zdb_err_clear(&err);
	settings.host[ZDB_SET_S3_PATH_STYLE] = "Yes";
	test_ok(zdb_settings_bool(&settings, ZDB_SET_S3_PATH_STYLE, &path_style,
							  &err) == ZDB_OK &&
				path_style,
			"a yes is true");
	settings.host[ZDB_SET_S3_PATH_STYLE] = "perhaps";
	zdb_settings_bool(&settings, ZDB_SET_S3_PATH_STYLE, &path_style, &err);
	test_err(&err, ZDB_USAGE, "zdbackup.s3_path_style must be true or false");
	zdb_settings_clear(&settings);
}

static zdb_rc
get_one(void *arg, zdb_err *err)
{
	zdb_settings settings = {0};

	(void) arg;
	zdb_settings_get(&settings, ZDB_SET_WEBHOOK_URL, err);
	zdb_settings_clear(&settings);
	return err->code;
}

/* A core dump must not have what a call has read. */
static void
test_wiped(void)
{
	zdb_arena arena = {0};
	const char *secret = zdb_arena_format(&arena, "a secret");

	zdb_arena_wipe(&arena);
	test_ok(!*secret && !secret[7], "secrets are overwritten");
	zdb_arena_clear(&arena);
}

int
main(void)
{
	clearenv();
	test_order();
	test_families();
	test_files();
	test_values();
	test_break_each("reading a setting", get_one, NULL);
	test_wiped();
	return test_done();
}
