/*
 * health_numbers - the numbers of a repository's health
 */
#include "core/policy/health_judge.h"

double
zdb_health_used(const zdb_health_facts *facts)
{
	double total = (double) facts->space_total_bytes;

	return total > 0 ? 1 - (double) facts->space_free_bytes / total : 0;
}

static json_t *
real_or_null(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

static json_t *
integer(uint64_t value)
{
	return json_integer((json_int_t) value);
}

/* Of all runs: how many, how many went well, and how long those took. */
static void
put_runs(const health_judge *self, json_t *report)
{
	const zdb_health_facts *facts = self->facts;
	size_t successes = 0, count = facts->run_count;
	int64_t last_us = 0;
	double duration_s = 0;
	int failures = 0;

	for (size_t i = 0; i < count; i++)
		if (facts->runs[i].success)
		{
			successes++;
			duration_s += facts->runs[i].duration_s;
			last_us = facts->runs[i].ended_us;
		}
	for (size_t i = 0; i < self->runs.count; i++)
		if (self->runs.list[i].failures > failures)
			failures = self->runs.list[i].failures;
	json_object_set_new(report, "total_backups", integer(count));
	json_object_set_new(
		report, "success_rate",
		real_or_null(count > 0,
					 (double) successes / (double) (count + !count)));
	json_object_set_new(report, "consecutive_failures",
						json_integer(failures));
	json_object_set_new(
		report, "hours_since_last_success",
		real_or_null(successes > 0,
					 zdb_health_since(self, last_us) / ZDB_HEALTH_HOUR_US));
	json_object_set_new(
		report, "mean_duration_s",
		real_or_null(successes > 0,
					 duration_s / (double) (successes + !successes)));
}

/* Of the files: the worst database counts. */
static void
put_files(const health_judge *self, json_t *report)
{
	const zdb_health_facts *facts = self->facts;
	uint64_t largest = 0;
	bool proven = self->databases.count > 0;
	double oldest_us = 0;

	for (size_t i = 0; i < facts->file_count; i++)
		if (facts->files[i].bytes > largest)
			largest = facts->files[i].bytes;
	for (size_t i = 0; i < self->databases.count; i++)
	{
		const zdb_health_file *verified = self->databases.list[i].verified;

		proven = proven && verified;
		if (verified &&
			zdb_health_since(self, verified->created_us) > oldest_us)
			oldest_us = zdb_health_since(self, verified->created_us);
	}
	json_object_set_new(report, "hours_since_last_verified",
						real_or_null(proven, oldest_us / ZDB_HEALTH_HOUR_US));
	json_object_set_new(report, "backups", integer(facts->file_count));
	json_object_set_new(report, "largest_bytes", integer(largest));
	json_object_set_new(report, "storage_bytes",
						integer(facts->storage_bytes));
}

static void
put_rest(const health_judge *self, json_t *report)
{
	const zdb_health_facts *facts = self->facts;
	double files = (double) facts->file_count;

	json_object_set_new(report, "running_time_s",
						real_or_null(facts->first_us > 0,
									 zdb_health_since(self, facts->first_us) /
										 ZDB_HEALTH_SECOND_US));
	json_object_set_new(
		report, "hours_since_last_restore_test",
		real_or_null(facts->restored_us > 0,
					 zdb_health_since(self, facts->restored_us) /
						 ZDB_HEALTH_HOUR_US));
	json_object_set_new(report, "storage_free_bytes",
						facts->space_known ? integer(facts->space_free_bytes)
										   : json_null());
	json_object_set_new(
		report, "storage_used",
		real_or_null(facts->space_known, zdb_health_used(facts)));
	json_object_set_new(
		report, "cloud_in_step",
		real_or_null(facts->copies_at && !facts->copies_error,
					 files > 0 ? (double) facts->copies / files : 1));
}

zdb_rc
zdb_health_numbers(const health_judge *self, json_t *report, zdb_err *err)
{
	put_runs(self, report);
	put_files(self, report);
	put_rest(self, report);
	return json_object_get(report, "cloud_in_step") ? ZDB_OK
													: zdb_err_nomem(err);
}
