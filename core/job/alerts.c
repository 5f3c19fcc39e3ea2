/*
 * alerts - what zdb_health() found, announced once
 */
#include "core/job/alerts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/lock.h"
#include "core/notify/notify.h"
#include "core/policy/announce.h"
#include "core/store/store.h"

#define FILE_BYTES_MAX 65536
#define LOCK_NAME "zdbackup_alerts.lock"

/* A state out of JSON: {"status": ..., "alerts": [name, ...], "at_us": ...}.
 * What it lacks was never said. */
static zdb_health_state
state_of(const json_t *json, zdb_arena *arena)
{
	const json_t *names = json_object_get(json, "alerts");
	size_t count = json_array_size(names);
	const char **alerts = zdb_arena_alloc(arena, (count + 1) * sizeof *alerts);
	zdb_health_state state = {
		.status = json_string_value(json_object_get(json, "status")),
		.alerts = alerts,
		.at_us = json_integer_value(json_object_get(json, "at_us"))};

	for (size_t i = 0; alerts && i < count; i++)
	{
		alerts[i] = json_string_value(json_array_get(names, i));
		if (alerts[i])
			alerts[state.alert_count++] = alerts[i];
	}
	return state;
}

/* What the report says, as it is kept. */
static json_t *
new_state(const json_t *report, int64_t now_us)
{
	json_t *names = json_array(), *alert;
	size_t i;

	json_array_foreach (json_object_get(report, "alerts"), i, alert)
		json_array_append(names, json_object_get(alert, "name"));
	return json_pack("{s:O, s:o, s:I}", "status",
					 json_object_get(report, "status"), "alerts", names,
					 "at_us", (json_int_t) now_us);
}

/* NULL when there is none, or none that can be read: then all is news. */
static json_t *
load(zdb_store *store)
{
	char text[FILE_BYTES_MAX];
	zdb_source *source = NULL;
	json_t *state = NULL;
	zdb_err err = {0};

	if (zdb_store_source(store, ZDB_ALERTS_NAME, &source, &err) == ZDB_OK &&
		source->bytes <= sizeof text &&
		zdb_source_read(source, 0, text, source->bytes, &err) == ZDB_OK)
		state = json_loadb(text, source->bytes, 0, NULL);
	zdb_source_free(source);
	return state;
}

static zdb_rc
save(zdb_store *store, const json_t *state, zdb_err *err)
{
	zdb_sink *sink = NULL;
	char *text;

	if (!state)
		return zdb_store_remove(store, ZDB_ALERTS_NAME, err);
	text = json_dumps(state, JSON_COMPACT);
	if (!text)
		return zdb_err_nomem(err);
	if (zdb_store_sink(store, ZDB_ALERTS_NAME, true, &sink, err) == ZDB_OK &&
		zdb_sink_write(sink, text, strlen(text), err) == ZDB_OK)
		zdb_sink_finish(sink, err);
	zdb_sink_free(sink);
	free(text);
	return err->code;
}

static bool
is_news(const json_t *said, const json_t *now)
{
	zdb_arena arena = {0};
	zdb_health_state before = state_of(said, &arena);
	zdb_health_state after = state_of(now, &arena);
	bool news = !zdb_arena_failed(&arena) && zdb_announce(&before, &after);

	zdb_arena_clear(&arena);
	return news;
}

static zdb_event
event_of(const json_t *state)
{
	const char *status = json_string_value(json_object_get(state, "status"));

	return status && strcmp(status, "critical") == 0 ? ZDB_EVENT_CRITICAL
													 : ZDB_EVENT_HEALTH;
}

/* Of several who look at the same time one speaks. */
static zdb_rc
take_turn(const zdb_store *store, int *lock, zdb_err *err)
{
	char *path;

	*lock = -1;
	if (!store->local)
		return ZDB_OK;
	path = zdb_format(err, "%s/" LOCK_NAME, store->where);
	if (path)
		zdb_lock_open(path, 0, false, lock, err);
	zdb_free(path);
	return err->code;
}

static zdb_rc
tell_if_news(zdb_store *store, const zdb_notice *notice,
			 zdb_settings *settings, const zdb_host *host, json_t *now,
			 json_t *warnings, zdb_err *err)
{
	json_t *said;
	int lock;

	if (take_turn(store, &lock, err))
		return err->code;
	said = load(store);
	if (is_news(said, now) && save(store, now, err) == ZDB_OK &&
		!zdb_notify_run(notice, settings, host, warnings))
		save(store, said, err);
	json_decref(said);
	if (lock >= 0)
		close(lock);
	return err->code;
}

void
zdb_alerts_tell(const zdb_repository *repository, zdb_notice *notice,
				zdb_settings *settings, json_t *warnings)
{
	json_t *now = new_state(notice->details, notice->now_us);
	zdb_store *store = NULL;
	zdb_err err = {0};

	notice->event = event_of(now);
	if (zdb_notify_wanted(settings, notice->event) &&
		zdb_store_open(&(zdb_store_options){.where = repository->where,
											.host = repository->host},
					   &store, &err) == ZDB_OK)
		tell_if_news(store, notice, settings, repository->host, now, warnings,
					 &err);
	if (err.code && err.code != ZDB_BUSY)
		json_array_append_new(
			warnings, json_sprintf("nobody is told of alerts: %s", err.msg));
	zdb_store_free(store);
	json_decref(now);
}
