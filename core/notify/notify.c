/*
 * notify - one message through every channel that is configured
 */
#include "core/notify/notify.h"

#include <stdio.h>
#include <string.h>

#include "core/notify/sending.h"

#define DEADLINE_MS 9000 /* and one second to hang up */

typedef struct channel
{
	const char *name;
	zdb_setting on; /* the setting that turns it on */
	zdb_rc (*open)(zdb_sending *sending);
} channel;

static const channel channels[] = {
	{"webhook", ZDB_SET_WEBHOOK_URL, zdb_webhook_open},
	{"slack", ZDB_SET_SLACK_WEBHOOK, zdb_slack_open},
	{"email", ZDB_SET_EMAIL_TO, zdb_smtp_open},
	{"ping", ZDB_SET_PING_URL, zdb_ping_open},
};

#define CHANNELS ((int) (sizeof channels / sizeof channels[0]))

static bool
is_on(zdb_settings *settings, const channel *channel)
{
	zdb_err err = {0};

	return zdb_settings_get(settings, channel->on, &err) || err.code;
}

/* The dead man's switch hears of good backups only. */
static bool
takes(const channel *channel, bool good_backup)
{
	return channel->on != ZDB_SET_PING_URL || good_backup;
}

/* Which events does notify_events name? All, when it is not set. */
static zdb_rc
is_wanted(zdb_settings *settings, zdb_event event, bool *wanted, zdb_err *err)
{
	const char *text = zdb_settings_get(settings, ZDB_SET_NOTIFY_EVENTS, err);

	*wanted = text == NULL;
	while (text && *(text += strspn(text, ", ")))
	{
		size_t len = strcspn(text, ", ");
		zdb_event told;

		if (zdb_event_parse(text, len,
							zdb_settings_name(settings, ZDB_SET_NOTIFY_EVENTS),
							&told, err))
			return err->code;
		*wanted = *wanted || told == event;
		text += len;
	}
	return err->code;
}

static bool
any_is_on(zdb_settings *settings)
{
	for (int i = 0; i < CHANNELS; i++)
		if (is_on(settings, &channels[i]))
			return true;
	return false;
}

static zdb_rc
check_any(zdb_settings *settings, zdb_err *err)
{
	if (any_is_on(settings))
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE, "there is nobody to notify");
	zdb_err_hint(err, "Set one of %s, %s, %s, %s.",
				 zdb_settings_name(settings, ZDB_SET_WEBHOOK_URL),
				 zdb_settings_name(settings, ZDB_SET_SLACK_WEBHOOK),
				 zdb_settings_name(settings, ZDB_SET_EMAIL_TO),
				 zdb_settings_name(settings, ZDB_SET_PING_URL));
	return err->code;
}

static json_t *
text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *
outcome(const channel *channel, zdb_sending *sending)
{
	int status = sending->http.response.status;

	if (sending->transfer && !sending->err.code)
		sending->err = sending->transfer->err;
	if (sending->transfer == &sending->http.transfer && !sending->err.code)
		zdb_http_check(&sending->request, &sending->http.response,
					   &sending->err);
	return json_pack(
		"{s:s, s:b, s:o, s:o, s:o, s:o}", "channel", channel->name, "ok",
		sending->err.code == ZDB_OK, "server",
		sending->transfer ? json_string(sending->transfer->peer) : json_null(),
		"status", status ? json_integer(status) : json_null(), "error",
		text_or_null(sending->err.msg), "hint",
		text_or_null(sending->err.hint));
}

/* Open what is on, run all together. */
static zdb_rc
send_all(zdb_sending *sendings, const zdb_sending *common, bool good_backup,
		 bool *used, zdb_err *err)
{
	zdb_transfer *transfers[CHANNELS];
	int count = 0;

	for (int i = 0; i < CHANNELS; i++)
	{
		sendings[i] = *common;
		used[i] = takes(&channels[i], good_backup) &&
				  is_on(common->settings, &channels[i]);
		if (used[i] && channels[i].open(&sendings[i]) == ZDB_OK)
			transfers[count++] = sendings[i].transfer;
	}
	return zdb_client_run(common->client, transfers, count, DEADLINE_MS, err);
}

json_t *
zdb_notify_send(const zdb_notice *notice, zdb_settings *settings,
				const zdb_host *host, zdb_err *err)
{
	zdb_sending sendings[CHANNELS] = {0};
	zdb_message message = {0};
	zdb_client *client = NULL;
	bool used[CHANNELS] = {0};
	json_t *outcomes = NULL;
	const char *ca_file = zdb_settings_get(settings, ZDB_SET_CA_FILE, err);

	if (err->code || check_any(settings, err) ||
		zdb_message_init(&message, notice, err) ||
		zdb_client_new(ca_file, host, &client, err) ||
		send_all(sendings,
				 &(zdb_sending){.client = client,
								.settings = settings,
								.message = &message},
				 notice->good_backup, used, err))
		goto done;
	outcomes = json_array();
	for (int i = 0; i < CHANNELS; i++)
		if (used[i])
			json_array_append_new(outcomes,
								  outcome(&channels[i], &sendings[i]));

done:
	for (int i = 0; i < CHANNELS; i++)
		zdb_sending_clear(&sendings[i]);
	zdb_client_free(client);
	zdb_message_clear(&message);
	return outcomes;
}

static json_t *
parse_details(const char *text, zdb_err *err)
{
	json_error_t where;
	json_t *details =
		json_loads(text ? text : "{}", JSON_REJECT_DUPLICATES, &where);

	if (!details && json_error_code(&where) == json_error_out_of_memory)
		zdb_err_nomem(err);
	else if (!json_is_object(details))
	{
		zdb_err_set(err, ZDB_USAGE, "details are not a JSON object%s%s",
					*where.text ? ": " : "", where.text);
		zdb_err_hint(err, "Write them like '{\"job\": \"nightly copy\"}'.");
		json_decref(details);
		return NULL;
	}
	return details;
}

static const char *
take_text(const json_t *details, const char *key)
{
	return json_string_value(json_object_get(details, key));
}

static bool
all_ok(const json_t *outcomes)
{
	json_t *one;
	size_t i;

	json_array_foreach (outcomes, i, one)
		if (!json_is_true(json_object_get(one, "ok")))
			return false;
	return true;
}

zdb_rc
zdb_notify_ask(const char *event, const char *details, zdb_notice *notice,
			   zdb_settings *settings, const zdb_host *host, json_t *report,
			   zdb_err *err)
{
	json_t *object = NULL, *outcomes;

	if (zdb_event_parse(event, strlen(event), NULL, &notice->event, err) ||
		!(object = parse_details(details, err)))
		return err->code;
	notice->operation = take_text(object, "job");
	notice->operation = notice->operation ? notice->operation : "test";
	notice->error = take_text(object, "error");
	notice->hint = take_text(object, "hint");
	notice->details = object;
	notice->good_backup = notice->event == ZDB_EVENT_SUCCESS;
	outcomes = zdb_notify_send(notice, settings, host, err);
	if (outcomes)
	{
		json_object_set_new(report, "event", json_string(event));
		json_object_set_new(report, "ok", json_boolean(all_ok(outcomes)));
		json_object_set_new(report, "channels", outcomes);
	}
	json_decref(object);
	return err->code;
}

static void
warn(json_t *warnings, const char *how, const char *error)
{
	json_array_append_new(warnings,
						  json_sprintf("%s was not sent: %s", how, error));
}

bool
zdb_notify_wanted(zdb_settings *settings, zdb_event event)
{
	zdb_err err = {0};
	bool wanted;

	return any_is_on(settings) &&
		   (is_wanted(settings, event, &wanted, &err) || wanted);
}

/* Returns whether anybody was told. */
static bool
warn_each(const json_t *outcomes, json_t *warnings)
{
	bool told = false;
	json_t *one;
	size_t i;

	json_array_foreach (outcomes, i, one)
	{
		const char *error = take_text(one, "error");
		char how[60];

		snprintf(how, sizeof how, "the notification by %s",
				 take_text(one, "channel"));
		if (error)
			warn(warnings, how, error);
		told = told || !error;
	}
	return told;
}

bool
zdb_notify_run(const zdb_notice *notice, zdb_settings *settings,
			   const zdb_host *host, json_t *warnings)
{
	json_t *outcomes = NULL;
	zdb_err err = {0};
	bool wanted, told;

	if (!any_is_on(settings))
		return false;
	if (is_wanted(settings, notice->event, &wanted, &err) == ZDB_OK && wanted)
		outcomes = zdb_notify_send(notice, settings, host, &err);
	if (err.code)
		warn(warnings, "the notification", err.msg);
	told = warn_each(outcomes, warnings);
	json_decref(outcomes);
	return told;
}
