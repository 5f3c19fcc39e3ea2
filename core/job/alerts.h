/*
 * alerts - what zdb_health() found, announced once
 *
 * core/policy/announce.h says what is news. What was said last stands in the
 * repository, in zdbackup_alerts.json. It is written before anybody is told:
 * where it cannot be, nobody is told every ten minutes. Of several who look at
 * the same time, one speaks (zdbackup_alerts.lock).
 */
#ifndef ZDB_CORE_JOB_ALERTS_H
#define ZDB_CORE_JOB_ALERTS_H

#include "core/base/settings.h"
#include "core/job/run.h"
#include "core/notify/message.h"

#define ZDB_ALERTS_NAME "zdbackup_alerts.json"

/* Announce notice->details, the report of zdb_health(): its "status" and the
 * names of its "alerts" decide. Where no channel is configured, nothing
 * happens. The caller may write to the repository, and has looked at all of
 * it. Never fails; what could not be done is appended to warnings. */
void zdb_alerts_tell(const zdb_repository *repository, zdb_notice *notice,
					 zdb_settings *settings, json_t *warnings);

#endif
