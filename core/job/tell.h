/*
 * tell - how a call ended, told to who wants to know
 */
#ifndef ZDB_CORE_JOB_TELL_H
#define ZDB_CORE_JOB_TELL_H

#include "core/base/settings.h"
#include "core/job/run.h"
#include "core/notify/message.h"

/* Notify, where a channel is configured; not of dry runs. The statistics are
 * those of the repository's history and of this run, which is not on record
 * yet. Never fails, and takes 10 seconds at most; what could not be sent is
 * appended to warnings. host may be NULL. */
void zdb_tell(const zdb_run *run, zdb_settings *settings, const zdb_host *host,
			  json_t *warnings);

/* Send what a scheduled zdb_report() says as the event "report": its numbers
 * and lists, without what only charts need. *notice holds who we are. Never
 * fails; what could not be sent is appended to the report's warnings. */
void zdb_tell_report(zdb_notice *notice, json_t *report,
					 zdb_settings *settings, const zdb_host *host);

#endif
