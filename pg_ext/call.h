/*
 * call - one call of a SQL function: its options, its report, its memory
 */
#ifndef ZDB_PG_EXT_CALL_H
#define ZDB_PG_EXT_CALL_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "pg_ext/json.h"

#include "core/base/host.h"
#include "core/job/options.h"
#include "core/job/run.h"
#include "pg_ext/zdbpg.h"

typedef struct zdbpg_call
{
	MemoryContext context; /* what the call opens; gone before it is told */
	zdb_call kind;
	char *path;     /* the first argument, absolute; the caller may reach it */
	bool may_write; /* files of the server */
	char *database; /* its name in UTF-8 */
	zdb_options options;
	zdb_host host; /* stops core when the query is cancelled */
	json_t *report;
	json_t *warnings;
	json_t *rows; /* of a function that returns some: objects */
	char *text;   /* of one that returns a text; not in context, which goes */
	double started_s;
	int64_t started_us;
	zdb_settings *settings; /* as they were when the call began */
	const char *history;    /* one of them */
	bool recorded;          /* told, and in the history */
} zdbpg_call;

/* Run body with a call that has its path (argument 0) and parsed options
 * (argument number options_arg, or -1), tell and record how it ended if it
 * has an effect, and return the report as jsonb. What the call opened is gone
 * afterwards, also after an error. */
extern Datum
zdbpg_call_run(FunctionCallInfo fcinfo, zdb_call kind, int options_arg,
			   void (*body)(zdbpg_call *call, FunctionCallInfo fcinfo));

/* Like zdbpg_call_run(), but what is returned are call->rows: each column's
 * value is that under its name. */
extern Datum
zdbpg_call_rows(FunctionCallInfo fcinfo, zdb_call kind, int options_arg,
				void (*body)(zdbpg_call *call, FunctionCallInfo fcinfo));

/* Like zdbpg_call_run() without options, but what is returned is call->text.
 */
extern Datum zdbpg_call_text(FunctionCallInfo fcinfo, zdb_call kind,
							 void (*body)(zdbpg_call *call,
										  FunctionCallInfo fcinfo));

/* A zdb_host's stop(). Only reads flags: core may be anywhere. */
extern bool zdbpg_is_cancelled(void *arg);

/* Put a value into the report, which takes it over. */
extern void zdbpg_report(zdbpg_call *call, const char *key, json_t *value);

/* Add to the report's warnings. */
extern void zdbpg_warn(zdbpg_call *call, const char *fmt, ...)
	pg_attribute_printf(2, 3);

/* Where the call's path is a repository, or lies in one. */
extern zdb_repository zdbpg_repository(const zdbpg_call *call);

/* A path of the options, made absolute, after checking that the caller may
 * read (or write) the server's files. */
extern char *zdbpg_path(const char *path, bool write);

/* Names (char *) as a JSON array. */
extern json_t *zdbpg_names_json(List *names);

/* A JSON value (taken over) as jsonb; jsonb as text in UTF-8. */
extern Datum zdbpg_jsonb(json_t *value);
extern char *zdbpg_jsonb_text(Jsonb *json);

#endif
