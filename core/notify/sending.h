/*
 * sending - one message on its way through one channel
 *
 * A channel prepares its transfer in open; notify.c runs the transfers of all
 * channels together, and judges the answers.
 */
#ifndef ZDB_CORE_NOTIFY_SENDING_H
#define ZDB_CORE_NOTIFY_SENDING_H

#include "core/base/settings.h"
#include "core/net/http.h"
#include "core/notify/message.h"

typedef struct zdb_sending
{
	/* What open needs. */
	zdb_client *client;
	zdb_settings *settings;
	const zdb_message *message;

	/* What it makes: one of the two, and what they point to. */
	zdb_transfer *transfer; /* NULL: could not be prepared, see err */
	zdb_http http;
	zdb_transfer mail;

	zdb_http_request request;
	const char *headers[4];
	char *body; /* of jansson */
	struct curl_slist *recipients;
	zdb_buf mail_text;
	size_t mail_sent;
	zdb_arena arena;
	zdb_err err; /* the outcome */
} zdb_sending;

/* A request to the URL in a setting; payload (taken over) is its JSON body,
 * or NULL for a GET. Then headers may be added, and it is started. */
zdb_rc zdb_sending_http(zdb_sending *sending, zdb_setting url,
						json_t *payload);
zdb_rc zdb_sending_start(zdb_sending *sending);

/* Free all that it made; fine at any time. */
void zdb_sending_clear(zdb_sending *sending);

/* The channels. Each fails in sending->err. */
zdb_rc zdb_webhook_open(zdb_sending *sending);
zdb_rc zdb_slack_open(zdb_sending *sending);
zdb_rc zdb_smtp_open(zdb_sending *sending);
zdb_rc zdb_ping_open(zdb_sending *sending);

#endif
