/*
 * attempt - something that may fail, or is to be taken back
 */
#include "pg_ext/attempt.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "pg_ext/query.h"

static ErrorData *
run_inside(void (*run)(void *arg), void *arg, bool keep)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction("zdbackup");
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		run(arg);
	}
	PG_CATCH();
	{
		/* thrown again it still uses the copied name of its source file, when
		 * the call's memory is gone */
		MemoryContextSwitchTo(TopTransactionContext);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	if (keep && !error)
		ReleaseCurrentSubTransaction();
	else
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return error;
}

bool
zdbpg_is_nobodys_fault(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
			return true;
		default:
			return false;
	}
}

ErrorData *
zdbpg_attempt(void (*run)(void *arg), void *arg, bool keep)
{
	ErrorData *error = run_inside(run, arg, keep);

	if (error &&
		(zdbpg_is_nobodys_fault(error->sqlerrcode) ||
		 ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_INTERNAL_ERROR))
		ReThrowError(error);
	return error;
}

char *
zdbpg_error_text(const ErrorData *error)
{
	return error->detail ? psprintf("%s: %s", error->message, error->detail)
						 : pstrdup(error->message);
}

static void
run_sql(void *arg)
{
	zdbpg_query_exec(arg);
}

char *
zdbpg_attempt_sql(const char *sql)
{
	const ErrorData *error =
		zdbpg_attempt(run_sql, unconstify(char *, sql), true);

	return error ? zdbpg_error_text(error) : NULL;
}

void
zdbpg_rehearse(void (*run)(void *arg), void *arg)
{
	ErrorData *error = run_inside(run, arg, false);

	if (error)
		ReThrowError(error);
}
