/*
 * job - a job as this engine keeps it: a literal in pg_cron's command
 */
#include "pg_ext/job.h"

#include "core/base/text.h"
#include "core/job/report.h"
#include "core/job/zone_file.h"
#include "pg_ext/cron_server.h"

#define SECOND_US 1000000
#define ANY_TIME "* * * * *"

static void
free_json(void *json)
{
	json_decref(json);
}

json_t **
zdbpg_own_json(void)
{
	json_t **slot = palloc0(sizeof *slot);

	zdbpg_own((void **) slot, free_json);
	return slot;
}

static void
free_job(void *job)
{
	zdb_job_clear(job);
}

/* An empty one, which the current memory context owns. */
static zdb_job *
own_job(void)
{
	zdb_job *job = palloc0(sizeof *job);
	zdb_job **slot = palloc(sizeof *slot);

	*slot = job;
	zdbpg_own((void **) slot, free_job);
	return job;
}

/* Texts are in UTF-8 from here on. */
static zdb_job *
open_job(const char *name, const char *cron, const char *spec)
{
	zdb_job *job = own_job();
	zdb_err err = {0};

	zdbpg_check(zdb_job_open(job, ZDB_ENGINE_POSTGRES, name, cron, spec,
							 strlen(spec), &err),
				&err);
	return job;
}

zdb_job *
zdbpg_job_open(const char *name, const char *cron, const char *spec)
{
	return open_job(zdbpg_to_utf8(name), zdbpg_to_utf8(cron),
					zdbpg_to_utf8(spec));
}

zdb_job *
zdbpg_job_open_default(size_t i, const char *repo)
{
	zdb_job *job = own_job();
	zdb_err err = {0};

	zdbpg_check(zdb_job_open_default(job, ZDB_ENGINE_POSTGRES, i, repo, &err),
				&err);
	return job;
}

static int64
now_s(void)
{
	return zdb_now_us() / SECOND_US;
}

static void
free_zone(void *zone)
{
	zdb_zone_free(zone);
}

/* pg_cron's own; NULL is UTC. The current memory context owns it. */
static const zdb_zone *
cron_zone(void)
{
	zdb_zone **slot = palloc0(sizeof *slot);
	zdb_err err = {0};

	zdbpg_own((void **) slot, free_zone);
	zdbpg_check(zdb_zone_load(zdbpg_cron_zone(), slot, &err), &err);
	return *slot;
}

static char *
dump(const json_t *value, size_t flags)
{
	char *text = json_dumps(value, JSON_COMPACT | flags);
	char *copy = NULL;

	if (text)
		copy = MemoryContextAllocExtended(CurrentMemoryContext,
										  strlen(text) + 1, MCXT_ALLOC_NO_OOM);
	if (copy)
		strcpy(copy, text);
	free(text);
	if (!copy)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return copy;
}

char *
zdbpg_job_literal(const zdb_job *job, int64 since_s, const char **schedule)
{
	json_t **literal = zdbpg_own_json();
	char *ticks;

	*literal = json_pack("{s:s, s:o}", "name", job->name, "since",
						 zdb_report_time(since_s * SECOND_US));
	json_object_update(*literal, job->spec);
	*schedule = zdbpg_from_utf8(job->text);
	if (strcmp(zdb_job_zone(job), zdbpg_cron_zone()) != 0)
	{
		ticks = palloc(ZDB_CRON_TICKS_BYTES);
		zdb_cron_ticks(&job->cron, job->zone, cron_zone(), now_s(), ticks);
		json_object_set_new(*literal, "cron", json_string(job->text));
		json_object_set_new(*literal, "ticks", json_string(ticks));
		*schedule = ticks;
	}
	return dump(*literal, JSON_ENSURE_ASCII);
}

/* Take a text out of an object. */
static const char *
take_text(json_t *from, const char *key)
{
	const char *text = json_string_value(json_object_get(from, key));

	text = text ? pstrdup(text) : NULL;
	json_object_del(from, key);
	return text;
}

/* With ticks it is not time at each of them. */
static bool
is_due(const zdb_job *job, const char *ticks)
{
	zdb_err err = {0};
	zdb_cron parsed;

	if (!ticks)
		return true;
	zdbpg_check(zdb_cron_parse(ticks, &parsed, &err), &err);
	return zdb_cron_since(&job->cron, job->zone, &parsed, cron_zone(),
						  now_s());
}

zdbpg_job_kept
zdbpg_job_read(const char *literal, const char *schedule, bool active)
{
	json_t **spec = zdbpg_own_json();
	const char *name, *cron, *ticks, *since;
	zdbpg_job_kept kept = {0};
	int64_t since_us, unit_us;

	*spec = json_loads(zdbpg_to_utf8(literal), 0, NULL);
	name = take_text(*spec, "name");
	cron = take_text(*spec, "cron");
	ticks = take_text(*spec, "ticks");
	since = take_text(*spec, "since");
	if (!cron)
		cron = schedule ? zdbpg_to_utf8(schedule) : ANY_TIME;
	if (!name)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the job has no name"),
						errhint("zdb_run_job() is for the commands that "
								"zdb_schedule() writes.")));
	if (!active || json_object_get(*spec, "active"))
		json_object_set_new(*spec, "active", json_boolean(active));
	kept.job = open_job(name, cron, dump(*spec, 0));
	kept.due = is_due(kept.job, ticks);
	if (since && zdb_text_parse_time(since, &since_us, &unit_us))
		kept.since_s = since_us / SECOND_US;
	return kept;
}
