/*
 * zdblite - the module's entry point and its table of functions
 */
#define ZDBLITE_MAIN
#include <stddef.h>

#include "sqlite_ext/vtab_rows.h"
#include "sqlite_ext/zdblite.h"
SQLITE_EXTENSION_INIT1

#define OLDEST_SQLITE 3038000

typedef struct sql_function
{
	const char *name;
	int args_min;
	int args_max;
	void (*call)(sqlite3_context *ctx, int argc, sqlite3_value **argv);
} sql_function;

/* Everything with an effect or an eye on the disk is DIRECTONLY: a hostile
 * database cannot call it from a view or a trigger. */
static const sql_function functions[] = {
	{"zdb_backup_to", 1, 3, zdblite_fn_backup},
	{"zdb_verify", 1, 2, zdblite_fn_verify},
	{"zdb_restore_from", 1, 2, zdblite_fn_restore},
	{"zdb_merge_from", 1, 2, zdblite_fn_merge},
	{"zdb_prune", 2, 3, zdblite_fn_prune},
	{"zdb_health", 1, 2, zdblite_fn_health},
	{"zdb_report", 2, 3, zdblite_fn_report},
	{"zdb_info", 1, 2, zdblite_fn_info},
	{"zdb_notify", 1, 2, zdblite_fn_notify},
	{"zdb_probe", 1, 1, zdblite_fn_probe},
	{"zdb_version", 0, 0, zdblite_fn_version},
};

static const zdblite_rows *const row_functions[] = {
	&zdblite_entries,
	&zdblite_list,
	&zdblite_history,
};

static int
register_function(sqlite3 *db, const sql_function *function)
{
	for (int args = function->args_min; args <= function->args_max; args++)
	{
		int rc = sqlite3_create_function_v2(
			db, function->name, args, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL,
			function->call, NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}

__attribute__((visibility("default"))) int
sqlite3_zdbackup_init(sqlite3 *db, char **message,
					  const sqlite3_api_routines *api)
{
	SQLITE_EXTENSION_INIT2(api);
	if (sqlite3_libversion_number() < OLDEST_SQLITE)
	{
		*message = sqlite3_mprintf("zdbackup needs SQLite 3.38 or newer, "
								   "this is %s",
								   sqlite3_libversion());
		return SQLITE_ERROR;
	}
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
	{
		int rc = register_function(db, &functions[i]);
		if (rc != SQLITE_OK)
			return rc;
	}
	for (size_t i = 0; i < sizeof row_functions / sizeof row_functions[0]; i++)
	{
		int rc = zdblite_rows_register(db, row_functions[i]);
		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}
