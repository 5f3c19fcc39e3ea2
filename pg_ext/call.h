/*
 * call - one call of a SQL function: its options, its report, its memory
 */
#ifndef ZDB_PG_EXT_CALL_H
#define ZDB_PG_EXT_CALL_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

#include "pg_ext/json.h"

#include "core/base/host.h"
#include "core/job/options.h"
#include "core/store/store.h"
#include "pg_ext/zdbpg.h"

typedef struct zdbpg_call
{
	MemoryContext context; /* what the call opens; gone before it is told */
	zdb_call kind;
	zdb_options options;
	zdb_host host; /* zdbpg_host */
	json_t *report;
	json_t *warnings;
	json_t *rows; /* of a function that returns some: objects */
	double started_s;
	zdb_settings *settings; /* as they were when the call began */
	char *database;         /* in UTF-8 */
} zdbpg_call;

/* Stops core when the query is cancelled. */
extern const zdb_host zdbpg_host;

/* Run body with a call that has parsed options (argument number
 * options_arg, or -1), and return the report as jsonb. How it ended is told
 * to who wants to know. What the call opened is gone afterwards, also after an
 * error. */
extern Datum
zdbpg_call_run(FunctionCallInfo fcinfo, zdb_call kind, int options_arg,
			   void (*body)(zdbpg_call *call, FunctionCallInfo fcinfo));

/* Like zdbpg_call_run(), but what is returned are call->rows: each column's
 * value is that under its name. */
extern Datum
zdbpg_call_rows(FunctionCallInfo fcinfo, zdb_call kind, int options_arg,
				void (*body)(zdbpg_call *call, FunctionCallInfo fcinfo));

/* A file or a repository, whose path or URL is where, as the call reaches it;
 * the caller's right to do so has been checked. */
extern zdb_store_options zdbpg_call_reach(zdbpg_call *call, const char *where);

/* Put a value into the report, which takes it over. */
extern void zdbpg_report(zdbpg_call *call, const char *key, json_t *value);

/* Add to the report's warnings. */
extern void zdbpg_warn(zdbpg_call *call, const char *fmt, ...)
	pg_attribute_printf(2, 3);

/* The path in argument arg, made absolute, after checking that the caller may
 * read (or write) the server's files. */
extern char *zdbpg_path_arg(FunctionCallInfo fcinfo, int arg, bool write);

/* Like zdbpg_path_arg(), but without one it is zdbackup.repository. */
extern char *zdbpg_repository_arg(FunctionCallInfo fcinfo, int arg,
								  bool write);

/* A path of the options, likewise. */
extern char *zdbpg_path(const char *path, bool write);

/* A JSON value (taken over) as jsonb; jsonb as text in UTF-8. */
extern Datum zdbpg_jsonb(json_t *value);
extern char *zdbpg_jsonb_text(Jsonb *json);

#endif
