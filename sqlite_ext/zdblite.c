/*
 * zdblite - the module's entry point and its table of functions
 */
#define ZDBLITE_MAIN
#include <stddef.h>

#include "sqlite_ext/scheduler.h"
#include "sqlite_ext/vtab_json.h"
#include "sqlite_ext/vfs_zdb.h"
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
	{"zdb_consolidate", 2, 3, zdblite_fn_consolidate},
	{"zdb_restore_from", 1, 2, zdblite_fn_restore},
	{"zdb_merge_from", 1, 2, zdblite_fn_merge},
	{"zdb_prune", 2, 3, zdblite_fn_prune},
	{"zdb_health", 1, 2, zdblite_fn_health},
	{"zdb_report", 2, 3, zdblite_fn_report},
	{"zdb_info", 1, 2, zdblite_fn_info},
	{"zdb_attach", 2, 3, zdblite_fn_attach},
	{"zdb_notify", 1, 2, zdblite_fn_notify},
	{"zdb_schedule", 3, 3, zdblite_fn_schedule},
	{"zdb_schedule_defaults", 1, 1, zdblite_fn_schedule_defaults},
	{"zdb_unschedule", 2, 2, zdblite_fn_unschedule},
	{"zdb_run_due", 1, 1, zdblite_fn_run_due},
	{"zdb_scheduler_stop", 0, 1, zdblite_fn_scheduler_stop},
	{"zdb_probe", 1, 1, zdblite_fn_probe},
	{"zdb_version", 0, 0, zdblite_fn_version},
	{"zdb_merge_tally", 4, 4, zdblite_fn_merge_tally},
};

static const zdblite_row_function *const row_functions[] = {
	&zdblite_entries, &zdblite_list,      &zdblite_jobs,
	&zdblite_history, &zdblite_diff_rows,
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

/* Its destructor tells us that the connection is closed. Registering it again
 * would call that. */
static int
register_scheduler(sqlite3 *db)
{
	sqlite3_stmt *known = NULL;

	sqlite3_prepare_v2(db, "SELECT zdb_scheduler_start(NULL)", -1, &known,
					   NULL);
	if (known)
		return sqlite3_finalize(known);
	return sqlite3_create_function_v2(db, "zdb_scheduler_start", 1,
									  SQLITE_UTF8 | SQLITE_DIRECTONLY, db,
									  zdblite_fn_scheduler_start, NULL, NULL,
									  zdblite_scheduler_owner_closed);
}

int
zdblite_register(sqlite3 *db)
{
	int rc = SQLITE_OK;

	for (size_t i = 0;
		 rc == SQLITE_OK && i < sizeof functions / sizeof functions[0]; i++)
		rc = register_function(db, &functions[i]);
	for (size_t i = 0;
		 rc == SQLITE_OK && i < sizeof row_functions / sizeof row_functions[0];
		 i++)
		rc = zdblite_row_function_register(db, row_functions[i]);
	return rc == SQLITE_OK ? register_scheduler(db) : rc;
}

__attribute__((visibility("default"))) int
sqlite3_zdbackup_init(sqlite3 *db, char **message,
					  const sqlite3_api_routines *api)
{
	int rc;

	SQLITE_EXTENSION_INIT2(api);
	if (sqlite3_libversion_number() < OLDEST_SQLITE)
	{
		*message = sqlite3_mprintf("zdbackup needs SQLite 3.38 or newer, "
								   "this is %s",
								   sqlite3_libversion());
		return SQLITE_ERROR;
	}
	rc = zdblite_register(db);
	if (rc == SQLITE_OK)
		rc = zdblite_vfs_register();
	/* the VFS outlives the connection */
	return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}
