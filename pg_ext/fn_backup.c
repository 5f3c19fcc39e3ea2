/*
 * fn_backup - zdb_backup_to(path [, compress [, options]])
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "pg_ext/backup.h"

#include "core/job/copies.h"
#include "core/job/prune.h"
#include "core/job/report.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_backup);

/* The second argument as text: two overloads share this function. */
static const char *
compress_arg(FunctionCallInfo fcinfo)
{
	if (PG_NARGS() < 2 || PG_ARGISNULL(1))
		return NULL;
	if (get_fn_expr_argtype(fcinfo->flinfo, 1) == BOOLOID)
		return PG_GETARG_BOOL(1) ? "true" : "false";
	return text_to_cstring(PG_GETARG_TEXT_PP(1));
}

static void
run_backup(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	const zdb_options *options = &call->options;
	const char *compress = compress_arg(fcinfo);
	zdb_repository repository = zdbpg_repository(call);
	zdb_err err = {0};
	zdbpg_backup_request request = {
		.path = call->path,
		.type = options->type,
		.base = options->base,
		.compress = compress ? compress : options->compress,
		.label = options->label ? zdbpg_from_utf8(options->label) : NULL,
		.recipients = zdbpg_call_recipients(call),
		.tables = options->tables,
		.exclude = options->exclude,
		.verify = options->level,
		.jobs = options->jobs,
		.overwrite = options->overwrite,
		.include_foreign_data = options->include_foreign_data,
	};

	zdbpg_backup(call, &request, call->report);
	if (options->has_keep)
		zdbpg_check(zdb_prune_after(&repository, &options->keep, call->report,
									call->warnings, &err),
					&err);
	zdbpg_check(
		zdb_copies_after(&repository, call->report, call->warnings, &err),
		&err);
}

Datum
zdbpg_fn_backup(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_BACKUP, 2, run_backup);
}
