/*
 * options - the JSON options of a call, checked and typed
 */
#include "core/job/options.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/policy/merge.h"

#define JOBS_MAX 64

typedef enum option_kind
{
	KIND_BOOL,
	KIND_INT,
	KIND_TEXT,
	KIND_NAMES,
	KIND_COMPRESS,   /* text or boolean */
	KIND_LEVEL,      /* false, true or a level's name */
	KIND_RECIPIENTS, /* text, list of texts, or false */
	KIND_PREBACKUP,  /* boolean or a path */
	KIND_JSON,       /* an object or a text, kept as JSON */
	KIND_NUMBER,     /* above 0 */
	KIND_KEEP,       /* rules of retention */
	KIND_PLACE,      /* a path, a URL, or false */
} option_kind;

typedef struct option_row
{
	const char *name;
	int engines;
	int calls;
	option_kind kind;
	size_t offset;
	const char *choices; /* "full schema data", or NULL: anything */
} option_row;

/* Short names for the table. */
enum
{
	BACKUP = ZDB_CALL_BACKUP,
	VERIFY = ZDB_CALL_VERIFY,
	RESTORE = ZDB_CALL_RESTORE,
	INFO = ZDB_CALL_INFO,
	PRUNE = ZDB_CALL_PRUNE,
	HEALTH = ZDB_CALL_HEALTH,
	CONSOLIDATE = ZDB_CALL_CONSOLIDATE,
	ROWS = ZDB_CALL_ROWS,
	SQLITE = ZDB_ENGINE_SQLITE,
	POSTGRES = ZDB_ENGINE_POSTGRES,
	BOTH = SQLITE | POSTGRES,
};

static const option_row rows[] = {
	{"type", BOTH, BACKUP, KIND_TEXT, offsetof(zdb_options, type),
	 "full incremental schema data"},
	{"base", BOTH, BACKUP, KIND_TEXT, offsetof(zdb_options, base), NULL},
	{"schema", SQLITE, BACKUP | RESTORE, KIND_TEXT,
	 offsetof(zdb_options, schema), NULL},
	{"tables", BOTH, BACKUP | RESTORE, KIND_NAMES,
	 offsetof(zdb_options, tables), NULL},
	{"exclude", BOTH, BACKUP, KIND_NAMES, offsetof(zdb_options, exclude),
	 NULL},
	{"compress", BOTH, BACKUP | CONSOLIDATE, KIND_COMPRESS,
	 offsetof(zdb_options, compress), NULL},
	{"label", BOTH, BACKUP | CONSOLIDATE, KIND_TEXT,
	 offsetof(zdb_options, label), NULL},
	{"at", BOTH, VERIFY | RESTORE | INFO | CONSOLIDATE | ROWS, KIND_TEXT,
	 offsetof(zdb_options, at), NULL},
	{"table", POSTGRES, ROWS, KIND_TEXT, offsetof(zdb_options, table), NULL},
	{"copy_to", BOTH, BACKUP | PRUNE | HEALTH, KIND_PLACE,
	 offsetof(zdb_options, copy_to), NULL},
	{"keep", BOTH, BACKUP, KIND_KEEP, offsetof(zdb_options, keep), NULL},
	{"job", BOTH, BACKUP | VERIFY | RESTORE | PRUNE | CONSOLIDATE, KIND_TEXT,
	 offsetof(zdb_options, job), NULL},
	{"encrypt_to", BOTH, BACKUP | CONSOLIDATE, KIND_RECIPIENTS,
	 offsetof(zdb_options, encrypt_to), NULL},
	{"passphrase_file", BOTH,
	 BACKUP | VERIFY | RESTORE | INFO | CONSOLIDATE | ROWS, KIND_TEXT,
	 offsetof(zdb_options, passphrase_file), NULL},
	{"verify", BOTH, BACKUP | RESTORE | CONSOLIDATE, KIND_LEVEL,
	 offsetof(zdb_options, level), "none index data restore"},
	{"level", BOTH, VERIFY, KIND_LEVEL, offsetof(zdb_options, level),
	 "index data restore"},
	{"strategy", BOTH, RESTORE, KIND_TEXT, offsetof(zdb_options, strategy),
	 "replace merge"},
	{"policy", BOTH, RESTORE, KIND_JSON, offsetof(zdb_options, policy), NULL},
	{"create_missing", POSTGRES, RESTORE, KIND_BOOL,
	 offsetof(zdb_options, create_missing), NULL},
	{"mask", BOTH, RESTORE, KIND_JSON, offsetof(zdb_options, mask), NULL},
	{"target", BOTH, RESTORE, KIND_TEXT, offsetof(zdb_options, target), NULL},
	{"prebackup", BOTH, RESTORE, KIND_PREBACKUP,
	 offsetof(zdb_options, prebackup), NULL},
	{"dry_run", BOTH, RESTORE | PRUNE, KIND_BOOL,
	 offsetof(zdb_options, dry_run), NULL},
	{"overwrite", BOTH, BACKUP | RESTORE | CONSOLIDATE, KIND_BOOL,
	 offsetof(zdb_options, overwrite), NULL},
	{"jobs", BOTH, BACKUP | VERIFY | RESTORE | CONSOLIDATE, KIND_INT,
	 offsetof(zdb_options, jobs), NULL},
	{"progress", BOTH, BACKUP | VERIFY | RESTORE | CONSOLIDATE, KIND_BOOL,
	 offsetof(zdb_options, progress), NULL},
	{"raise", BOTH, VERIFY, KIND_BOOL, offsetof(zdb_options, raise), NULL},
	{"hours", BOTH, HEALTH, KIND_NUMBER, offsetof(zdb_options, limits.hours),
	 NULL},
	{"failures", BOTH, HEALTH, KIND_NUMBER,
	 offsetof(zdb_options, limits.failures), NULL},
	{"size_factor", BOTH, HEALTH, KIND_NUMBER,
	 offsetof(zdb_options, limits.size_factor), NULL},
	{"storage_percent", BOTH, HEALTH, KIND_NUMBER,
	 offsetof(zdb_options, limits.storage_percent), NULL},
	{"restore_days", BOTH, HEALTH, KIND_NUMBER,
	 offsetof(zdb_options, limits.restore_days), NULL},
	{"overdue_minutes", BOTH, HEALTH, KIND_NUMBER,
	 offsetof(zdb_options, limits.overdue_minutes), NULL},
	{"database", BOTH, HEALTH, KIND_TEXT, offsetof(zdb_options, database),
	 NULL},
	{"include_foreign_data", POSTGRES, BACKUP, KIND_BOOL,
	 offsetof(zdb_options, include_foreign_data), NULL},
};

/* Who asks. */
typedef struct caller
{
	zdb_engine engine;
	zdb_call call;
} caller;

static bool
is_for(const option_row *row, const caller *by)
{
	return (row->engines & (int) by->engine) && (row->calls & (int) by->call);
}

static const option_row *
find_row(const caller *by, const char *name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (is_for(&rows[i], by) && strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static zdb_rc
unknown_option(const caller *by, const char *name, zdb_err *err)
{
	char list[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (is_for(&rows[i], by) && used < sizeof list)
			used += (size_t) snprintf(list + used, sizeof list - used, "%s%s",
									  used ? ", " : "", rows[i].name);
	zdb_err_set(err, ZDB_USAGE, "unknown option \"%s\"", name);
	zdb_err_hint(err, used ? "The options are: %s." : "There are none.", list);
	return err->code;
}

/* The error for a value of the wrong kind. */
static zdb_rc
bad_value(const option_row *row, const char *wanted, zdb_err *err)
{
	return zdb_err_set(err, ZDB_USAGE, "option \"%s\" must be %s", row->name,
					   wanted);
}

/* Is text one of the space-separated choices? */
static bool
is_choice(const char *choices, const char *text)
{
	size_t len = strlen(text);

	for (const char *at = choices; *at;)
	{
		size_t span = strcspn(at, " ");

		if (span == len && memcmp(at, text, len) == 0)
			return true;
		at += span + (at[span] == ' ');
	}
	return false;
}

static zdb_rc
take_text(const option_row *row, const json_t *value, char **slot,
		  zdb_err *err)
{
	const char *text = json_string_value(value);

	if (!text || !*text || strlen(text) != json_string_length(value))
		return bad_value(row, "a text that is not empty", err);
	if (row->choices && !is_choice(row->choices, text))
	{
		zdb_err_set(err, ZDB_USAGE, "option \"%s\" cannot be \"%s\"",
					row->name, text);
		zdb_err_hint(err, "Choose one of: %s.", row->choices);
		return err->code;
	}
	zdb_free(*slot);
	*slot = zdb_strdup(text, err);
	return *slot ? ZDB_OK : err->code;
}

static zdb_rc
take_names(const option_row *row, const json_t *value, zdb_names *names,
		   zdb_err *err)
{
	size_t count = json_array_size(value);

	if (!json_is_array(value) || count == 0)
		return bad_value(row, "a list of table names", err);
	names->list = zdb_calloc(count, sizeof *names->list);
	if (!names->list)
		return zdb_err_nomem(err);
	for (size_t i = 0; i < count; i++)
	{
		const json_t *item = json_array_get(value, i);
		const char *text = json_string_value(item);

		if (!text || !*text || strlen(text) != json_string_length(item))
			return bad_value(row, "a list of table names", err);
		names->list[i] = zdb_strdup(text, err);
		if (!names->list[i])
			return err->code;
		names->count++;
	}
	return ZDB_OK;
}

/* All in one text, separated by spaces; "" for false. */
static zdb_rc
take_recipients(const option_row *row, const json_t *value, char **slot,
				zdb_err *err)
{
	static const char wanted[] = "an age recipient, a list of them, or false";
	size_t count = json_is_array(value) ? json_array_size(value) : 1;
	char *list = zdb_strdup("", err);

	if (count == 0)
		bad_value(row, wanted, err);
	for (size_t i = 0; i < count && !err->code && !json_is_false(value); i++)
	{
		const json_t *item =
			json_is_array(value) ? json_array_get(value, i) : value;
		char *longer = NULL;

		if (json_is_string(item))
			longer = zdb_format(err, "%s %s", list, json_string_value(item));
		else
			bad_value(row, wanted, err);
		zdb_free(list);
		list = longer;
	}
	zdb_free(*slot);
	*slot = list;
	return err->code;
}

static zdb_rc
take_level(const option_row *row, const json_t *value, zdb_level *level,
		   zdb_err *err)
{
	const char *text = json_string_value(value);

	if (json_is_boolean(value) && is_choice(row->choices, "none"))
	{
		*level = json_is_true(value) ? ZDB_LEVEL_DATA : ZDB_LEVEL_NONE;
		return ZDB_OK;
	}
	for (int i = ZDB_LEVEL_NONE; text && i <= ZDB_LEVEL_RESTORE; i++)
		if (strcmp(text, zdb_level_name(i)) == 0 &&
			is_choice(row->choices, text))
		{
			*level = (zdb_level) i;
			return ZDB_OK;
		}
	zdb_err_set(err, ZDB_USAGE, "option \"%s\" has no such level", row->name);
	zdb_err_hint(err, "Choose one of: %s.", row->choices);
	return err->code;
}

static zdb_rc
take_int(const option_row *row, const json_t *value, int *slot, zdb_err *err)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 1 || number > JOBS_MAX)
		return bad_value(row, "a whole number from 1 to 64", err);
	*slot = (int) number;
	return ZDB_OK;
}

static zdb_rc
take_json(const option_row *row, const json_t *value, char **slot,
		  zdb_err *err)
{
	char *text;

	if (!json_is_object(value) && !json_is_string(value))
		return bad_value(row, "an object or a text", err);
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text)
		return zdb_err_nomem(err);
	zdb_merge_unmark_numbers(text);
	zdb_free(*slot);
	*slot = zdb_strdup(text, err);
	free(text);
	return err->code;
}

static zdb_rc
take_value(const option_row *row, const json_t *value, zdb_options *options,
		   zdb_err *err)
{
	void *slot = (char *) options + row->offset;

	switch (row->kind)
	{
		case KIND_BOOL:
			if (!json_is_boolean(value))
				return bad_value(row, "true or false", err);
			*(bool *) slot = json_is_true(value);
			return ZDB_OK;
		case KIND_INT:
			return take_int(row, value, slot, err);
		case KIND_TEXT:
			return take_text(row, value, slot, err);
		case KIND_NAMES:
			return take_names(row, value, slot, err);
		case KIND_RECIPIENTS:
			return take_recipients(row, value, slot, err);
		case KIND_LEVEL:
			return take_level(row, value, slot, err);
		case KIND_COMPRESS:
			if (!json_is_boolean(value))
				return take_text(row, value, slot, err);
			zdb_free(options->compress);
			options->compress =
				zdb_strdup(json_is_true(value) ? "true" : "false", err);
			return err->code;
		case KIND_JSON:
			return take_json(row, value, slot, err);
		case KIND_NUMBER:
			if (!json_is_number(value) || json_number_value(value) <= 0)
				return bad_value(row, "a number above 0", err);
			*(double *) slot = json_number_value(value);
			return ZDB_OK;
		case KIND_KEEP:
			options->has_keep = true;
			return zdb_keep_parse(value, slot, err);
		case KIND_PLACE:
			if (!json_is_false(value))
				return take_text(row, value, slot, err);
			zdb_free(*(char **) slot);
			*(char **) slot = zdb_strdup("", err);
			return err->code;
		case KIND_PREBACKUP:
			options->prebackup = !json_is_false(value);
			if (json_is_boolean(value))
				return ZDB_OK;
			return take_text(row, value, &options->prebackup_to, err);
	}
	return ZDB_OK;
}

static zdb_rc
take_object(const caller *by, json_t *object, zdb_options *options,
			zdb_err *err)
{
	const char *name;
	json_t *value;

	json_object_foreach (object, name, value)
	{
		const option_row *row = find_row(by, name);

		if (!row)
			return unknown_option(by, name, err);
		if (take_value(row, value, options, err))
			return err->code;
	}
	return ZDB_OK;
}

/* What lives is never masked. */
static zdb_rc
check_mask(const zdb_options *options, zdb_err *err)
{
	if (!options->mask || strcmp(options->target, "db") != 0)
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE,
				"option \"mask\" goes with another target than \"db\"");
	zdb_err_hint(err, "The live database is never masked: add "
					  "\"target\": \"test\".");
	return err->code;
}

static zdb_rc
set_defaults(zdb_options *options, zdb_err *err)
{
	*options = (zdb_options){
		.level = ZDB_LEVEL_DATA, .prebackup = true, .raise = true};
	zdb_health_limits_default(&options->limits);
	options->schema = zdb_strdup("main", err);
	options->type = zdb_strdup("full", err);
	options->strategy = zdb_strdup("replace", err);
	options->target = zdb_strdup("db", err);
	return err->code;
}

/* Where a policy can be among them, its numbers are kept as they are. */
static json_t *
parse(zdb_call call, const char *json, size_t len, json_error_t *where,
	  zdb_err *err)
{
	zdb_buf text = {0}, marked = {0};
	json_t *value = NULL;

	if (call != ZDB_CALL_RESTORE || memchr(json, '\0', len))
		return json_loadb(json, len, JSON_REJECT_DUPLICATES, where);
	if (zdb_buf_append(&text, json, len, err) == ZDB_OK &&
		zdb_buf_append(&text, "", 1, err) == ZDB_OK &&
		zdb_merge_mark_numbers((char *) text.data, &marked, err) == ZDB_OK)
		value =
			json_loads((char *) marked.data, JSON_REJECT_DUPLICATES, where);
	zdb_buf_clear(&text);
	zdb_buf_clear(&marked);
	return value;
}

zdb_rc
zdb_options_parse(zdb_engine engine, zdb_call call, const char *json,
				  size_t len, zdb_options *options, zdb_err *err)
{
	const caller by = {engine, call};
	json_error_t where;
	json_t *object;

	if (set_defaults(options, err) || !json || len == 0)
		return err->code;
	object = parse(call, json, len, &where, err);
	if (err->code)
		return err->code;
	if (!object && json_error_code(&where) == json_error_out_of_memory)
		return zdb_err_nomem(err);
	if (!json_is_object(object))
	{
		json_decref(object);
		zdb_err_set(err, ZDB_USAGE, "options are not a JSON object%s%s",
					*where.text ? ": " : "", where.text);
		zdb_err_hint(err, "Write them like '{\"type\": \"full\"}'.");
		return err->code;
	}
	if (take_object(&by, object, options, err) == ZDB_OK)
		check_mask(options, err);
	json_decref(object);
	return err->code;
}

static void
clear_names(zdb_names *names)
{
	for (int i = 0; i < names->count; i++)
		zdb_free(names->list[i]);
	zdb_free(names->list);
}

void
zdb_options_clear(zdb_options *options)
{
	zdb_free(options->schema);
	zdb_free(options->type);
	zdb_free(options->base);
	zdb_free(options->compress);
	zdb_free(options->label);
	zdb_free(options->at);
	zdb_free(options->job);
	zdb_free(options->copy_to);
	zdb_free(options->database);
	zdb_free(options->strategy);
	zdb_free(options->policy);
	zdb_free(options->target);
	zdb_free(options->mask);
	zdb_free(options->prebackup_to);
	zdb_free(options->encrypt_to);
	zdb_free(options->passphrase_file);
	zdb_free(options->table);
	clear_names(&options->tables);
	clear_names(&options->exclude);
	*options = (zdb_options){0};
}
