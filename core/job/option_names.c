/*
 * option_names - what calls and levels are called
 */
#include <string.h>

#include "core/job/options.h"

static const char *const level_names[] = {"none", "index", "data", "restore"};

const char *
zdb_level_name(zdb_level level)
{
	return level_names[level];
}

zdb_level
zdb_level_of(const char *name)
{
	for (int level = ZDB_LEVEL_RESTORE; name && level > ZDB_LEVEL_NONE;
		 level--)
		if (strcmp(name, level_names[level]) == 0)
			return (zdb_level) level;
	return ZDB_LEVEL_NONE;
}

const char *
zdb_call_operation(zdb_call call)
{
	switch (call)
	{
		case ZDB_CALL_BACKUP:
			return "backup";
		case ZDB_CALL_VERIFY:
			return "verify";
		case ZDB_CALL_RESTORE:
			return "restore";
		case ZDB_CALL_MERGE:
			return "merge";
		case ZDB_CALL_PRUNE:
			return "prune";
		case ZDB_CALL_CONSOLIDATE:
			return "consolidate";
		case ZDB_CALL_INFO:
		case ZDB_CALL_LIST:
		case ZDB_CALL_HEALTH:
		case ZDB_CALL_REPORT:
		case ZDB_CALL_NOTIFY:
		case ZDB_CALL_SCHEDULE:
		case ZDB_CALL_DIFF:
		case ZDB_CALL_ROWS:
			break;
	}
	return NULL;
}
