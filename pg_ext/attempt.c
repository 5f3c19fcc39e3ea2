/*
 * attempt - something that may fail, and then has not happened
 */
#include "postgres.h"

#include "pg_ext/attempt.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "pg_ext/query.h"

/* 53, 57, 58, XX: resources, operators, the system, ourselves. */
static bool
is_nobodys_fault(const ErrorData *error)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
		case ERRCODE_INTERNAL_ERROR:
			return true;
		default:
			return error->elevel > ERROR;
	}
}

char *
zdbpg_attempt(void (*run)(void *arg), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char *volatile reason = NULL;

	BeginInternalSubTransaction("zdbackup");
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		run(arg);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (is_nobodys_fault(error))
			PG_RE_THROW();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		reason = error->detail
					 ? psprintf("%s: %s", error->message, error->detail)
					 : pstrdup(error->message);
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return reason;
}

static void
run_sql(void *arg)
{
	zdbpg_query_exec(arg);
}

char *
zdbpg_attempt_sql(const char *sql)
{
	return zdbpg_attempt(run_sql, unconstify(char *, sql));
}
