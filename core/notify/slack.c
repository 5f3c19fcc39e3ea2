/*
 * slack - the message for an incoming webhook of Slack, as blocks
 *
 * Slack's limits: 150 characters in a header, 10 fields in a section, 2000
 * characters in a field. "&", "<" and ">" are escaped: so no name of a file
 * can mention a channel or make a link.
 */
#include <string.h>

#include "core/notify/sending.h"
#include "core/notify/slack.h"

#define TITLE_BYTES_MAX 140
#define FIELDS_MAX 10

static const char *
sign_of(zdb_event event)
{
	switch (event)
	{
		case ZDB_EVENT_SUCCESS:
			return "\u2705"; /* white heavy check mark */
		case ZDB_EVENT_FAILURE:
			return "\u274C"; /* cross mark */
		case ZDB_EVENT_HEALTH:
			return "\u26A0\uFE0F"; /* warning sign */
		case ZDB_EVENT_CRITICAL:
			return "\U0001F6A8"; /* police car's light */
		case ZDB_EVENT_REPORT:
			return "\U0001F4CA"; /* bar chart */
	}
	return "";
}

static const char *
escape(zdb_arena *arena, const char *text)
{
	char *copy = zdb_arena_alloc(arena, 5 * strlen(text) + 1), *to = copy;

	if (!copy)
		return "";
	for (; *text; text++)
		switch (*text)
		{
			case '&':
				to = stpcpy(to, "&amp;");
				break;
			case '<':
				to = stpcpy(to, "&lt;");
				break;
			case '>':
				to = stpcpy(to, "&gt;");
				break;
			default:
				*to++ = *text;
		}
	return copy;
}

static json_t *
make_header(const zdb_message *message, zdb_arena *arena)
{
	size_t len = strlen(message->title);

	if (len > TITLE_BYTES_MAX)
		for (len = TITLE_BYTES_MAX;
			 ((unsigned char) message->title[len] & 0xC0) == 0x80;)
			len--;
	return json_pack("{s:s, s:{s:s, s:s}}", "type", "header", "text", "type",
					 "plain_text", "text",
					 zdb_arena_format(arena, "%s %.*s",
									  sign_of(message->event), (int) len,
									  message->title));
}

static json_t *
make_section(const zdb_message *message, int from, zdb_arena *arena)
{
	json_t *fields = json_array();

	for (int i = from; i < message->line_count && i < from + FIELDS_MAX; i++)
		json_array_append_new(
			fields,
			json_pack("{s:s, s:s, s:b}", "type", "mrkdwn", "text",
					  zdb_arena_format(arena, "*%s*\n%s",
									   escape(arena, message->lines[i].label),
									   escape(arena, message->lines[i].text)),
					  "verbatim", 1));
	return json_pack("{s:s, s:o}", "type", "section", "fields", fields);
}

json_t *
zdb_slack_body(const zdb_message *message, zdb_arena *arena)
{
	json_t *blocks = json_array();

	json_array_append_new(blocks, make_header(message, arena));
	for (int i = 0; i < message->line_count; i += FIELDS_MAX)
		json_array_append_new(blocks, make_section(message, i, arena));
	return json_pack("{s:s, s:o}", "text", escape(arena, message->title),
					 "blocks", blocks);
}

zdb_rc
zdb_slack_open(zdb_sending *sending)
{
	json_t *body = zdb_slack_body(sending->message, &sending->arena);

	if (!body || zdb_arena_failed(&sending->arena))
	{
		json_decref(body);
		return zdb_err_nomem(&sending->err);
	}
	if (zdb_sending_http(sending, ZDB_SET_SLACK_WEBHOOK, body))
		return sending->err.code;
	return zdb_sending_start(sending);
}
