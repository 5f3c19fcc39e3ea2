/*
 * smtp - the message as a mail, handed to a mail server
 *
 * The connection is encrypted: from its first byte (smtps://), or by STARTTLS,
 * without which nothing is sent. Only a server on this machine can be spoken
 * to in the clear, when smtp_tls says so, or when no server is named at all.
 */
#include <string.h>
#include <unistd.h>

#include "core/notify/mail.h"
#include "core/notify/sending.h"

#define LOCAL_SERVER "smtp://localhost"

typedef struct account
{
	const char *url;
	const char *setting; /* where the URL comes from */
	const char *user;
	const char *password;
	const char *from;
	bool tls;
	zdb_mail_addresses to;
} account;

static const char *
default_sender(zdb_arena *arena)
{
	char host[256] = "localhost";

	if (gethostname(host, sizeof host - 1) != 0)
		strcpy(host, "localhost");
	return zdb_arena_format(arena, "zdbackup@%s", host);
}

static zdb_rc
check_tls(const account *to, zdb_settings *settings, zdb_err *err)
{
	if (to->tls || zdb_peer_is_local(to->url))
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE,
				"%s is false, but the mail server is not on "
				"this machine",
				zdb_settings_name(settings, ZDB_SET_SMTP_TLS));
	zdb_err_hint(err, "Mails and passwords go through the network encrypted "
					  "only: leave the setting out.");
	return err->code;
}

static zdb_rc
read_account(zdb_sending *sending, account *to)
{
	zdb_settings *settings = sending->settings;
	zdb_err *err = &sending->err;
	zdb_mail_addresses from;
	const char *text;

	to->url = zdb_settings_get(settings, ZDB_SET_SMTP_URL, err);
	to->setting = zdb_settings_name(settings, ZDB_SET_SMTP_URL);
	to->tls = to->url != NULL;
	to->url = to->url ? to->url : LOCAL_SERVER;
	to->user = zdb_settings_get(settings, ZDB_SET_SMTP_USER, err);
	to->password = zdb_settings_get(settings, ZDB_SET_SMTP_PASSWORD, err);
	if (err->code ||
		zdb_settings_bool(settings, ZDB_SET_SMTP_TLS, &to->tls, err) ||
		check_tls(to, settings, err))
		return err->code;
	text = zdb_settings_get(settings, ZDB_SET_EMAIL_TO, err);
	if (err->code ||
		zdb_mail_split(text, zdb_settings_name(settings, ZDB_SET_EMAIL_TO),
					   &sending->arena, &to->to, err))
		return err->code;
	text = zdb_settings_get(settings, ZDB_SET_EMAIL_FROM, err);
	text = text ? text : default_sender(&sending->arena);
	if (err->code ||
		zdb_mail_split(text, zdb_settings_name(settings, ZDB_SET_EMAIL_FROM),
					   &sending->arena, &from, err))
		return err->code;
	to->from = from.count ? from.list[0] : default_sender(&sending->arena);
	return zdb_arena_failed(&sending->arena) ? zdb_err_nomem(err) : ZDB_OK;
}

static size_t
send_mail(char *to, size_t size, size_t count, void *arg)
{
	zdb_sending *sending = arg;
	size_t left = sending->mail_text.len - sending->mail_sent;
	size_t len = size * count < left ? size * count : left;

	memcpy(to, sending->mail_text.data + sending->mail_sent, len);
	sending->mail_sent += len;
	return len;
}

static zdb_rc
set_recipients(zdb_sending *sending, const account *to)
{
	for (int i = 0; i < to->to.count; i++)
	{
		struct curl_slist *longer =
			curl_slist_append(sending->recipients, to->to.list[i]);

		if (!longer)
			return zdb_err_nomem(&sending->err);
		sending->recipients = longer;
	}
	return ZDB_OK;
}

static zdb_rc
set_options(zdb_sending *sending, const account *to)
{
	CURL *easy = sending->mail.easy;
	int failed = 0;

	failed |= (int) curl_easy_setopt(
		easy, CURLOPT_USE_SSL,
		(long) (to->tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	if (to->user)
		failed |= (int) curl_easy_setopt(easy, CURLOPT_USERNAME, to->user);
	if (to->password)
		failed |= (int) curl_easy_setopt(easy, CURLOPT_PASSWORD, to->password);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_MAIL_FROM, to->from);
	failed |=
		(int) curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, sending->recipients);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_READFUNCTION, send_mail);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_READDATA, sending);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
									 (curl_off_t) sending->mail_text.len);
	return failed ? zdb_err_nomem(&sending->err) : ZDB_OK;
}

zdb_rc
zdb_smtp_open(zdb_sending *sending)
{
	zdb_err *err = &sending->err;
	account to = {0};

	if (read_account(sending, &to) ||
		zdb_mail_write(sending->message, to.from, &to.to, &sending->mail_text,
					   err) ||
		zdb_transfer_init(&sending->mail, sending->client, to.url, to.setting,
						  err) ||
		set_recipients(sending, &to) || set_options(sending, &to))
		return err->code;
	sending->transfer = &sending->mail;
	return ZDB_OK;
}
