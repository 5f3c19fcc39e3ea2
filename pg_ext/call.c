/*
 * call - one call of a SQL function: its options, its report, its memory
 */
#include "pg_ext/call.h"

#include <stdarg.h>

#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/base/text.h"
#include "core/job/copies.h"
#include "core/job/path.h"
#include "pg_ext/compat.h"
#include "pg_ext/progress.h"
#include "pg_ext/put_rows.h"
#include "pg_ext/record.h"

/* Only reads flags: core may be anywhere. */
static bool
is_cancelled(void *arg)
{
	return QueryCancelPending || ProcDiePending;
}

const zdb_host zdbpg_host = {.stop = is_cancelled};

static void
release_call(void *object)
{
	zdbpg_call *call = object;

	if (!call)
		return;
	zdbpg_record_end(call); /* the session ends, and nobody has said why */
	json_decref(call->report);
	json_decref(call->warnings);
	json_decref(call->rows);
	zdb_buf_clear(&call->page);
	zdb_options_clear(&call->options);
}

static zdbpg_call *
open_call(zdb_call kind)
{
	zdbpg_call *call = palloc0(sizeof *call);
	zdbpg_call **slot = palloc(sizeof *slot);

	*slot = call;
	zdbpg_own((void **) slot, release_call);
	call->context = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup work", ALLOCSET_DEFAULT_SIZES);
	call->kind = kind;
	call->settings = zdbpg_settings();
	call->history = zdbpg_setting(ZDB_SET_HISTORY);
	call->database = zdbpg_to_utf8(get_database_name(MyDatabaseId));
	call->started_us = zdb_now_us();
	call->started_s = zdb_monotonic_s();
	call->host = zdbpg_host;
	call->report = json_pack("{}");
	call->warnings = json_array();
	call->rows = json_array();
	if (!call->report || !call->warnings || !call->rows)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return call;
}

static void
parse_options(zdbpg_call *call, zdb_call kind, FunctionCallInfo fcinfo,
			  int arg)
{
	const char *text = NULL;
	zdb_err err = {0};

	if (arg >= 0 && arg < PG_NARGS() && !PG_ARGISNULL(arg))
		text = zdbpg_jsonb_text(PG_GETARG_JSONB_P(arg));
	zdbpg_check(zdb_options_parse(ZDB_ENGINE_POSTGRES, kind, text,
								  text ? strlen(text) : 0, &call->options,
								  &err),
				&err);
}

static void
check_rights(bool write)
{
	Oid role = write ? ROLE_PG_WRITE_SERVER_FILES : ROLE_PG_READ_SERVER_FILES;

	if (!has_privs_of_role(GetUserId(), role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to %s a file of the server",
						write ? "write" : "read"),
				 errhint("Only roles with privileges of %s may do this.",
						 write ? "pg_write_server_files"
							   : "pg_read_server_files")));
}

/* The server's keys open more than files: they are not given away with them.
 */
static void
check_url_rights(void)
{
	Oid role = *zdbpg_setting_url_role
				   ? get_role_oid(zdbpg_setting_url_role, true)
				   : InvalidOid;

	if (superuser() ||
		(OidIsValid(role) && has_privs_of_role(GetUserId(), role)))
		return;
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("permission denied to reach URLs"),
					errhint("Superusers may, and members of the role that "
							"zdbackup.url_role names.")));
}

/* As the user means it: a URL, or a path from the root directory on. */
static char *
absolute_path(const char *path)
{
	const char *repository;

	if (*path == '\0')
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the path is empty")));
	if (is_absolute_path(path) || zdb_store_scheme(path))
		return pstrdup(path);
	repository = zdbpg_setting(ZDB_SET_REPOSITORY);
	if (!repository)
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME),
						errmsg("path \"%s\" is relative", path),
						errhint("Give an absolute path, or set "
								"zdbackup.repository.")));
	return psprintf("%s/%s", repository, path);
}

char *
zdbpg_path(const char *path, bool write)
{
	char *whole = absolute_path(path);

	if (zdb_store_scheme(whole))
		check_url_rights();
	else
		check_rights(write);
	return whole;
}

/* What a call does with its path. */
static bool
is_writing(zdb_call kind)
{
	return kind == ZDB_CALL_BACKUP || kind == ZDB_CALL_PRUNE ||
		   kind == ZDB_CALL_CONSOLIDATE;
}

static bool
is_about_a_repository(zdb_call kind)
{
	return kind == ZDB_CALL_LIST || kind == ZDB_CALL_PRUNE ||
		   kind == ZDB_CALL_HEALTH || kind == ZDB_CALL_REPORT;
}

/* A repository need not be named: there is a setting. As superusers have
 * chosen it, those who watch the server may see how it is. */
static char *
default_path(zdb_call kind)
{
	const char *repository = zdbpg_setting(ZDB_SET_REPOSITORY);
	bool watches = (kind == ZDB_CALL_HEALTH || kind == ZDB_CALL_REPORT) &&
				   has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);

	if (!is_about_a_repository(kind))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the path is null")));
	if (!repository)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no repository is given"),
				 errhint("Give its path, or set zdbackup.repository.")));
	if (watches)
		return absolute_path(repository);
	return zdbpg_path(repository, is_writing(kind));
}

static void
take_path(zdbpg_call *call, FunctionCallInfo fcinfo, int arg)
{
	if (call->kind == ZDB_CALL_SCHEDULE || call->kind == ZDB_CALL_NOTIFY)
		return; /* not every one has a path there */
	call->path = PG_ARGISNULL(arg)
					 ? default_path(call->kind)
					 : zdbpg_path(text_to_cstring(PG_GETARG_TEXT_PP(arg)),
								  is_writing(call->kind));
	/* of a URL the server itself says where its history is */
	call->may_write =
		zdb_store_scheme(call->path) ||
		has_privs_of_role(GetUserId(), ROLE_PG_WRITE_SERVER_FILES);
}

/* What superusers have set is nobody's choice, and so needs no right. */
static void
take_copy_to(zdbpg_call *call)
{
	const char *option = call->options.copy_to;
	const char *place;
	zdb_err err = {0};

	place = zdb_copies_place(option, call->settings, &err);
	zdbpg_check(err.code, &err);
	if (!place)
		return;
	place = zdbpg_from_utf8(place);
	call->copy_to = option ? zdbpg_path(place, true) : absolute_path(place);
}

static Datum
finish_report(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	if (!json_object_get(call->report, "duration_s"))
		zdbpg_report(call, "duration_s",
					 json_real(zdb_monotonic_s() - call->started_s));
	zdbpg_report(call, "warnings", json_incref(call->warnings));
	return zdbpg_jsonb(json_incref(call->report));
}

static Datum
finish_text(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	return CStringGetTextDatum(
		zdbpg_from_utf8((const char *) call->page.data));
}

static Datum
finish_rows(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdbpg_put_rows((ReturnSetInfo *) fcinfo->resultinfo, call->rows);
	return (Datum) 0;
}

static void
take_arguments(zdbpg_call *call, FunctionCallInfo fcinfo, int path_arg,
			   int options_arg)
{
	MemoryContext context = CurrentMemoryContext;

	take_path(call, fcinfo, path_arg);
	MemoryContextSwitchTo(call->context);
	parse_options(call, call->kind, fcinfo, options_arg);
	MemoryContextSwitchTo(context);
	take_copy_to(call);
	call->keys = zdbpg_keys(call);
}

zdbpg_call *
zdbpg_call_begin(FunctionCallInfo fcinfo, zdb_call kind, int path_arg,
				 int options_arg)
{
	zdbpg_call *call = open_call(kind);

	take_arguments(call, fcinfo, path_arg, options_arg);
	return call;
}

typedef void (*call_body)(zdbpg_call *call, FunctionCallInfo fcinfo);

static Datum
run(FunctionCallInfo fcinfo, zdb_call kind, int options_arg, call_body body,
	Datum (*finish)(zdbpg_call *call, FunctionCallInfo fcinfo))
{
	MemoryContext before = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(
		TopTransactionContext, "zdbackup call", ALLOCSET_DEFAULT_SIZES);
	zdbpg_call *volatile call = NULL;
	volatile Datum result = (Datum) 0;

	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		call = open_call(kind);
		/* what is consolidated goes to its second argument */
		take_arguments(call, fcinfo, kind == ZDB_CALL_CONSOLIDATE ? 1 : 0,
					   options_arg);
		MemoryContextSwitchTo(call->context);
		zdbpg_progress_begin(call->options.progress);
		body(call, fcinfo);
		MemoryContextSwitchTo(context);
		zdbpg_record_success(call);
		MemoryContextSwitchTo(before);
		result = finish(call, fcinfo);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		if (call)
			zdbpg_record_error(call);
		MemoryContextSwitchTo(before);
		MemoryContextDelete(context);
		PG_RE_THROW();
	}
	PG_END_TRY();
	MemoryContextDelete(context);
	return result;
}

Datum
zdbpg_call_run(FunctionCallInfo fcinfo, zdb_call kind, int options_arg,
			   call_body body)
{
	return run(fcinfo, kind, options_arg, body, finish_report);
}

Datum
zdbpg_call_text(FunctionCallInfo fcinfo, zdb_call kind, call_body body)
{
	return run(fcinfo, kind, -1, body, finish_text);
}

Datum
zdbpg_call_rows(FunctionCallInfo fcinfo, zdb_call kind, int options_arg,
				call_body body)
{
	zdbpg_materialize(fcinfo);
	return run(fcinfo, kind, options_arg, body, finish_rows);
}

zdb_store_options
zdbpg_call_reach(zdbpg_call *call, const char *where)
{
	return (zdb_store_options){
		.where = where, .host = &call->host, .settings = call->settings};
}

void
zdbpg_report(zdbpg_call *call, const char *key, json_t *value)
{
	if (json_object_set_new(call->report, key, value) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

void
zdbpg_warn(zdbpg_call *call, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	json_array_append_new(call->warnings, json_string(zdbpg_to_utf8(text)));
}

json_t *
zdbpg_names_json(List *names)
{
	json_t *list = json_array();
	ListCell *cell;

	foreach(cell, names)
		json_array_append_new(list, json_string(zdbpg_to_utf8(lfirst(cell))));
	return list;
}

char *
zdbpg_jsonb_text(Jsonb *json)
{
	return zdbpg_to_utf8(JsonbToCString(NULL, &json->root, VARSIZE(json)));
}

static void
free_text(void *text)
{
	free(text);
}

Datum
zdbpg_jsonb(json_t *value)
{
	char **slot = palloc0(sizeof *slot);
	Datum result;

	zdbpg_own((void **) slot, free_text);
	*slot = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(6));
	json_decref(value);
	if (!*slot)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	result =
		DirectFunctionCall1(jsonb_in, CStringGetDatum(zdbpg_from_utf8(*slot)));
	return result;
}
