/*
 * health_judge - what the files of core/policy/health share
 */
#ifndef ZDB_CORE_POLICY_HEALTH_JUDGE_H
#define ZDB_CORE_POLICY_HEALTH_JUDGE_H

#include "core/policy/health.h"

#define ZDB_HEALTH_SECOND_US 1000000.0
#define ZDB_HEALTH_HOUR_US (3600 * ZDB_HEALTH_SECOND_US)
#define ZDB_HEALTH_MEDIAN_OF 10

typedef enum health_severity
{
	HEALTH_OK,
	HEALTH_WARNING,
	HEALTH_CRITICAL,
} health_severity;

/* What belongs together: a database; or one, a type, a codec and
 * whether it is partial. */
typedef struct health_group
{
	const char *database;
	const char *type;
	const char *codec;
	bool partial;
	const zdb_health_file *newest;
	const zdb_health_file *verified;      /* the newest that is */
	uint64_t sizes[ZDB_HEALTH_MEDIAN_OF]; /* of those before the newest */
	int size_count;
	int failures; /* in a row, up to the last run */
	int64_t failed_us;
} health_group;

typedef struct health_groups
{
	health_group *list;
	size_t count;
	size_t room;
} health_groups;

typedef struct health_judge
{
	const zdb_health_limits *limits;
	const zdb_health_facts *facts;
	health_groups databases;
	health_groups series;
	health_groups runs;
	json_t *alerts;
	health_severity worst;
	bool lost; /* an alert, for want of memory */
} health_judge;

/* Sort files and runs into groups. A file that is from the future is left out:
 * its age is not known. */
zdb_rc zdb_health_group(health_judge *self, zdb_err *err);

/* How long it is that something was, in microseconds. */
double zdb_health_since(const health_judge *self, int64_t us);

bool zdb_health_is_future(const health_judge *self,
						  const zdb_health_file *file);

/* The share of the storage that is used, 0 to 1. */
double zdb_health_used(const zdb_health_facts *facts);

/* Put the numbers into the report. */
zdb_rc zdb_health_numbers(const health_judge *self, json_t *report,
						  zdb_err *err);

#endif
