/*
 * job - something to be done again and again
 */
#include "core/job/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/store/store.h"
#include "core/job/summary.h"
#include "core/job/zone_file.h"

#define NAME_BYTES_MAX 64

typedef enum value_kind
{
	VALUE_TEXT,
	VALUE_BOOL,
	VALUE_COMPRESS, /* a text or a boolean */
	VALUE_KEEP,     /* rules of retention */
	VALUE_OBJECT,
} value_kind;

/* Every key that some job can have. */
typedef struct key_row
{
	const char *name;
	value_kind kind;
	int engines; /* 0: where the operation takes it as an argument */
} key_row;

static const key_row keys[] = {
	{"repo", VALUE_TEXT, ZDB_ENGINE_SQLITE | ZDB_ENGINE_POSTGRES},
	{"operation", VALUE_TEXT, ZDB_ENGINE_SQLITE | ZDB_ENGINE_POSTGRES},
	{"zone", VALUE_TEXT, ZDB_ENGINE_SQLITE | ZDB_ENGINE_POSTGRES},
	{"active", VALUE_BOOL, ZDB_ENGINE_SQLITE | ZDB_ENGINE_POSTGRES},
	{"database", VALUE_TEXT, ZDB_ENGINE_POSTGRES},
	{"compress", VALUE_COMPRESS, 0},
	{"keep", VALUE_KEEP, 0},
	{"period", VALUE_TEXT, 0},
	{"options", VALUE_OBJECT, 0},
};

static const char *
text_of(const zdb_job *job, const char *key)
{
	return json_string_value(json_object_get(job->spec, key));
}

static bool
is_allowed(const key_row *key, const zdb_job *job, zdb_engine engine)
{
	if (key->engines)
		return key->engines & (int) engine;
	for (const char *const *one = job->operation->arguments; *one; one++)
		if (strcmp(*one, key->name) == 0)
			return true;
	return false;
}

static zdb_rc
unknown_key(const zdb_job *job, zdb_engine engine, const char *name,
			zdb_err *err)
{
	char list[200] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (is_allowed(&keys[i], job, engine))
			used += (size_t) snprintf(list + used, sizeof list - used, "%s%s",
									  used ? ", " : "", keys[i].name);
	zdb_err_set(err, ZDB_USAGE, "unknown key \"%.100s\" in the job", name);
	zdb_err_hint(err, "The keys of a job of operation %s are: %s.",
				 job->operation->name, list);
	return err->code;
}

static bool
is_text(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && *text && strlen(text) == json_string_length(value);
}

static zdb_rc
check_value(const key_row *key, const json_t *value, zdb_err *err)
{
	const char *wanted = NULL;
	zdb_keep keep;

	switch (key->kind)
	{
		case VALUE_TEXT:
			wanted = is_text(value) ? NULL : "a text that is not empty";
			break;
		case VALUE_BOOL:
			wanted = json_is_boolean(value) ? NULL : "true or false";
			break;
		case VALUE_COMPRESS:
			wanted = is_text(value) || json_is_boolean(value)
						 ? NULL
						 : "true, false or a text";
			break;
		case VALUE_KEEP:
			return zdb_keep_parse(value, &keep, err);
		case VALUE_OBJECT:
			wanted = json_is_object(value) ? NULL : "an object";
			break;
	}
	if (!wanted)
		return ZDB_OK;
	return zdb_err_set(err, ZDB_USAGE, "\"%s\" in the job must be %s",
					   key->name, wanted);
}

static zdb_rc
check_keys(const zdb_job *job, zdb_engine engine, zdb_err *err)
{
	const char *name;
	json_t *value;

	json_object_foreach (job->spec, name, value)
	{
		const key_row *key = NULL;

		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
			if (strcmp(keys[i].name, name) == 0 &&
				is_allowed(&keys[i], job, engine))
				key = &keys[i];
		if (!key)
			return unknown_key(job, engine, name, err);
		if (check_value(key, value, err))
			return err->code;
	}
	return ZDB_OK;
}

/* Without which a job means nothing. */
static zdb_rc
check_needed(const zdb_job *job, zdb_engine engine, zdb_err *err)
{
	zdb_call call = job->operation->call;
	const char *period = text_of(job, "period");
	const char *repo = zdb_job_repo(job);

	if (!repo || !*repo)
	{
		zdb_err_set(err, ZDB_USAGE, "the job has no \"repo\"");
		zdb_err_hint(err, "Name the directory of the backups: \"repo\": "
						  "\"backups/\".");
	}
	else if (engine == ZDB_ENGINE_SQLITE && zdb_store_scheme(repo))
	{
		zdb_err_set(err, ZDB_UNSUPPORTED, "jobs cannot be kept at \"%s\"",
					repo);
		zdb_err_hint(err, "Name a directory as \"repo\", and the URL as "
						  "\"copy_to\" among the \"options\".");
	}
	else if (call == ZDB_CALL_PRUNE && !json_object_get(job->spec, "keep"))
	{
		zdb_err_set(err, ZDB_USAGE, "the job has no \"keep\"");
		zdb_err_hint(err, "Give a number of days, or rules such as "
						  "{\"daily\": 7, \"weekly\": 5}.");
	}
	else if (call == ZDB_CALL_REPORT)
		zdb_summary_check(period ? period : "", err);
	return err->code;
}

/* As the call itself would check them. */
static zdb_rc
check_options(const zdb_job *job, zdb_engine engine, zdb_err *err)
{
	zdb_options options = {0};
	zdb_codec codec;
	char *text = zdb_job_value(job, "options", err);
	char *compress = zdb_job_value(job, "compress", err);

	if (!err->code &&
		zdb_options_parse(engine, job->operation->call, text,
						  text ? strlen(text) : 0, &options, err) == ZDB_OK)
	{
		if (compress && options.compress)
			zdb_err_set(err, ZDB_USAGE,
						"compress is given twice: in the job, and in its "
						"options");
		else if (compress || options.compress)
			zdb_codec_parse(compress ? compress : options.compress, &codec,
							err);
	}
	zdb_options_clear(&options);
	zdb_free(text);
	zdb_free(compress);
	return err->code;
}

static zdb_rc
check_name(const char *name, zdb_err *err)
{
	size_t len = strlen(name);
	bool ok = len > 0 && len <= NAME_BYTES_MAX && zdb_utf8_valid(name, len);

	for (const char *at = name; ok && *at; at++)
		ok = (unsigned char) *at >= ' ' && *at != '/' && *at != 0x7f;
	if (ok)
		return ZDB_OK;
	return zdb_err_set(err, ZDB_USAGE,
					   "a job's name is a text of 1 to %d bytes without \"/\" "
					   "and control characters",
					   NAME_BYTES_MAX);
}

static zdb_rc
load_spec(zdb_job *job, const char *spec, size_t len, zdb_err *err)
{
	json_error_t where;

	job->spec = json_loadb(spec, len, JSON_REJECT_DUPLICATES, &where);
	if (!job->spec && json_error_code(&where) == json_error_out_of_memory)
		return zdb_err_nomem(err);
	if (json_is_object(job->spec))
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE, "the job is not a JSON object%s%s",
				*where.text ? ": " : "", where.text);
	zdb_err_hint(err, "Write it like '{\"repo\": \"backups/\", "
					  "\"operation\": \"backup\"}'.");
	return err->code;
}

zdb_rc
zdb_job_open(zdb_job *job, zdb_engine engine, const char *name,
			 const char *cron, const char *spec, size_t len, zdb_err *err)
{
	*job = (zdb_job){0};
	if (check_name(name, err) || zdb_cron_parse(cron, &job->cron, err) ||
		load_spec(job, spec, len, err) ||
		zdb_operation_find(
			json_string_value(json_object_get(job->spec, "operation")),
			&job->operation, err) ||
		check_keys(job, engine, err) || check_needed(job, engine, err) ||
		check_options(job, engine, err) ||
		zdb_zone_load(zdb_job_zone(job), &job->zone, err))
		return err->code;
	job->name = zdb_strdup(name, err);
	job->text = zdb_strdup(cron, err);
	return err->code;
}

void
zdb_job_clear(zdb_job *job)
{
	zdb_free(job->name);
	zdb_free(job->text);
	zdb_zone_free(job->zone);
	json_decref(job->spec);
	*job = (zdb_job){0};
}

const char *
zdb_job_repo(const zdb_job *job)
{
	return text_of(job, "repo");
}

const char *
zdb_job_zone(const zdb_job *job)
{
	const char *zone = text_of(job, "zone");

	return zone ? zone : "UTC";
}

const char *
zdb_job_database(const zdb_job *job)
{
	return text_of(job, "database");
}

bool
zdb_job_active(const zdb_job *job)
{
	return !json_is_false(json_object_get(job->spec, "active"));
}

/* A JSON value as a text of ours; NULL with err set. */
static char *
dump(const json_t *value, zdb_err *err)
{
	char *dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	char *copy = dumped ? zdb_strdup(dumped, err) : NULL;

	if (!dumped)
		zdb_err_nomem(err);
	free(dumped);
	return copy;
}

char *
zdb_job_value(const zdb_job *job, const char *key, zdb_err *err)
{
	const json_t *value = json_object_get(job->spec, key);

	if (json_is_string(value))
		return zdb_strdup(json_string_value(value), err);
	return value ? dump(value, err) : NULL;
}

char *
zdb_job_argument(const zdb_job *job, const char *key, zdb_err *err)
{
	json_t *options;
	char *text;

	if (strcmp(key, "options") != 0 ||
		!zdb_call_operation(job->operation->call))
		return zdb_job_value(job, key, err);
	options = json_pack("{s:s}", "job", job->name);
	json_object_update_missing(options, json_object_get(job->spec, key));
	text = dump(options, err);
	json_decref(options);
	return text;
}
