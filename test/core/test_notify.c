/*
 * test_notify - what messages say, and that nothing in them gets out of place
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/net/peer.h"
#include "core/notify/mail.h"
#include "core/notify/notify.h"
#include "core/notify/slack.h"
#include "test/core/test.h"

#define NOON 1788868800000000 /* 2026-09-08T12:00:00Z */

static const char hostile[] = "<!channel> & \"x\"\r\nBcc: eve@x.org";

static bool
has(const json_t *payload, const char *part, const char *key, const char *text)
{
	const json_t *in = part ? json_object_get(payload, part) : payload;
	const char *got = json_string_value(json_object_get(in, key));

	return got && strcmp(got, text) == 0;
}

static zdb_notice
backup_notice(json_t *report)
{
	static const zdb_notice_stats stats = {15, 14.0 / 15, 0};

	return (zdb_notice){.event = ZDB_EVENT_SUCCESS,
						.operation = "backup",
						.job = "daily",
						.database = "shop",
						.engine = "sqlite",
						.report = report,
						.stats = &stats,
						.duration_s = 1.24,
						.good_backup = true,
						.now_us = NOON};
}

static void
test_payload(void)
{
	json_t *report =
		json_pack("{s:s, s:i, s:[]}", "path", "/b/shop_full.db.gz",
				  "stored_bytes", 185200, "duration_s", 1.24, "tables");
	zdb_notice notice = backup_notice(report);
	zdb_message message;
	zdb_err err = {0};
	json_t *p;

	zdb_message_init(&message, &notice, &err);
	p = message.payload;
	test_ok(has(p, NULL, "type", "success") &&
				has(p, NULL, "jobName", "daily") &&
				has(p, NULL, "timestamp", "2026-09-08T12:00:00Z"),
			"the guide's type, jobName and timestamp");
	test_ok(has(p, "data", "backupFile", "/b/shop_full.db.gz") &&
				has(p, "data", "fileSize", "185 KB") &&
				has(p, "data", "duration", "1.2s"),
			"its data");
	test_ok(has(p, "stats", "successRate", "93.33%") &&
				json_integer_value(json_object_get(json_object_get(p, "stats"),
												   "totalBackups")) == 15,
			"its stats");
	test_ok(!json_object_get(p, "error") && !json_object_get(p, "suggestions"),
			"no error in a success");
	test_ok(strcmp(message.title, "backup of shop succeeded") == 0, "title");
	zdb_message_clear(&message);

	notice.event = ZDB_EVENT_FAILURE;
	notice.good_backup = false;
	notice.job = NULL;
	notice.error = "could not write \"/b\": No space left on device";
	notice.hint = "Make room.";
	zdb_message_init(&message, &notice, &err);
	p = message.payload;
	test_ok(has(p, NULL, "jobName", "backup") &&
				has(p, NULL, "error", notice.error),
			"a failure says why");
	test_ok(strcmp(json_string_value(
					   json_array_get(json_object_get(p, "suggestions"), 0)),
				   "Make room.") == 0,
			"and what to do");
	zdb_message_clear(&message);
	json_decref(report);
}

static void
test_events(void)
{
	json_t *details = json_pack("{s:s, s:s, s:[s, s]}", "status", "warning",
								"period", "weekly", "alerts", "a", "b");
	zdb_notice notice = {.event = ZDB_EVENT_HEALTH,
						 .operation = "health",
						 .database = "shop",
						 .details = details};
	static const char *const titles[] = {
		"health of shop succeeded", "health of shop failed",
		"backups of shop: warning", "backups of shop: critical",
		"weekly report on backups of shop"};
	zdb_event event;
	zdb_err err = {0};

	for (int i = 0; i < ZDB_EVENTS; i++)
	{
		zdb_message message;

		notice.event = (zdb_event) i;
		zdb_message_init(&message, &notice, &err);
		test_ok(strcmp(message.title, titles[i]) == 0, "title \"%s\"",
				message.title);
		zdb_message_clear(&message);
		zdb_event_parse(zdb_event_name(notice.event),
						strlen(zdb_event_name(notice.event)), NULL, &event,
						&err);
		test_ok(!err.code && event == notice.event, "its name");
	}
	zdb_event_parse("succes", 6, "X", &event, &err);
	test_err(&err, ZDB_USAGE, "there is no event \"succes\", which stands in");
	json_decref(details);
}

static zdb_message
hostile_message(json_t **report)
{
	zdb_message message;
	zdb_notice notice;
	zdb_err err = {0};

	*report = json_pack("{s:s}", "path", hostile);
	notice = backup_notice(*report);
	notice.database = hostile;
	zdb_message_init(&message, &notice, &err);
	return message;
}

static void
test_slack(void)
{
	json_t *report, *body;
	zdb_message message = hostile_message(&report);
	zdb_arena arena = {0};
	char *text;

	body = zdb_slack_body(&message, &arena);
	text = json_dumps(body, 0);
	test_ok(strstr(text, "&lt;!channel&gt; &amp;") && !strstr(text, "*<!"),
			"a name cannot mention a channel");
	test_ok(json_array_size(json_object_get(body, "blocks")) >= 2,
			"a header and sections");
	free(text);
	json_decref(body);
	json_decref(report);
	zdb_arena_clear(&arena);
	zdb_message_clear(&message);
}

/* The mail's text up to the first empty line. */
static char *
mail_headers(const zdb_message *message, size_t *body_len)
{
	zdb_mail_addresses to = {{"a@x.org", "b@y.org"}, 2};
	zdb_buf mail = {0};
	zdb_err err = {0};
	char *text, *end;

	zdb_mail_write(message, "zdbackup@x.org", &to, &mail, &err);
	zdb_buf_append(&mail, "", 1, &err);
	text = strdup((char *) mail.data);
	zdb_buf_clear(&mail);
	end = strstr(text, "\r\n\r\n");
	*body_len = strlen(end);
	end[2] = '\0';
	return text;
}

static void
test_mail(void)
{
	json_t *report;
	zdb_message message = hostile_message(&report);
	size_t body_len;
	char *headers = mail_headers(&message, &body_len);

	test_ok(!strstr(headers, "\r\nBcc:") && strstr(headers, "Subject: "),
			"a name cannot add a header");
	test_ok(strstr(headers, "To: a@x.org,\r\n b@y.org\r\n") &&
				strstr(headers, "Date: Tue, 8 Sep 2026 12:00:00 +0000\r\n") &&
				strstr(headers, "From: zdbackup@x.org\r\n") &&
				strstr(headers, "@x.org>\r\n"),
			"To, Date, From, Message-ID");
	test_ok(body_len > 500, "and bodies");
	free(headers);
	json_decref(report);
	zdb_message_clear(&message);
}

/* Decode "=?UTF-8?B?...?=" words, and check each one's length. */
static bool
decodes_to(const char *header, const char *text)
{
	char out[2000] = "";
	unsigned char word[80];
	const char *p = header;

	while ((p = strstr(p, "=?UTF-8?B?")))
	{
		const char *end = strstr(p + 10, "?=");
		int len = (int) (end - p - 10);

		if (len + 12 > 75)
			return false;
		EVP_DecodeBlock(word, (const unsigned char *) p + 10, len);
		word[len / 4 * 3] = '\0';
		strcat(out, (char *) word);
		p = end;
	}
	return strcmp(out, text) == 0;
}

static char *
header(const char *text)
{
	static char line[2000];
	zdb_buf out = {0};
	zdb_err err = {0};

	zdb_mail_header("Subject", text, &out, &err);
	zdb_buf_append(&out, "", 1, &err);
	strcpy(line, (char *) out.data);
	zdb_buf_clear(&out);
	return line;
}

static void
test_encoded_words(void)
{
	char text[200] = "";

	test_ok(strcmp(header("plain"), "Subject: plain\r\n") == 0,
			"ASCII is left alone");
	for (int i = 0; i < 40; i++)
		strcat(text, "备");
	test_ok(decodes_to(header(text), text) && strstr(header(text), "?=\r\n ="),
			"UTF-8 in encoded words of at most 75 characters");
	test_ok(decodes_to(header("ä"), "ä"), "a short one");
	test_ok(decodes_to(header("x\ny"), "x\ny"), "a newline is encoded");
}

static void
test_addresses(void)
{
	static const char *const bad[] = {"ann",    "a@b@c",         "@x.org",
									  "a@",     "Ann <a@x.org>", "a b@x.org",
									  "ä@x.org"};
	zdb_mail_addresses to;
	zdb_arena arena = {0};
	zdb_err err = {0};

	zdb_mail_split(" a@x.org, b@y.org ,", "S", &arena, &to, &err);
	test_ok(to.count == 2 && strcmp(to.list[0], "a@x.org") == 0 &&
				strcmp(to.list[1], "b@y.org") == 0,
			"two addresses");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
	{
		zdb_err_clear(&err);
		zdb_mail_split(bad[i], "BACKUP_EMAIL", &arena, &to, &err);
		test_err(&err, ZDB_USAGE, "in BACKUP_EMAIL is not a mail address");
	}
	zdb_arena_clear(&arena);
}

static bool
named(const char *url, const char *setting, const char *wanted)
{
	char name[ZDB_PEER_BYTES];

	zdb_peer_name(url, setting, name);
	return strcmp(name, wanted) == 0;
}

static bool
says(const char *url, const char *words, const char *wanted)
{
	char out[20];

	zdb_peer_words(url, words, strlen(words), out, sizeof out);
	return strcmp(out, wanted) == 0;
}

static void
test_peers(void)
{
	static const char url[] = "https://me:secret1@h.org:99/tokens/T0KEN9?q=y";

	test_ok(named(url, NULL, "h.org:99") && named(url, "S", "h.org:99 (S)"),
			"a host, a port, a setting; no more");
	test_ok(named("https://me:se#cret@h.org", "S", "S"), "what is no URL");
	test_ok(says(url, "no\nsuch  team\n", "no such team"), "a server's words");
	test_ok(says(url, "cannot GET T0KEN9", "") && says(url, "secret1", ""),
			"never with a piece of the URL");
	test_ok(says(url, "h.org is busy", "h.org is busy"), "but with its host");
	test_ok(says(url, "\xFF", "") && says(url, "", ""), "nor bytes");
	test_ok(says(url, "123456789012345678ä", "123456789012345678"),
			"cut between characters");
	test_ok(zdb_peer_is_local("smtp://127.0.0.1:25") &&
				zdb_peer_is_local("smtp://localhost") &&
				!zdb_peer_is_local("smtp://localhost.x.org") &&
				!zdb_peer_is_local("smtp://localhost@x.org"),
			"who is local");
}

static void
test_nobody(void)
{
	zdb_settings settings = {0};
	zdb_notice notice = backup_notice(NULL);
	json_t *warnings = json_array();
	zdb_err err = {0};

	test_ok(!zdb_notify_send(&notice, &settings, NULL, &err), "nobody");
	test_err(&err, ZDB_USAGE, "there is nobody to notify");
	test_ok(strstr(err.hint, "ZDBACKUP_WEBHOOK_URL") != NULL, "%s", err.hint);
	zdb_notify_run(&notice, &settings, NULL, warnings);
	test_ok(json_array_size(warnings) == 0, "no notification, no warning");
	settings.host[ZDB_SET_WEBHOOK_URL] = "http://127.0.0.1:1/T0SECRET";
	settings.host[ZDB_SET_NOTIFY_EVENTS] = "failure, report";
	zdb_notify_run(&notice, &settings, NULL, warnings);
	test_ok(json_array_size(warnings) == 0, "not of this event");
	settings.host[ZDB_SET_NOTIFY_EVENTS] = "failure success";
	zdb_notify_run(&notice, &settings, NULL, warnings);
	test_ok(json_array_size(warnings) == 1, "a warning: %s",
			json_string_value(json_array_get(warnings, 0)));
	settings.host[ZDB_SET_NOTIFY_EVENTS] = "succes";
	zdb_notify_run(&notice, &settings, NULL, warnings);
	test_ok(json_array_size(warnings) == 2, "another: %s",
			json_string_value(json_array_get(warnings, 1)));
	json_decref(warnings);
	zdb_settings_clear(&settings);
}

static zdb_rc
send_to_nobody(void *arg, zdb_err *err)
{
	zdb_settings settings = {.host[ZDB_SET_WEBHOOK_URL] = "http://127.0.0.1:1",
							 .host[ZDB_SET_SLACK_WEBHOOK] =
								 "http://127.0.0.1:1",
							 .host[ZDB_SET_EMAIL_TO] = "a@x.org",
							 .host[ZDB_SET_SMTP_URL] = "smtp://127.0.0.1:1"};
	zdb_notice notice = backup_notice(NULL);
	json_t *outcomes = zdb_notify_send(&notice, &settings, NULL, err), *one;
	size_t i;

	(void) arg;
	json_array_foreach (outcomes, i, one)
		if (has(one, NULL, "error", "out of memory"))
			zdb_err_nomem(err);
	json_decref(outcomes);
	zdb_settings_clear(&settings);
	return err->code;
}

int
main(void)
{
	clearenv();
	test_payload();
	test_events();
	test_slack();
	test_mail();
	test_encoded_words();
	test_addresses();
	test_peers();
	test_nobody();
	test_break_each("sending", send_to_nobody, NULL);
	return test_done();
}
