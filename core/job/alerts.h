/*
 * alerts - what zdb_health() found, announced once
 *
 * core/policy/announce.h says what is news. What was said last stands in the
 * repository, in zdbackup_alerts.json. It is written before anybody is told:
 * where it cannot be, nobody is told every ten minutes.
 */
#ifndef ZDB_CORE_JOB_ALERTS_H
#define ZDB_CORE_JOB_ALERTS_H

#include "core/base/host.h"
#include "core/base/settings.h"
#include "core/notify/message.h"
#include "core/store/store.h"

#define ZDB_ALERTS_NAME "zdbackup_alerts.json"

/* Announce notice->details, a report with a "status" (ok, warning, critical)
 * and "alerts", each an object with a "name"; where no channel is configured,
 * nothing happens. The event follows from the status. The caller may write to
 * the store. Never fails; what could not be done is appended to warnings. */
void zdb_alerts_tell(zdb_store *store, zdb_notice *notice,
					 zdb_settings *settings, const zdb_host *host,
					 json_t *warnings);

#endif
