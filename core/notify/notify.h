/*
 * notify - one message through every channel that is configured
 *
 * A channel is on when its setting is there: webhook_url, slack_webhook,
 * email_to, ping_url. All are tried at the same time and have 10 seconds
 * together, so that one that hangs takes nothing from the others. A channel
 * that fails is an outcome, not an error.
 */
#ifndef ZDB_CORE_NOTIFY_NOTIFY_H
#define ZDB_CORE_NOTIFY_NOTIFY_H

#include "core/base/host.h"
#include "core/base/settings.h"
#include "core/notify/message.h"

/* Send now, whatever notify_events says. Return a list, one object a channel
 * that is on: channel, ok, server, status (of HTTP, or null), error, hint;
 * NULL with err set when nothing could be tried; that nobody is to be notified
 * is an error, too. host may be NULL. */
json_t *zdb_notify_send(const zdb_notice *notice, zdb_settings *settings,
						const zdb_host *host, zdb_err *err);

/* zdb_notify(event, details): send now what somebody wrote. details is the
 * text of a JSON object, or NULL; its "job", "error" and "hint" go where they
 * belong. *notice holds who we are; report gets event, ok, channels. */
zdb_rc zdb_notify_ask(const char *event, const char *details,
					  zdb_notice *notice, zdb_settings *settings,
					  const zdb_host *host, json_t *report, zdb_err *err);

/* Is a channel on, and is the event one of notify_events? A setting that is
 * wrong counts as yes: sending says what is wrong. */
bool zdb_notify_wanted(zdb_settings *settings, zdb_event event);

/* Like zdb_notify_send(), but for the end of a call, which it never makes
 * fail: nothing is sent that is not wanted, and what could not be sent is
 * appended to warnings (texts). Returns whether anybody was told. */
bool zdb_notify_run(const zdb_notice *notice, zdb_settings *settings,
					const zdb_host *host, json_t *warnings);

#endif
