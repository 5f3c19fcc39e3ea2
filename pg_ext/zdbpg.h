/*
 * zdbpg - what the files of the PostgreSQL extension share
 *
 * PostgreSQL functions may longjmp; core never calls one, so that no error
 * crosses a frame of core. Objects of core that a call opens are owned by a
 * memory context (zdbpg_own()): whatever ends the call frees them.
 */
#ifndef ZDB_PG_EXT_ZDBPG_H
#define ZDB_PG_EXT_ZDBPG_H

#include "postgres.h"

#include "fmgr.h"

#include "core/base/err.h"
#include "core/base/settings.h"
#include "pg_ext/json.h"

/* PostgreSQL's own settings; see zdbpg.c. */
extern char *zdbpg_setting_compress;
extern char *zdbpg_setting_pg_dump;
extern char *zdbpg_setting_url_role;
extern int zdbpg_setting_jobs;

/* What both engines have; see core/base/settings.h. */
extern void zdbpg_define_settings(void);

/* Their values now, for core; they last as long as the current memory
 * context. */
extern zdb_settings *zdbpg_settings(void);

/* One of them in the server's encoding, as long as the current memory
 * context; NULL when it is not set. */
extern const char *zdbpg_setting(zdb_setting which);

/* Raise *err as a PostgreSQL error. Cancellation is raised by PostgreSQL
 * itself. */
extern void zdbpg_raise(const zdb_err *err) pg_attribute_noreturn();

/* Raise unless rc is ZDB_OK. */
static inline void
zdbpg_check(zdb_rc rc, const zdb_err *err)
{
	if (rc != ZDB_OK)
		zdbpg_raise(err);
}

/* What releases an object of core; NULL is fine for it. */
typedef void (*zdbpg_release)(void *object);

/*
 * Let the current memory context own *slot, which may be NULL still: release
 * is called with its value when the context goes. To be called before the
 * object exists. The slot must live in that context.
 */
extern void zdbpg_own(void **slot, zdbpg_release release);

/* The same for a reader, and for a text of core's; and a new buffer. */
struct zdb_reader;
struct zdb_buf;
extern void zdbpg_own_reader(struct zdb_reader **slot);
extern void zdbpg_own_text(char **slot);
extern void zdbpg_own_new_buf(struct zdb_buf **slot);

/* Between the server's encoding and UTF-8; the result may be the argument.
 * What a SQL_ASCII database holds that is not UTF-8 is taken for Latin 1. */
extern char *zdbpg_to_utf8(const char *text);
extern char *zdbpg_from_utf8(const char *text);

#endif
