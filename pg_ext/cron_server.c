/*
 * cron_server - pg_cron, wherever it lives
 */
#include "pg_ext/cron_server.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "pg_ext/bg.h"
#include "pg_ext/query.h"

#define EXTENSION                                          \
	"SELECT extversion FROM pg_catalog.pg_extension WHERE" \
	" extname = 'pg_cron'"

const char *
zdbpg_cron_database(void)
{
	return GetConfigOption("cron.database_name", true, false);
}

char *
zdbpg_query_in(const char *database, const char *sql)
{
	Oid oid = get_database_oid(database, false);
	List *texts;

	if (oid != MyDatabaseId)
		return zdbpg_bg_query(oid, sql);
	texts = zdbpg_query_texts(sql);
	return texts ? linitial(texts) : NULL;
}

char *
zdbpg_cron_query(const char *sql)
{
	return zdbpg_query_in(zdbpg_cron_database(), sql);
}

bool
zdbpg_cron_is_there(void)
{
	const char *name = zdbpg_cron_database();

	return name && OidIsValid(get_database_oid(name, true)) &&
		   zdbpg_cron_query(EXTENSION
							" AND has_schema_privilege('cron', 'USAGE')");
}

void
zdbpg_cron_require(void)
{
	const char *name = zdbpg_cron_database();

	if (!name)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schedules need pg_cron, which is not loaded"),
				 errhint("Install it (package postgresql-%d-cron), set "
						 "shared_preload_libraries = 'pg_cron' and "
						 "cron.database_name in postgresql.conf, and restart "
						 "the server.",
						 PG_VERSION_NUM / 10000)));
	if (!OidIsValid(get_database_oid(name, true)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_DATABASE),
				 errmsg("pg_cron's database \"%s\" does not exist", name),
				 errhint("Set cron.database_name to an existing database, and "
						 "restart the server.")));
	if (!zdbpg_cron_query(EXTENSION))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("database \"%s\" has no extension pg_cron", name),
				 errhint("As a superuser in that database: CREATE EXTENSION "
						 "pg_cron.")));
}

const char *
zdbpg_cron_zone(void)
{
	const char *zone = GetConfigOption("cron.timezone", true, false);

	return !zone || strcmp(zone, "GMT") == 0 ? "UTC" : zone;
}
