/*
 * health - a repository's health, as zdb_health() tells it
 */
#ifndef ZDB_CORE_JOB_HEALTH_H
#define ZDB_CORE_JOB_HEALTH_H

#include "core/job/facts.h"
#include "core/policy/health.h"

typedef struct zdb_health_request
{
	const zdb_health_limits *limits;
	const char *database; /* look at this one only; NULL: at all */
	const zdb_health_job *jobs;
	size_t job_count;
} zdb_health_request;

/* Judge what is known of a repository, into the report. */
zdb_rc zdb_health_report(const zdb_facts *facts,
						 const zdb_health_request *request, json_t *report,
						 zdb_err *err);

/* Read a repository, and judge it. */
zdb_rc zdb_health(const zdb_repository *repository,
				  const zdb_health_request *request, json_t *report,
				  zdb_err *err);

#endif
