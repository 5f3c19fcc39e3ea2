/*
 * summary - what happened in a repository in a day, a week, a month
 *
 * The statistics of zdb_report(), as JSON; core/html makes a page of it.
 */
#ifndef ZDB_CORE_JOB_SUMMARY_H
#define ZDB_CORE_JOB_SUMMARY_H

#include "core/job/health.h"

/* Is it the name of a period? Else ZDB_USAGE. */
zdb_rc zdb_summary_check(const char *period, zdb_err *err);

/* Summarise up to now, by a period's name: "daily" is 24 hours in steps of
 * one, "weekly" seven days, "monthly" thirty; others are ZDB_USAGE. The report
 * gets:
 *
 *   path, period, from, to, health (what zdb_health() says),
 *   total_backups, failed_backups, success_rate, mean_duration_s,
 *   max_duration_s, written_bytes, largest_bytes, largest_file,
 *   operations: [{operation, success, failure, cancelled, mean_duration_s}],
 *   databases: [{database, backups, stored_bytes, newest, verified}]
 *     (the newest backup with rows),
 *   steps: [{from, success, failure, cancelled, storage_bytes}],
 *   points: [{started, database, type, outcome, duration_s, stored_bytes}],
 *   failures: [{started, operation, job, database, error}], newest first
 */
zdb_rc zdb_summary(const zdb_repository *repository,
				   const zdb_health_request *request, const char *period,
				   json_t *report, zdb_err *err);

#endif
