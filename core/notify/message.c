/*
 * message - what a notification says
 */
#include "core/notify/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"

#define LINE_BYTES_MAX 600

static const char *const event_names[ZDB_EVENTS] = {
	"success", "failure", "health", "critical", "report"};

const char *
zdb_event_name(zdb_event event)
{
	return event_names[event];
}

zdb_rc
zdb_event_parse(const char *name, size_t len, const char *where,
				zdb_event *event, zdb_err *err)
{
	for (int i = 0; i < ZDB_EVENTS; i++)
		if (strlen(event_names[i]) == len &&
			memcmp(event_names[i], name, len) == 0)
		{
			*event = (zdb_event) i;
			return ZDB_OK;
		}
	zdb_err_set(err, ZDB_USAGE, "there is no event \"%.*s\"%s%s", (int) len,
				name, where ? ", which stands in " : "", where ? where : "");
	zdb_err_hint(err, "Choose of success, failure, health, critical, report.");
	return err->code;
}

typedef enum fact_kind
{
	FACT_PLAIN,
	FACT_SIZE,
} fact_kind;

/* What a call's report and a message call the same thing. */
static const struct
{
	const char *in_report;
	const char *in_data;
	fact_kind kind;
} facts[] = {
	{"path", "backupFile", FACT_PLAIN},
	{"stored_bytes", "fileSize", FACT_SIZE},
	{"stored_bytes", "fileSizeBytes", FACT_PLAIN},
	{"type", "backupType", FACT_PLAIN},
	{"target", "target", FACT_PLAIN},
	{"rows", "rows", FACT_PLAIN},
	{"verified", "verified", FACT_PLAIN},
	{"sha256", "sha256", FACT_PLAIN},
	{"prebackup", "prebackup", FACT_PLAIN},
	{"inserted", "inserted", FACT_PLAIN},
	{"updated", "updated", FACT_PLAIN},
	{"conflicts_total", "conflicts", FACT_PLAIN},
	{"removed", "removed", FACT_PLAIN},
	{"freed_bytes", "freed", FACT_SIZE},
};

/* "185 KB" */
static json_t *
size_text(double bytes)
{
	static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
	size_t unit = 0;
	char text[40];

	for (; bytes >= 1000 && unit < 4; unit++)
		bytes /= 1000;
	snprintf(text, sizeof text, unit > 0 && bytes < 10 ? "%.1f %s" : "%.0f %s",
			 bytes, units[unit]);
	return json_string(text);
}

static json_t *
fact_value(fact_kind kind, json_t *value)
{
	switch (kind)
	{
		case FACT_PLAIN:
			return json_incref(value);
		case FACT_SIZE:
			return size_text(json_number_value(value));
	}
	return NULL;
}

static void
put_text(json_t *into, const char *key, const char *text)
{
	if (text)
		json_object_set_new(into, key, json_string(text));
}

static json_t *
make_data(const zdb_notice *notice)
{
	json_t *data =
		notice->details ? json_deep_copy(notice->details) : json_pack("{}");
	char seconds[40];

	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
	{
		json_t *value = json_object_get(notice->report, facts[i].in_report);

		if (value && !json_is_null(value) && !json_is_object(value) &&
			!json_is_array(value))
			json_object_set_new(data, facts[i].in_data,
								fact_value(facts[i].kind, value));
	}
	snprintf(seconds, sizeof seconds, "%.1fs", notice->duration_s);
	if (notice->duration_s > 0)
		put_text(data, "duration", seconds);
	return data;
}

static json_t *
make_stats(const zdb_notice_stats *stats)
{
	char rate[20];

	snprintf(rate, sizeof rate, "%.2f%%", stats->success_rate * 100);
	return json_pack("{s:I, s:s, s:I}", "totalBackups",
					 (json_int_t) stats->total_backups, "successRate", rate,
					 "consecutiveFailures",
					 (json_int_t) stats->consecutive_failures);
}

/* What one can do about a failure. */
static json_t *
make_suggestions(const zdb_notice *notice)
{
	json_t *list = json_array();

	if (notice->hint && *notice->hint)
		json_array_append_new(list, json_string(notice->hint));
	if (notice->good_backup || strcmp(notice->operation, "backup") != 0)
		return list;
	json_array_append_new(
		list, json_string("Nothing of this run is left at its destination; "
						  "earlier backups are as they were."));
	json_array_append_new(
		list, json_string("Run it again by hand, to see the error where you "
						  "can change it."));
	return list;
}

static json_t *
make_payload(const zdb_notice *notice)
{
	char timestamp[ZDB_ISO8601_BYTES], host[256] = "";
	json_t *payload;

	zdb_text_iso8601(notice->now_us, timestamp);
	payload = json_pack(
		"{s:s, s:s, s:s, s:s}", "type", zdb_event_name(notice->event),
		"jobName", notice->job ? notice->job : notice->operation, "timestamp",
		timestamp, "operation", notice->operation);
	put_text(payload, "database", notice->database);
	put_text(payload, "engine", notice->engine);
	if (gethostname(host, sizeof host - 1) == 0)
		put_text(payload, "host", host);
	put_text(payload, "error", notice->error);
	if (notice->error)
		json_object_set_new(payload, "suggestions", make_suggestions(notice));
	json_object_set_new(payload, "data", make_data(notice));
	if (notice->stats)
		json_object_set_new(payload, "stats", make_stats(notice->stats));
	return payload;
}

static const char *
detail(const zdb_notice *notice, const char *key)
{
	const char *text =
		json_string_value(json_object_get(notice->details, key));

	return text ? text : "";
}

/* In a sentence: "verification of shop failed". */
static const char *
noun_of(const char *operation)
{
	return strcmp(operation, "verify") == 0 ? "verification" : operation;
}

static const char *
make_title(zdb_message *message, const zdb_notice *notice)
{
	const char *database = notice->database ? notice->database : "?";
	const char *what;

	switch (notice->event)
	{
		case ZDB_EVENT_SUCCESS:
			return zdb_arena_format(&message->arena, "%s of %s succeeded",
									noun_of(notice->operation), database);
		case ZDB_EVENT_FAILURE:
			return zdb_arena_format(&message->arena, "%s of %s failed",
									noun_of(notice->operation), database);
		case ZDB_EVENT_HEALTH:
			what = detail(notice, "status");
			return zdb_arena_format(&message->arena, "backups of %s: %s",
									database, *what ? what : "health");
		case ZDB_EVENT_CRITICAL:
			return zdb_arena_format(&message->arena, "backups of %s: critical",
									database);
		case ZDB_EVENT_REPORT:
			what = detail(notice, "period");
			return zdb_arena_format(&message->arena,
									"%s%sreport on backups of %s", what,
									*what ? " " : "", database);
	}
	return "";
}

/* One line without control characters, cut between characters. */
static const char *
one_line(zdb_message *message, const char *text)
{
	size_t len = strlen(text);
	bool cut = len > LINE_BYTES_MAX;
	char *copy = zdb_arena_alloc(&message->arena, len + 4);

	if (!copy)
		return "";
	if (cut)
		for (len = LINE_BYTES_MAX; ((unsigned char) text[len] & 0xC0) == 0x80;)
			len--;
	for (size_t i = 0; i < len; i++)
		copy[i] =
			(unsigned char) text[i] < ' ' || text[i] == 0x7F ? ' ' : text[i];
	strcpy(copy + len, cut ? "..." : "");
	return copy;
}

static void
add_line(zdb_message *message, const char *label, const json_t *value)
{
	char *dumped = NULL;
	const char *text = json_string_value(value);

	if (!value || message->line_count == ZDB_MESSAGE_LINES)
		return;
	if (!text)
		text = dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
											  JSON_REAL_PRECISION(6));
	if (text)
		message->lines[message->line_count++] = (zdb_message_line){
			one_line(message, label), one_line(message, text)};
	free(dumped);
}

/* "consecutiveFailures" reads "consecutive failures". */
static const char *
label_of(zdb_message *message, const char *key)
{
	char *label = zdb_arena_alloc(&message->arena, 2 * strlen(key) + 1);
	char *to = label;

	if (!label)
		return "";
	for (; *key; key++)
	{
		bool capital = *key >= 'A' && *key <= 'Z';

		if (capital && to > label && to[-1] != ' ')
			*to++ = ' ';
		*to++ = capital ? (char) (*key - 'A' + 'a') : *key == '_' ? ' ' : *key;
	}
	return label;
}

/* Alerts: each says what it is called and what it means. */
static bool
add_alerts(zdb_message *message, const json_t *list)
{
	json_t *alert;
	size_t i;

	json_array_foreach (list, i, alert)
	{
		json_t *text = json_object_get(alert, "message");
		const char *name = json_string_value(json_object_get(alert, "name"));

		if (!text || !name)
			return false;
		add_line(message, label_of(message, name), text);
	}
	return json_array_size(list) > 0;
}

static void
add_object(zdb_message *message, const char *part)
{
	json_t *object = json_object_get(message->payload, part), *value;
	const char *key;

	json_object_foreach (object, key, value)
		if (!add_alerts(message, value))
			add_line(message, label_of(message, key), value);
}

static void
add_lines(zdb_message *message)
{
	static const char *const first[] = {"error", "database", "engine",
										"host",  "jobName",  "timestamp"};
	json_t *suggestion;
	size_t i;

	for (i = 0; i < sizeof first / sizeof first[0]; i++)
		add_line(message, label_of(message, first[i]),
				 json_object_get(message->payload, first[i]));
	json_array_foreach (json_object_get(message->payload, "suggestions"), i,
						suggestion)
		add_line(message, "to do", suggestion);
	add_object(message, "data");
	add_object(message, "stats");
}

zdb_rc
zdb_message_init(zdb_message *message, const zdb_notice *notice, zdb_err *err)
{
	*message = (zdb_message){.event = notice->event, .now_us = notice->now_us};
	message->payload = make_payload(notice);
	message->title = one_line(message, make_title(message, notice));
	add_lines(message);
	if (!message->payload || zdb_arena_failed(&message->arena))
		return zdb_err_nomem(err);
	return ZDB_OK;
}

void
zdb_message_clear(zdb_message *message)
{
	json_decref(message->payload);
	zdb_arena_clear(&message->arena);
	message->payload = NULL;
}
