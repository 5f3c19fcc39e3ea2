/*
 * tell - the end of a call, told to who wants to know
 */
#ifndef ZDB_CORE_JOB_TELL_H
#define ZDB_CORE_JOB_TELL_H

#include <jansson.h>

#include "core/base/host.h"
#include "core/base/settings.h"
#include "core/job/options.h"
#include "core/notify/message.h"

/* Texts are UTF-8. */
typedef struct zdb_ending
{
	zdb_call call;
	const char *engine;
	const char *database;
	const json_t *report;
	const char *error; /* NULL: it did not fail */
	const char *hint;
	const zdb_notice_stats *stats; /* or NULL */
} zdb_ending;

/* Notify, where a channel is configured: of backups, verifications, restores
 * and merges, not of dry runs. Never fails, and takes 10 seconds at most; what
 * could not be sent is appended to warnings. */
void zdb_tell(const zdb_ending *ending, zdb_settings *settings,
			  const zdb_host *host, json_t *warnings);

#endif
