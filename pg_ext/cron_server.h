/*
 * cron_server - pg_cron, wherever it lives
 *
 * Its tables and functions are in one database of the cluster. In that one we
 * are in our own transaction; from any other a background worker goes there,
 * and what it does is done at once.
 */
#ifndef ZDB_PG_EXT_CRON_SERVER_H
#define ZDB_PG_EXT_CRON_SERVER_H

#include "pg_ext/zdbpg.h"

#include "core/policy/zone.h"

/* The name of that database; an error says what is missing. */
extern const char *zdbpg_cron_database(void);

/* Is it there, and may the user look? Else there are no jobs of ours. */
extern bool zdbpg_cron_is_there(void);

/* Run a SELECT of one row and one text there, or in any database; NULL for
 * null. */
extern char *zdbpg_cron_query(const char *sql);
extern char *zdbpg_query_in(const char *database, const char *sql);

/* The time zone that pg_cron goes by, "UTC" unless it is newer and was told
 * otherwise. */
extern const char *zdbpg_cron_zone(void);

#endif
