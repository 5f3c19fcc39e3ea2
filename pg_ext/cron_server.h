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

/* Is it there, and may the user look? Else there are no jobs of ours. */
extern bool zdbpg_cron_is_there(void);

/* It has to be there: an error says what is missing. To be called before the
 * functions below. */
extern void zdbpg_cron_require(void);

/* The name of its database. */
extern const char *zdbpg_cron_database(void);

/* Run a SELECT of one row and one text there, or in any database; NULL for
 * null. */
extern char *zdbpg_cron_query(const char *sql);
extern char *zdbpg_query_in(const char *database, const char *sql);

/* The time zone that pg_cron goes by, "UTC" unless it is newer and was told
 * otherwise. */
extern const char *zdbpg_cron_zone(void);

#endif
