/*
 * open - the backup that a path of the call means
 */
#include "pg_ext/open.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"

zdb_rc
zdbpg_open_into(zdbpg_call *call, zdb_purpose purpose, const char *path,
				const char *at, zdb_reader **out, zdb_err *err)
{
	zdb_wanted wanted = {
		.purpose = purpose,
		.path = path,
		.at = at,
		.engine = "postgresql",
		.database = zdbpg_to_utf8(get_database_name(MyDatabaseId)),
		.host = &call->host,
		.settings = call->settings,
		.keys = call->keys,
		.warnings = call->warnings,
	};

	return zdb_backup_open(&wanted, out, err);
}

zdb_reader *
zdbpg_open(zdbpg_call *call, zdb_purpose purpose, const char *path,
		   const char *at)
{
	zdb_reader **reader = palloc0(sizeof *reader);
	zdb_err err = {0};

	zdbpg_own_reader(reader);
	zdbpg_check(zdbpg_open_into(call, purpose, path, at, reader, &err), &err);
	return *reader;
}
