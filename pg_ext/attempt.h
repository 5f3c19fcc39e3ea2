/*
 * attempt - something that may fail, or is to be taken back
 *
 * In a subtransaction, which ends before an error goes on: whoever catches it
 * outside finds its own on top.
 */
#ifndef ZDB_PG_EXT_ATTEMPT_H
#define ZDB_PG_EXT_ATTEMPT_H

#include "postgres.h"

/* Run it. Returns NULL, or the error in the present memory context; then, and
 * without keep in any case, nothing has happened. Errors that are nobody's
 * fault (cancelled, no memory, no room, a damaged file) are raised. */
extern ErrorData *zdbpg_attempt(void (*run)(void *arg), void *arg, bool keep);

/* The same for SQL that is kept; the error as text. */
extern char *zdbpg_attempt_sql(const char *sql);

/* What happened: message and detail. */
extern char *zdbpg_error_text(const ErrorData *error);

/* Run it and take all of it back. Every error is raised. */
extern void zdbpg_rehearse(void (*run)(void *arg), void *arg);

/* Of resources, operators or the system, and not of what was asked for? */
extern bool zdbpg_is_nobodys_fault(int sqlstate);

#endif
