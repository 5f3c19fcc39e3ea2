/*
 * call - the root object of one SQL function call
 */
#include "sqlite_ext/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/copies.h"
#include "core/job/path.h"
#include "core/job/tell.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/sql.h"

/* A pool pays off from here on; see bench/ (4.7 ms inline, 14 ms threaded). */
#define CHUNKS_WORTH_THREADS 16

#define RECORD_WAIT_S 10.0
#define PROBE_EVERY_S 0.05
#define DRAW_EVERY_S 0.1
#define BAR_WIDTH 24

/*
 * SQLite 3.40 has no public "am I interrupted?". A statement begun while the
 * calling one is active fails when the connection was interrupted, so a tiny
 * one asks.
 */
static bool
host_stop(void *arg)
{
	zdblite_call *call = arg;
	double now_s = zdb_monotonic_s();
	int rc;

	if (now_s - call->probed_s < PROBE_EVERY_S)
		return false;
	call->probed_s = now_s;
	rc = sqlite3_step(call->probe);
	sqlite3_reset(call->probe);
	return rc == SQLITE_INTERRUPT;
}

static void
draw_bar(zdblite_call *call, uint64_t done, uint64_t total)
{
	double passed_s = zdb_monotonic_s() - call->started_s;
	double share = total ? (double) done / (double) total : 0;
	double rate = passed_s > 0 ? (double) done / passed_s : 0;
	char bar[BAR_WIDTH + 1];
	int filled;

	share = share > 1 ? 1 : share;
	filled = (int) (share * BAR_WIDTH);
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t) filled);
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r%-8s [%s] %3.0f%%  %.0f MB/s  %.0f s left \033[K",
			call->phase, bar, share * 100, rate / 1e6,
			rate > 0 && total > done ? (double) (total - done) / rate : 0.0);
	fflush(stderr);
}

static void
host_progress(void *arg, uint64_t done_bytes, uint64_t total_bytes)
{
	zdblite_call *call = arg;
	double now_s = zdb_monotonic_s();

	if (now_s - call->drawn_s < DRAW_EVERY_S)
		return;
	call->drawn_s = now_s;
	draw_bar(call, done_bytes, total_bytes);
}

zdb_store_options
zdblite_call_reach(zdblite_call *call, const char *where)
{
	return (zdb_store_options){
		.where = where, .host = &call->host, .settings = &call->settings};
}

static zdb_rc
parse_options(zdblite_call *call, zdb_call kind, sqlite3_value *value)
{
	const char *json = NULL;

	if (value && sqlite3_value_type(value) != SQLITE_NULL)
	{
		json = zdblite_call_text(call, value, "options");
		if (!json)
			return call->err.code;
	}
	return zdb_options_parse(ZDB_ENGINE_SQLITE, kind, json,
							 json ? strlen(json) : 0, &call->options,
							 &call->err);
}

static zdb_rc
set_fallback(zdblite_call *call)
{
	const char *live = sqlite3_db_filename(call->db, "main");

	if (live && *live)
		call->fallback = zdb_path_directory(live, &call->err);
	else
		call->fallback = zdb_strdup(zdblite_temp_directory(), &call->err);
	return call->err.code;
}

zdb_rc
zdblite_call_begin(zdblite_call *call, sqlite3 *db, zdb_call kind,
				   sqlite3_value *options_json)
{
	*call = (zdblite_call){.db = db,
						   .kind = kind,
						   .phase = "backup",
						   .started_s = zdb_monotonic_s(),
						   .started_us = zdb_now_us()};
	call->host.arg = call;
	call->host.stop = host_stop;
	call->report = json_object();
	call->warnings = json_array();
	if (!call->report || !call->warnings)
		return zdb_err_nomem(&call->err);
	call->history =
		zdb_settings_get(&call->settings, ZDB_SET_HISTORY, &call->err);
	if (call->err.code || parse_options(call, kind, options_json) ||
		zdb_crypt_keys(&call->settings, call->options.passphrase_file,
					   &call->keys, &call->err) ||
		set_fallback(call))
		return call->err.code;
	call->copy_to =
		zdb_copies_place(call->options.copy_to, &call->settings, &call->err);
	if (call->err.code)
		return call->err.code;
	if (call->options.progress && isatty(STDERR_FILENO))
		call->host.progress = host_progress;
	return zdblite_prepare(call->db, &call->probe, &call->err, "SELECT 1");
}

zdb_rc
zdblite_call_open(zdblite_call *call, sqlite3_context *ctx, zdb_call kind,
				  sqlite3_value *path, sqlite3_value *options_json)
{
	zdblite_call_begin(call, sqlite3_context_db_handle(ctx), kind,
					   options_json);
	call->ctx = ctx;
	if (path)
		call->path = zdblite_call_text(call, path, "path");
	return call->err.code;
}

zdb_rc
zdblite_call_runner(zdblite_call *call, uint64_t chunks)
{
	int jobs = call->options.jobs ? call->options.jobs : zdb_pool_cpus();

	if (call->pool)
		return ZDB_OK;
	if (chunks < CHUNKS_WORTH_THREADS)
		jobs = 1;
	call->pool = zdb_pool_new(jobs, &call->err);
	if (!call->pool)
		return call->err.code;
	call->runner = zdb_pool_runner(call->pool);
	return ZDB_OK;
}

const char *
zdblite_call_text(zdblite_call *call, sqlite3_value *value, const char *name)
{
	const char *text;

	if (sqlite3_value_type(value) != SQLITE_TEXT)
	{
		zdb_err_set(&call->err, ZDB_USAGE, "%s must be a text", name);
		return NULL;
	}
	text = (const char *) sqlite3_value_text(value);
	if (!text)
		zdb_err_nomem(&call->err);
	else if (strlen(text) != (size_t) sqlite3_value_bytes(value))
	{
		zdb_err_set(&call->err, ZDB_USAGE, "%s holds a zero byte", name);
		return NULL;
	}
	else if (!zdb_utf8_valid(text, strlen(text)))
	{
		zdb_err_set(&call->err, ZDB_USAGE, "%s is not valid UTF-8", name);
		return NULL;
	}
	return text;
}

void
zdblite_report(zdblite_call *call, const char *key, json_t *value)
{
	if (json_object_set_new(call->report, key, value) != 0)
		zdb_err_nomem(&call->err);
}

/* Said once: a check that runs before and after finds the same twice. */
static bool
is_said(const zdblite_call *call, const json_t *text)
{
	size_t i;
	json_t *said;

	json_array_foreach (call->warnings, i, said)
		if (json_equal(said, text))
			return true;
	return false;
}

void
zdblite_warn(zdblite_call *call, const char *fmt, ...)
{
	va_list args;
	json_t *text;

	va_start(args, fmt);
	text = json_vsprintf(fmt, args);
	va_end(args);
	if (!text ||
		(!is_said(call, text) && json_array_append(call->warnings, text) != 0))
		zdb_err_nomem(&call->err);
	json_decref(text);
}

static void
result_report(zdblite_call *call)
{
	char *text;

	if (!json_object_get(call->report, "duration_s"))
		zdblite_report(call, "duration_s",
					   json_real(zdb_monotonic_s() - call->started_s));
	zdblite_report(call, "warnings", json_incref(call->warnings));
	text = json_dumps(call->report, JSON_COMPACT | JSON_REAL_PRECISION(6));
	if (!text || call->err.code)
		sqlite3_result_error_nomem(call->ctx);
	else
		sqlite3_result_text(call->ctx, text, -1, SQLITE_TRANSIENT);
	free(text);
}

zdb_repository
zdblite_repository(zdblite_call *call)
{
	return (zdb_repository){.where = call->path,
							.history = call->history,
							.fallback = call->fallback,
							.copy_to = call->copy_to,
							.host = &call->host,
							.settings = &call->settings,
							.keys = &call->keys};
}

/* Tell and record how the run ended; that it could not be is no reason to
 * fail. Who interrupted it has not asked for silence. */
static void
record(zdblite_call *call)
{
	const zdb_host *host =
		call->err.code == ZDB_CANCELLED ? NULL : &call->host;
	const char *file = sqlite3_db_filename(call->db, call->options.schema);
	zdb_err why = {0};
	char *database = zdb_path_database(file, &why);
	zdb_run run = {
		.operation = zdb_call_operation(call->kind),
		.engine = "sqlite",
		.database = database,
		.job = call->options.job,
		.type = call->kind == ZDB_CALL_BACKUP ? call->options.type : NULL,
		.repository = zdblite_repository(call),
		.started_us = call->started_us,
		.duration_s = zdb_monotonic_s() - call->started_s,
		.outcome = call->err.code == ZDB_CANCELLED ? ZDB_OUTCOME_CANCELLED
				   : call->err.code                ? ZDB_OUTCOME_FAILURE
												   : ZDB_OUTCOME_SUCCESS,
		.code = call->err.code ? zdb_err_name(call->err.code) : NULL,
		.error = call->err.code ? call->err.msg : NULL,
		.hint = *call->err.hint ? call->err.hint : NULL,
		.warnings = call->warnings,
		.report = call->report,
		.wait_s = RECORD_WAIT_S,
		.create = true,
	};

	if (run.operation)
		zdb_tell(&run, &call->settings, host, call->warnings);
	if (run.operation && call->path && *call->path && database &&
		zdb_run_record(&run, &why) && !call->err.code)
		zdblite_warn(call, "the history was not written: %s", why.msg);
	zdb_free(database);
}

void
zdblite_call_end(zdblite_call *call)
{
	zdb_pool_free(call->pool);
	if (call->host.progress && call->drawn_s > 0)
		fputs("\r\033[K", stderr);
	sqlite3_finalize(call->probe);
	json_decref(call->report);
	json_decref(call->warnings);
	zdb_age_keys_clear(&call->keys);
	zdb_options_clear(&call->options);
	zdb_free(call->fallback);
	zdb_settings_clear(&call->settings);
}

void
zdblite_call_close(zdblite_call *call)
{
	record(call);
	if (call->err.code)
		zdblite_result_error(call->ctx, &call->err);
	else
		result_report(call);
	zdblite_call_end(call);
}
