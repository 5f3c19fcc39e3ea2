/*
 * operation - what a scheduled job can do
 */
#include "core/job/operation.h"

#include <stdio.h>
#include <string.h>

static const zdb_operation rows[] = {
	{.name = "backup",
	 .function = "zdb_backup_to",
	 .call = ZDB_CALL_BACKUP,
	 .writes = true,
	 .arguments = {"repo", "compress", "options"}},
	{.name = "verify",
	 .function = "zdb_verify",
	 .call = ZDB_CALL_VERIFY,
	 .arguments = {"repo", "options"}},
	{.name = "prune",
	 .function = "zdb_prune",
	 .call = ZDB_CALL_PRUNE,
	 .writes = true,
	 .arguments = {"repo", "keep", "options"}},
	{.name = "health",
	 .function = "zdb_health",
	 .call = ZDB_CALL_HEALTH,
	 .arguments = {"repo", "options"}},
	{.name = "report",
	 .function = "zdb_report",
	 .call = ZDB_CALL_REPORT,
	 .told = true,
	 .arguments = {"repo", "period"}},
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
