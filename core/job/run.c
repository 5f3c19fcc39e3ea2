/*
 * run - how a call ended, put on record in its repository's history
 */
#include "core/job/run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/job/path.h"
#include "core/job/report.h"
#include "core/store/store.h"

#define HOST_CHARS 256

const char *
zdb_outcome_name(zdb_outcome outcome)
{
	switch (outcome)
	{
		case ZDB_OUTCOME_SUCCESS:
			return "success";
		case ZDB_OUTCOME_FAILURE:
			return "failure";
		case ZDB_OUTCOME_CANCELLED:
			break;
	}
	return "cancelled";
}

static bool
ends_with_slash(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && text[len - 1] == '/';
}

static void
strip_slashes(char *path)
{
	for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
}

/* Cut the last part off: "a/b" becomes "a", "b" becomes ".", "/b" "/". A
 * bucket has no parent. */
static char *
parent(char *path, zdb_err *err)
{
	size_t scheme = zdb_store_scheme(path);
	char *slash = strrchr(path + (scheme ? scheme + 3 : 0), '/');

	if (slash)
		slash[slash == path] = '\0';
	if (slash || scheme)
		return path;
	zdb_free(path);
	return zdb_strdup(".", err);
}

/* Does the last part look like 20250904? */
static bool
is_day(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	return zdb_store_is_day(name, strlen(name));
}

char *
zdb_repository_of(const char *path, zdb_err *err)
{
	size_t used = strcspn(path, "{");
	bool cut = path[used] != '\0';
	char *copy = zdb_format(err, "%.*s", (int) used, path);
	bool directory;

	if (!copy)
		return NULL;
	directory = cut || zdb_store_scheme(copy) ? ends_with_slash(copy)
											  : zdb_path_is_directory(copy);
	if (directory)
		strip_slashes(copy);
	else
		copy = parent(copy, err);
	if (copy && is_day(copy) && (cut || !directory))
		copy = parent(copy, err);
	return copy;
}

char *
zdb_repository_history(const zdb_repository *repository, zdb_err *err)
{
	const char *where = repository->where;

	if (repository->history && *repository->history)
		return zdb_strdup(repository->history, err);
	if (zdb_store_scheme(where))
		where = repository->fallback;
	return zdb_format(err, "%s%s" ZDB_HISTORY_NAME, where,
					  ends_with_slash(where) ? "" : "/");
}

/* Which repository a record speaks of, however one has got there. */
static char *
real_place(const char *where, zdb_err *err)
{
	char *real = zdb_store_scheme(where) ? NULL : realpath(where, NULL);
	char *copy = zdb_strdup(real ? real : where, err);

	free(real);
	if (copy)
		strip_slashes(copy);
	return copy;
}

/* The name of the file inside the repository; as it is when it is outside. */
static const char *
name_inside(const char *path, const char *repository)
{
	size_t len = strlen(repository);

	if (strncmp(path, repository, len) == 0 && path[len] == '/')
		return path + len + 1;
	return path;
}

/* Copy what the report has under these keys. */
static void
copy_keys(const json_t *report, json_t *record)
{
	static const char *const keys[] = {
		"type",     "label",  "bytes",   "stored_bytes", "rows",
		"verified", "sha256", "target",  "dry_run",      "prebackup",
		"pruned",   "kept",   "removed", "failed",       "freed_bytes"};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
	{
		json_t *value = json_object_get(report, keys[i]);

		if (value && !json_is_null(value) && !json_is_false(value))
			json_object_set(record, keys[i], value);
	}
}

static void
put_text(json_t *record, const char *key, const char *text)
{
	if (text)
		json_object_set_new(record, key, zdb_report_name(text));
}

/* A bad backup that is a report, not an error, is a failure all the same. */
static void
put_outcome(const zdb_run *run, json_t *record)
{
	json_t *ok = json_object_get(run->report, "ok");
	bool bad = run->outcome == ZDB_OUTCOME_SUCCESS && json_is_false(ok);

	put_text(record, "outcome",
			 zdb_outcome_name(bad ? ZDB_OUTCOME_FAILURE : run->outcome));
	put_text(record, "code", bad ? zdb_err_name(ZDB_DAMAGED) : run->code);
	put_text(record, "error",
			 bad ? json_string_value(json_object_get(run->report, "error"))
				 : run->error);
}

static json_t *
new_record(const zdb_run *run, const char *repository, const char *real)
{
	const char *path = json_string_value(json_object_get(run->report, "path"));
	int64_t ended_us = run->started_us + (int64_t) (run->duration_s * 1e6);
	char host[HOST_CHARS] = "";
	json_t *record =
		json_pack("{s:s, s:o, s:o, s:f}", "operation", run->operation,
				  "started", zdb_report_time(run->started_us), "ended",
				  zdb_report_time(ended_us), "duration_s", run->duration_s);

	if (!record)
		return NULL;
	(void) gethostname(host, sizeof host - 1);
	put_text(record, "job", run->job);
	put_text(record, "type", run->type);
	put_outcome(run, record);
	path = name_inside(path ? path : run->repository.where, repository);
	if (*path && strcmp(path, repository) != 0)
		put_text(record, "file", path);
	put_text(record, "repository", real);
	copy_keys(run->report, record);
	if (json_array_size(run->warnings) > 0)
		json_object_set_new(record, "warnings", json_deep_copy(run->warnings));
	put_text(record, "engine", run->engine);
	put_text(record, "database", run->database);
	put_text(record, "host", host);
	json_object_set_new(record, "pid", json_integer(getpid()));
	put_text(record, "version", ZDB_VERSION);
	return record;
}

zdb_rc
zdb_run_record(const zdb_run *run, zdb_err *err)
{
	char *where = zdb_repository_of(run->repository.where, err);
	char *real = where ? real_place(where, err) : NULL;
	zdb_repository place = run->repository;
	json_t *record = NULL;
	char *file = NULL;

	place.where = where;
	if (real)
		file = zdb_repository_history(&place, err);
	if (file)
		record = new_record(run, where, real);
	if (record)
		zdb_history_append(file, record,
						   &(zdb_history_options){.wait_s = run->wait_s,
												  .create = run->create},
						   err);
	else
		zdb_err_nomem(err);
	json_decref(record);
	zdb_free(file);
	zdb_free(real);
	zdb_free(where);
	return err->code;
}

/* Records of one repository in a file that may hold others' too. */
typedef struct filter
{
	const char *real; /* NULL: the file is its own */
	zdb_history_visit visit;
	void *arg;
} filter;

static zdb_rc
pass_on(void *arg, size_t line, const json_t *record, zdb_err *err)
{
	const filter *self = arg;
	const char *of = json_string_value(json_object_get(record, "repository"));

	if (record && self->real && (!of || strcmp(of, self->real) != 0))
		return ZDB_OK;
	return self->visit(self->arg, line, record, err);
}

zdb_rc
zdb_repository_runs(const zdb_repository *repository, zdb_history_visit visit,
					void *arg, zdb_err *err)
{
	bool shared = (repository->history && *repository->history) ||
				  zdb_store_scheme(repository->where);
	char *file = zdb_repository_history(repository, err);
	char *real = file && shared ? real_place(repository->where, err) : NULL;
	filter self = {.real = real, .visit = visit, .arg = arg};

	if (!err->code)
		zdb_history_read(file, pass_on, &self, err);
	zdb_free(real);
	zdb_free(file);
	return err->code;
}

static zdb_rc
add_row(void *arg, size_t line, const json_t *record, zdb_err *err)
{
	json_t *row =
		record ? json_deep_copy(record)
			   : json_pack("{s:s}", "error",
						   "this line cannot be read: a crash has torn it, or "
						   "it is not ours");

	json_object_set_new(row, "line", json_integer((json_int_t) line));
	if (json_array_append_new(arg, row) != 0)
		return zdb_err_nomem(err);
	return ZDB_OK;
}

zdb_rc
zdb_history_rows(const zdb_repository *repository, json_t *rows, zdb_err *err)
{
	return zdb_repository_runs(repository, add_row, rows, err);
}
