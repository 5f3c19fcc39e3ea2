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

#include "core/base/buf.h"
#include "core/base/host.h"
#include "core/job/crypt.h"
#include "core/job/run.h"
#include "core/store/store.h"
#include "pg_ext/zdbpg.h"

typedef struct zdbpg_call
{
	MemoryContext context; /* what the call opens; gone before it is told */
	zdb_call kind;
	char *path;     /* the first argument (of a consolidation: where to),
					 * absolute; the caller may reach it */
	bool may_write; /* files of the server */
	char *database; /* its name in UTF-8 */
	zdb_options options;
	zdb_host host; /* zdbpg_host */
	json_t *report;
	json_t *warnings;
	json_t *rows; /* of a function that returns some: objects */
	zdb_buf page; /* of one that returns a text: UTF-8, and a NUL */
	double started_s;
	int64_t started_us;
	zdb_settings *settings; /* as they were when the call began */
	zdb_age_keys *keys;  /* for encrypted backups; NULL until it has options */
	const char *history; /* one of them */
	const char *copy_to; /* the second place, absolute, or NULL */
	bool recorded;       /* told, and in the history */
} zdbpg_call;

/* Stops core when the query is cancelled. */
extern const zdb_host zdbpg_host;

/* Run body with a call that has its path and parsed options
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

/* Like zdbpg_call_run() without options, but what is returned is call->page.
 */
extern Datum zdbpg_call_text(FunctionCallInfo fcinfo, zdb_call kind,
							 void (*body)(zdbpg_call *call,
										  FunctionCallInfo fcinfo));

/* A call without an effect that goes on after the function has returned, as
 * one does that returns row by row: it ends with the current memory context.
 */
extern zdbpg_call *zdbpg_call_begin(FunctionCallInfo fcinfo, zdb_call kind,
									int path_arg, int options_arg);

/* A file or a repository, whose path or URL is where, as the call reaches it;
 * the caller's right to do so has been checked. */
extern zdb_store_options zdbpg_call_reach(zdbpg_call *call, const char *where);

/* Put a value into the report, which takes it over. */
extern void zdbpg_report(zdbpg_call *call, const char *key, json_t *value);

/* Add to the report's warnings. */
extern void zdbpg_warn(zdbpg_call *call, const char *fmt, ...)
	pg_attribute_printf(2, 3);

/* Where the call's path is a repository, or lies in one. */
extern zdb_repository zdbpg_repository(const zdbpg_call *call);

/* What opens encrypted backups, by the call's options and settings. Wiped with
 * the current memory context. */
extern zdb_age_keys *zdbpg_keys(zdbpg_call *call);

/* For whom the call encrypts, by its options and settings; cleared with the
 * current memory context. */
extern const zdb_age_recipients *zdbpg_call_recipients(const zdbpg_call *call);

/* Nobody yet; cleared with the current memory context. */
extern zdb_age_recipients *zdbpg_recipients(void);

/* A path of the options, made absolute, after checking that the caller may
 * read (or write) the server's files. */
extern char *zdbpg_path(const char *path, bool write);

/* Names (char *) as a JSON array. */
extern json_t *zdbpg_names_json(List *names);

/* A JSON value (taken over) as jsonb; jsonb as text in UTF-8. */
extern Datum zdbpg_jsonb(json_t *value);
extern char *zdbpg_jsonb_text(Jsonb *json);

#endif
