/*
 * slack - the message for an incoming webhook of Slack, as blocks
 */
#ifndef ZDB_CORE_NOTIFY_SLACK_H
#define ZDB_CORE_NOTIFY_SLACK_H

#include "core/notify/message.h"

/* The body of the request, or NULL without memory; texts are in the arena. */
json_t *zdb_slack_body(const zdb_message *message, zdb_arena *arena);

#endif
