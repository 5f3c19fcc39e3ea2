/*
 * run_job - do what a job says
 *
 * By SPI, so that the privileges of the function that is called count.
 */
#include "pg_ext/run_job.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"

#include "core/job/tell.h"
#include "pg_ext/call.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_run_job);

/* A value of the job; options are jsonb, the rest is text. */
static bool
take_argument(const zdb_job *job, const char *key, Oid type, Datum *value)
{
	char **text = palloc0(sizeof *text);
	zdb_err err = {0};

	zdbpg_own_text(text);
	*text = zdb_job_argument(job, key, &err);
	zdbpg_check(err.code, &err);
	if (!*text)
		return false;
	if (type == JSONBOID)
		*value = DirectFunctionCall1(jsonb_in,
									 CStringGetDatum(zdbpg_from_utf8(*text)));
	else
		*value = CStringGetTextDatum(zdbpg_from_utf8(*text));
	return true;
}

/* Send a report; it comes back with the warnings of that. */
static Datum
tell(const zdb_job *job, Datum value)
{
	json_t **report = zdbpg_own_json();
	zdb_notice notice = {.job = job->name,
						 .database =
							 zdbpg_to_utf8(get_database_name(MyDatabaseId)),
						 .engine = "postgresql"};
	zdb_host host = zdbpg_host;

	*report = json_loads(zdbpg_jsonb_text(DatumGetJsonbP(value)), 0, NULL);
	zdb_tell_report(&notice, *report, zdbpg_settings(), &host);
	CHECK_FOR_INTERRUPTS();
	return zdbpg_jsonb(json_incref(*report));
}

Datum
zdbpg_run_job(const zdb_job *job, const char *schema)
{
	static const char *const marks[] = {"", "$1", "$1, $2", "$1, $2, $3"};
	const zdb_operation *operation = job->operation;
	Datum values[ZDB_OPERATION_ARGUMENTS], report;
	Oid types[ZDB_OPERATION_ARGUMENTS];
	char nulls[ZDB_OPERATION_ARGUMENTS + 1] = "";
	bool isnull;
	int count = 0;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	for (; operation->arguments[count]; count++)
	{
		const char *key = operation->arguments[count];

		types[count] = strcmp(key, "options") == 0 ? JSONBOID : TEXTOID;
		nulls[count] =
			take_argument(job, key, types[count], &values[count]) ? ' ' : 'n';
	}
	SPI_execute_with_args(psprintf("SELECT %s.%s(%s)",
								   quote_identifier(schema),
								   operation->function, marks[count]),
						  count, types, values, nulls, false, 1);
	report = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
						   &isnull);
	if (isnull)
		elog(ERROR, "%s gave no report", operation->function);
	report = SPI_datumTransfer(report, false, -1);
	SPI_finish();
	return operation->told ? tell(job, report) : report;
}

char *
zdbpg_try_job(const zdb_job *job, const char *schema, Datum *report)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char *volatile message = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		*report = zdbpg_run_job(job, schema);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED)
			ReThrowError(error);
		message = error->message;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return message;
}

/* No row when it is not time: pg_cron's record of its runs tells that from a
 * run. */
Datum
zdbpg_fn_run_job(PG_FUNCTION_ARGS)
{
	FuncCallContext *calls;
	const zdb_job *job;

	if (SRF_IS_FIRSTCALL())
	{
		Jsonb *literal = PG_GETARG_JSONB_P(0);
		MemoryContext before;
		zdbpg_job_kept kept;

		calls = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(calls->multi_call_memory_ctx);
		kept = zdbpg_job_read(
			JsonbToCString(NULL, &literal->root, VARSIZE(literal)), NULL,
			true);
		calls->user_fctx = kept.due ? kept.job : NULL;
		MemoryContextSwitchTo(before);
	}
	calls = SRF_PERCALL_SETUP();
	job = calls->user_fctx;
	if (!job)
		SRF_RETURN_DONE(calls);
	calls->user_fctx = NULL;
	SRF_RETURN_NEXT(calls,
					zdbpg_run_job(job, get_namespace_name(get_func_namespace(
										   fcinfo->flinfo->fn_oid))));
}
