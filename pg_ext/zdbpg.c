/*
 * zdbpg - the extension's entry point and settings
 */
#include "pg_ext/zdbpg.h"

#include "utils/guc.h"

PG_MODULE_MAGIC;

char *zdbpg_setting_compress;
char *zdbpg_setting_pg_dump;
char *zdbpg_setting_url_role;
int zdbpg_setting_jobs;

void _PG_init(void);

void
_PG_init(void)
{
	zdbpg_define_settings();
	DefineCustomStringVariable(
		"zdbackup.compress",
		"How backups are compressed when neither the call nor the path says.",
		"Such as gzip, gzip:9, zstd:3, none.", &zdbpg_setting_compress, "",
		PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("zdbackup.pg_dump",
							   "The pg_dump that writes definitions.",
							   "Empty: the one in the server's own directory.",
							   &zdbpg_setting_pg_dump, "", PGC_SUSET,
							   GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"zdbackup.url_role", "Role whose members may read and write at URLs.",
		"Empty: superusers only.", &zdbpg_setting_url_role, "", PGC_SUSET, 0,
		NULL, NULL, NULL);
	DefineCustomIntVariable(
		"zdbackup.jobs", "How many processes work on a backup.",
		"0: as many as there are processors, four at most.",
		&zdbpg_setting_jobs, 0, 0, 64, PGC_USERSET, 0, NULL, NULL, NULL);
	EmitWarningsOnPlaceholders("zdbackup");
}
