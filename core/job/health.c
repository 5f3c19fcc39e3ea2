/*
 * health - a repository's health, as zdb_health() tells it
 */
#include "core/job/health.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/job/report.h"

static bool
is_wanted(const zdb_health_request *request, const char *database)
{
	return !request->database || strcmp(request->database, database) == 0;
}

/* Files that are ours, and those that were. */
static bool
is_looked_at(const zdb_health_request *request, const zdb_listed *listed)
{
	return listed->indexed ? is_wanted(request, listed->database)
						   : listed->damaged;
}

static size_t
take_files(const zdb_facts *facts, const zdb_health_request *request,
		   zdb_health_file *files)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->inventory.count; i++)
	{
		const zdb_listed *each = &facts->inventory.list[i];

		if (!is_looked_at(request, each))
			continue;
		files[count++] = (zdb_health_file){
			.name = each->name,
			.database = each->indexed ? each->database : "",
			.type = each->indexed ? each->type : "",
			.codec = zdb_codec_name(each->codec),
			.created_us = zdb_listed_us(each),
			.bytes = each->stored_bytes,
			.partial = each->partial,
			.has_rows = zdb_facts_stands_for_all(facts, each),
			.verified = each->verified >= ZDB_LEVEL_DATA,
			.damaged = each->damaged};
	}
	return count;
}

static size_t
count_copies(const zdb_facts *facts, const zdb_health_request *request)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->inventory.count; i++)
		count += is_looked_at(request, &facts->inventory.list[i]) &&
				 facts->inventory.list[i].copied;
	return count;
}

static size_t
take_runs(const zdb_facts *facts, const zdb_health_request *request,
		  zdb_health_run *runs)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->run_count; i++)
	{
		const zdb_fact_run *each = &facts->runs[i];

		if (zdb_run_is_backup(each) && is_wanted(request, each->database))
			runs[count++] =
				(zdb_health_run){.database = each->database,
								 .type = each->type,
								 .success = zdb_run_is_success(each),
								 .ended_us = each->ended_us,
								 .duration_s = each->duration_s};
	}
	return count;
}

/* The last time that a backup was restored to prove it. */
static int64_t
restored_us(const zdb_facts *facts, const zdb_health_request *request)
{
	for (size_t i = facts->run_count; i > 0; i--)
	{
		const zdb_fact_run *run = &facts->runs[i - 1];

		if (run->verified == ZDB_LEVEL_RESTORE && zdb_run_is_success(run) &&
			is_wanted(request, run->database))
			return run->ended_us;
	}
	return 0;
}

zdb_rc
zdb_health_report(const zdb_facts *facts, const zdb_health_request *request,
				  json_t *report, zdb_err *err)
{
	const zdb_inventory *inventory = &facts->inventory;
	zdb_health_file *files = zdb_calloc(inventory->count + 1, sizeof *files);
	zdb_health_run *runs = zdb_calloc(facts->run_count + 1, sizeof *runs);
	zdb_health_facts known = {
		.now_us = facts->now_us,
		.runs = runs,
		.files = files,
		.jobs = request->jobs,
		.job_count = request->job_count,
		.first_us = facts->first_us,
		.restored_us = restored_us(facts, request),
		.storage_bytes = facts->storage_bytes,
		.space_known = facts->space.known,
		.space_total_bytes = facts->space.total_bytes,
		.space_free_bytes = facts->space.free_bytes,
		.copies_at = facts->copies_at,
		.copies_error =
			facts->copies_error.code ? facts->copies_error.msg : NULL,
		.history_error =
			inventory->history.code ? inventory->history.msg : NULL,
		.history_bad_lines = facts->bad_lines,
	};

	if (files && runs)
	{
		known.file_count = take_files(facts, request, files);
		known.copies = count_copies(facts, request);
		known.run_count = take_runs(facts, request, runs);
		json_object_set_new(report, "checked_at",
							zdb_report_time(facts->now_us));
		zdb_health_judge(request->limits, &known, report, err);
	}
	else
		zdb_err_nomem(err);
	zdb_free(files);
	zdb_free(runs);
	return err->code;
}

zdb_rc
zdb_health(const zdb_repository *repository, const zdb_health_request *request,
		   json_t *report, zdb_err *err)
{
	zdb_facts facts;

	if (zdb_facts_read(repository, &facts, err) == ZDB_OK)
		zdb_health_report(&facts, request, report, err);
	zdb_facts_clear(&facts);
	return err->code;
}
