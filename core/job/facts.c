/*
 * facts - all that is known of a repository: its files, its runs, its space
 */
#include "core/job/facts.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/copies.h"

#define DURATION_S_MAX 1e9
#define BYTES_MAX 1e15

/* The text under a key, kept in the arena. */
static const char *
take_text(zdb_arena *arena, const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text && *text ? zdb_arena_format(arena, "%s", text) : "";
}

static int64_t
take_time(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));
	int64_t us, unit_us;

	return text && zdb_text_parse_time(text, &us, &unit_us) ? us : 0;
}

/* Sums of these stay numbers, whatever a line says. */
static double
take_number(const json_t *record, const char *key, double most)
{
	double number = json_number_value(json_object_get(record, key));

	return number >= 0 && number <= most ? number : 0;
}

static zdb_rc
take_run(void *arg, size_t line, const json_t *record, zdb_err *err)
{
	zdb_facts *facts = arg;
	zdb_arena *arena = &facts->inventory.arena;
	zdb_fact_run *run;

	(void) line;
	if (!record)
	{
		facts->bad_lines++;
		return ZDB_OK;
	}
	if (facts->run_count == facts->run_room)
	{
		size_t room = facts->run_room ? 2 * facts->run_room : 64;
		zdb_fact_run *grown = zdb_realloc(facts->runs, room * sizeof *grown);

		if (!grown)
			return zdb_err_nomem(err);
		facts->runs = grown;
		facts->run_room = room;
	}
	run = &facts->runs[facts->run_count++];
	*run = (zdb_fact_run){
		.operation = take_text(arena, record, "operation"),
		.job = take_text(arena, record, "job"),
		.database = take_text(arena, record, "database"),
		.type = take_text(arena, record, "type"),
		.outcome = take_text(arena, record, "outcome"),
		.error = take_text(arena, record, "error"),
		.file = take_text(arena, record, "file"),
		.verified = zdb_level_of(
			json_string_value(json_object_get(record, "verified"))),
		.started_us = take_time(record, "started"),
		.ended_us = take_time(record, "ended"),
		.duration_s = take_number(record, "duration_s", DURATION_S_MAX),
		.stored_bytes =
			(int64_t) take_number(record, "stored_bytes", BYTES_MAX),
		.dry_run = json_is_true(json_object_get(record, "dry_run"))};
	return ZDB_OK;
}

static void
take_first(zdb_facts *facts, int64_t us)
{
	if (us > 0 && us <= facts->now_us &&
		(facts->first_us == 0 || us < facts->first_us))
		facts->first_us = us;
}

static void
sum_up(zdb_facts *facts)
{
	for (size_t i = 0; i < facts->inventory.count; i++)
	{
		const zdb_listed *each = &facts->inventory.list[i];

		facts->storage_bytes += each->stored_bytes;
		if (zdb_listed_counts(each))
			take_first(facts, each->created_us);
	}
	for (size_t i = 0; i < facts->run_count; i++)
		take_first(facts, facts->runs[i].started_us);
}

static zdb_rc
look_at_copies(const zdb_repository *repository, zdb_facts *facts,
			   zdb_err *err)
{
	zdb_store_options place = {.where = repository->copy_to,
							   .host = repository->host,
							   .settings = repository->settings};

	zdb_copies *copies = NULL;

	facts->copies_at = repository->copy_to;
	if (!place.where)
		return ZDB_OK;
	zdb_copies_open(&place, &copies, &facts->copies_error);
	for (size_t i = 0; i < facts->inventory.count && copies; i++)
		if (zdb_copies_has(copies, &facts->inventory.list[i],
						   &facts->inventory.list[i].copied,
						   &facts->copies_error))
			break;
	zdb_copies_free(copies);
	if (facts->copies_error.code == ZDB_NOMEM ||
		facts->copies_error.code == ZDB_CANCELLED)
		*err = facts->copies_error;
	return err->code;
}

zdb_rc
zdb_facts_read(const zdb_repository *repository, zdb_facts *facts,
			   zdb_err *err)
{
	zdb_err *history = &facts->inventory.history;

	*facts = (zdb_facts){.now_us = zdb_now_us()};
	if (zdb_inventory_read(repository, &facts->inventory, err))
		return err->code;
	if (!history->code &&
		zdb_repository_runs(repository, take_run, facts, history) == ZDB_NOMEM)
		return zdb_err_nomem(err);
	sum_up(facts);
	if (look_at_copies(repository, facts, err))
		return err->code;
	if (zdb_arena_failed(&facts->inventory.arena))
		return zdb_err_nomem(err);
	return zdb_store_space(facts->inventory.store, &facts->space, err);
}

void
zdb_facts_clear(zdb_facts *facts)
{
	zdb_inventory_clear(&facts->inventory);
	zdb_free(facts->runs);
	*facts = (zdb_facts){0};
}

bool
zdb_run_is_success(const zdb_fact_run *run)
{
	return strcmp(run->outcome, "success") == 0;
}

bool
zdb_run_is_backup(const zdb_fact_run *run)
{
	return strcmp(run->operation, "backup") == 0;
}

bool
zdb_listed_counts(const zdb_listed *listed)
{
	return listed->indexed &&
		   !(listed->label && strcmp(listed->label, ZDB_LABEL_PREBACKUP) == 0);
}

static bool
has_rows(const zdb_listed *listed)
{
	return zdb_listed_counts(listed) && strcmp(listed->type, "schema") != 0;
}

bool
zdb_facts_stands_for_all(const zdb_facts *facts, const zdb_listed *listed)
{
	if (!has_rows(listed))
		return false;
	for (size_t i = 0; listed->partial && i < facts->inventory.count; i++)
	{
		const zdb_listed *each = &facts->inventory.list[i];

		if (has_rows(each) && !each->partial &&
			strcmp(each->database, listed->database) == 0)
			return false;
	}
	return true;
}
