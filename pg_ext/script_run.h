/*
 * script_run - a script's statements, run inside our transaction
 */
#ifndef ZDB_PG_EXT_SCRIPT_RUN_H
#define ZDB_PG_EXT_SCRIPT_RUN_H

#include "postgres.h"

#include "pg_ext/script.h"

/* What psql would send and we do not run: the caller's timeouts, encodings
 * (taken note of in script), transactions of the script's own. */
extern bool zdbpg_script_is_skipped(zdbpg_script *script);

/* Run the present statement, with the rows that belong to it. Returns how
 * many rows a COPY block had. */
extern uint64 zdbpg_script_run_one(zdbpg_script *script);

/* Settings under which scripts run; to be called inside a GUC nest level. */
extern void zdbpg_script_settings(void);

/* For queries of our own: nobody else's operators and functions. */
extern void zdbpg_own_search_path(void);

/* Load the rows that follow the present COPY statement into its table. */
extern uint64 zdbpg_script_copy(zdbpg_script *script);

#endif
