/*
 * operation - what a scheduled job can do
 */
#include "core/job/operation.h"

#include <stdio.h>
#include <string.h>

static const zdb_operation rows[] = {
	{"backup",
	 "zdb_backup_to",
	 ZDB_CALL_BACKUP,
	 true,
	 {"repo", "compress", "options"}},
	{"verify", "zdb_verify", ZDB_CALL_VERIFY, false, {"repo", "options"}},
	{"prune", "zdb_prune", ZDB_CALL_PRUNE, true, {"repo", "keep", "options"}},
	{"health", "zdb_health", ZDB_CALL_HEALTH, false, {"repo", "options"}},
	{"report", "zdb_report", ZDB_CALL_REPORT, false, {"repo", "period"}},
};

zdb_rc
zdb_operation_find(const char *name, const zdb_operation **operation,
				   zdb_err *err)
{
	char list[200] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		*operation = &rows[i];
		if (name && strcmp(name, rows[i].name) == 0)
			return ZDB_OK;
		used += (size_t) snprintf(list + used, sizeof list - used, "%s%s",
								  used ? ", " : "", rows[i].name);
	}
	if (name)
		zdb_err_set(err, ZDB_USAGE, "unknown operation \"%.100s\"", name);
	else
		zdb_err_set(err, ZDB_USAGE, "the job has no \"operation\"");
	zdb_err_hint(err, "The operations are: %s.", list);
	return err->code;
}
