/*
 * tell - the end of a call, told to who wants to know
 */
#include "core/job/tell.h"

#include "core/base/text.h"
#include "core/notify/notify.h"

/* What a call does, in a word; NULL when nobody needs to hear of it. */
static const char *
operation_of(zdb_call call)
{
	switch (call)
	{
		case ZDB_CALL_BACKUP:
			return "backup";
		case ZDB_CALL_VERIFY:
			return "verification";
		case ZDB_CALL_RESTORE:
			return "restore";
		case ZDB_CALL_MERGE:
			return "merge";
		case ZDB_CALL_INFO:
		case ZDB_CALL_LIST:
		case ZDB_CALL_NOTIFY:
			return NULL;
	}
	return NULL;
}

static const char *
text_of(const json_t *report, const char *key)
{
	return json_string_value(json_object_get(report, key));
}

void
zdb_tell(const zdb_ending *ending, zdb_settings *settings,
		 const zdb_host *host, json_t *warnings)
{
	const json_t *report = ending->report;
	zdb_notice notice = {.event = ZDB_EVENT_SUCCESS,
						 .operation = operation_of(ending->call),
						 .database = ending->database,
						 .engine = ending->engine,
						 .report = report,
						 .error = ending->error,
						 .hint = ending->hint,
						 .stats = ending->stats,
						 .now_us = zdb_now_us()};

	if (!notice.operation || json_is_true(json_object_get(report, "dry_run")))
		return;
	/* a verification that was asked not to raise */
	if (!notice.error && json_is_false(json_object_get(report, "ok")))
	{
		notice.error = text_of(report, "error");
		notice.hint = text_of(report, "hint");
	}
	if (notice.error)
		notice.event = ZDB_EVENT_FAILURE;
	notice.good_backup = !notice.error && ending->call == ZDB_CALL_BACKUP;
	zdb_notify_run(&notice, settings, host, warnings);
}
