/*
 * operation - what a scheduled job can do
 *
 * A row names one of our SQL functions and the keys of the job that become
 * its arguments, in order. Both engines run a job by calling that function, so
 * an operation is a row and nothing else.
 */
#ifndef ZDB_CORE_JOB_OPERATION_H
#define ZDB_CORE_JOB_OPERATION_H

#include <stddef.h>

#include "core/job/options.h"

#define ZDB_OPERATION_ARGUMENTS 3

typedef struct zdb_operation
{
	const char *name;
	const char *function;
	zdb_call call; /* whose options it takes */
	bool writes;   /* into the repository */
	bool told;     /* its report is sent: zdb_tell_report() */
	/* keys of the job; NULL after the last one */
	const char *arguments[ZDB_OPERATION_ARGUMENTS + 1];
} zdb_operation;

/* Find a row, or ZDB_USAGE with a hint that lists them. name may be NULL. */
zdb_rc zdb_operation_find(const char *name, const zdb_operation **operation,
						  zdb_err *err);

#endif
