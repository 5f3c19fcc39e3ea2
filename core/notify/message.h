/*
 * message - what a notification says
 *
 * A notice is what the host knows. A message is made of it once: the JSON
 * that a webhook gets, and the title and lines that people read in Slack and
 * in mails. The JSON has the keys of the guide that zdbackup follows (type,
 * jobName, timestamp, data, stats), and more beside them.
 */
#ifndef ZDB_CORE_NOTIFY_MESSAGE_H
#define ZDB_CORE_NOTIFY_MESSAGE_H

#include <jansson.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"

typedef enum zdb_event
{
	ZDB_EVENT_SUCCESS,
	ZDB_EVENT_FAILURE,
	ZDB_EVENT_HEALTH,
	ZDB_EVENT_CRITICAL,
	ZDB_EVENT_REPORT,
} zdb_event;

#define ZDB_EVENTS (ZDB_EVENT_REPORT + 1)

/* "success", ... */
const char *zdb_event_name(zdb_event event);

/* The event of that name; ZDB_USAGE lists them. where, if not NULL, is the
 * setting that the name stands in. */
zdb_rc zdb_event_parse(const char *name, size_t len, const char *where,
					   zdb_event *event, zdb_err *err);

typedef struct zdb_notice_stats
{
	int64_t total_backups;
	double success_rate; /* 0 to 1 */
	int64_t consecutive_failures;
} zdb_notice_stats;

/* All text is UTF-8; what is NULL is left out. */
typedef struct zdb_notice
{
	zdb_event event;
	const char *operation; /* "backup", "verify", ... */
	const char *job;       /* its name in a schedule; NULL: the operation's */
	const char *database;
	const char *engine;
	const json_t *report;  /* of the call: what matters of it is told */
	const json_t *details; /* an object that is told as it is */
	const char *error;     /* why it failed */
	const char *hint;
	const zdb_notice_stats *stats;
	double duration_s;
	bool good_backup; /* tells the dead man's switch so */
	int64_t now_us;
} zdb_notice;

typedef struct zdb_message_line
{
	const char *label;
	const char *text; /* of one line */
} zdb_message_line;

#define ZDB_MESSAGE_LINES 24

typedef struct zdb_message
{
	zdb_event event;
	int64_t now_us;
	json_t *payload;
	const char *title; /* "backup of shop failed" */
	zdb_message_line lines[ZDB_MESSAGE_LINES];
	int line_count;
	zdb_arena arena;
} zdb_message;

/* *message is to be cleared also after an error. */
zdb_rc zdb_message_init(zdb_message *message, const zdb_notice *notice,
						zdb_err *err);

void zdb_message_clear(zdb_message *message);

#endif
