/*
 * tell - how a call ended, told to who wants to know
 */
#ifndef ZDB_CORE_JOB_TELL_H
#define ZDB_CORE_JOB_TELL_H

#include "core/base/settings.h"
#include "core/job/run.h"

/* Notify, where a channel is configured; not of dry runs. The statistics are
 * those of the repository's history and of this run, which is not on record
 * yet. Never fails, and takes 10 seconds at most; what could not be sent is
 * appended to warnings. host may be NULL. */
void zdb_tell(const zdb_run *run, zdb_settings *settings, const zdb_host *host,
			  json_t *warnings);

#endif
