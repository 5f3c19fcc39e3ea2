/*
 * attempt - something that may fail, and then has not happened
 */
#ifndef ZDB_PG_EXT_ATTEMPT_H
#define ZDB_PG_EXT_ATTEMPT_H

/* Run it in a subtransaction. Returns NULL, or the error's text, in the
 * present memory context; all it did is taken back then. Errors that are
 * nobody's fault (cancelled, no memory, no room, a damaged file) are raised.
 */
extern char *zdbpg_attempt(void (*run)(void *arg), void *arg);

/* The same for SQL. */
extern char *zdbpg_attempt_sql(const char *sql);

#endif
