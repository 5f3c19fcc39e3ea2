/*
 * settings - core's table of settings as zdbackup.* settings of PostgreSQL
 *
 * What SET, ALTER ROLE and ALTER DATABASE say is kept where every user can
 * read it. So secrets come from the configuration file only, or from files
 * whose names may be set like anything else.
 */
#include "pg_ext/zdbpg.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"

static char *values[ZDB_SETTINGS];
static char *files[ZDB_SETTINGS];

static void
define(const char *name, const char *suffix, const char *what, char **value,
	   bool secret)
{
	char *full = MemoryContextStrdup(TopMemoryContext,
									 psprintf("zdbackup.%s%s", name, suffix));
	char *sentence =
		MemoryContextStrdup(TopMemoryContext, psprintf("%s.", what));

	DefineCustomStringVariable(
		full, sentence, NULL, value, "", secret ? PGC_SIGHUP : PGC_SUSET,
		secret ? GUC_SUPERUSER_ONLY | GUC_NO_SHOW_ALL : 0, NULL, NULL, NULL);
}

static bool
is_preloaded(void)
{
	static const char *const lists[] = {"shared_preload_libraries",
										"session_preload_libraries"};

	for (int i = 0; i < lengthof(lists); i++)
	{
		const char *list = GetConfigOption(lists[i], true, false);

		if (list && strstr(list, "zdbackup"))
			return true;
	}
	return false;
}

/* A server that does not know our settings shows them to everybody. */
static void
warn_if_exposed(void)
{
	if (is_preloaded() || IsBackgroundWorker)
		return;
	for (int i = 0; i < ZDB_SETTINGS; i++)
		if (zdb_setting_rows[i].secret && *values[i])
			ereport(WARNING,
					(errmsg("zdbackup.%s can be read by every user",
							zdb_setting_rows[i].name),
					 errhint("Name a file with zdbackup.%s_file instead, or "
							 "add zdbackup to session_preload_libraries.",
							 zdb_setting_rows[i].name)));
}

void
zdbpg_define_settings(void)
{
	for (int i = 0; i < ZDB_SETTINGS; i++)
	{
		const zdb_setting_row *row = &zdb_setting_rows[i];

		define(row->name, "", row->what, &values[i], row->secret);
		if (row->secret)
			define(row->name, "_file",
				   psprintf("File that holds zdbackup.%s", row->name),
				   &files[i], false);
	}
	warn_if_exposed();
}

static void
clear_settings(void *settings)
{
	zdb_settings_clear(settings);
}

zdb_settings *
zdbpg_settings(void)
{
	zdb_settings *settings = palloc0(sizeof *settings);
	void **slot = palloc(sizeof *slot);

	settings->has_host = true;
	for (int i = 0; i < ZDB_SETTINGS; i++)
	{
		settings->host[i] = zdbpg_to_utf8(values[i]);
		settings->host_file[i] = files[i];
	}
	*slot = settings;
	zdbpg_own(slot, clear_settings);
	return settings;
}

const char *
zdbpg_setting(zdb_setting which)
{
	zdb_err err = {0};
	const char *text = zdb_settings_get(zdbpg_settings(), which, &err);

	zdbpg_check(err.code, &err);
	return text ? zdbpg_from_utf8(text) : NULL;
}
