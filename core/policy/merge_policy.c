/*
 * merge_policy - the user's policy, checked
 */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/policy/merge_plan.h"

static const char *const match_names[] = {"keep", "overwrite", "newest",
										  "fill", "fail",      NULL};
static const char *const orphan_names[] = {"skip", "null", "fail", NULL};
static const char *const no_key_names[] = {"fail", "skip", "whole_row",
										   "append", NULL};

/* "schema" is SQLite's */
static const char *const policy_keys[] = {
	"schema", "on_match",   "on_orphan", "no_key",  "newest_by",
	"tables", "references", "triggers",  "dry_run", "create_missing",
	"at",     "job",        NULL};
static const char *const table_keys[] = {"key",       "ignore",    "rows",
										 "on_match",  "on_orphan", "no_key",
										 "newest_by", NULL};
static const char *const reference_keys[] = {"from", "to", NULL};

static bool
is_in(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* "one, two, three" into a buffer for hints. */
static void
join(const char *const *list, char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	for (int i = 0; list[i] && used < size; i++)
		used += (size_t) snprintf(out + used, size - used, "%s%s",
								  i ? ", " : "", list[i]);
}

zdb_rc
zdb_merge_check_keys(json_t *object, const char *const *known,
					 const char *where, zdb_err *err)
{
	const char *key;
	json_t *value;
	char valid[200];

	json_object_foreach (object, key, value)
	{
		if (is_in(key, known))
			continue;
		join(known, valid, sizeof valid);
		zdb_err_set(err, ZDB_USAGE, "unknown key \"%s\" in %s", key, where);
		zdb_err_hint(err, "Valid are: %s.", valid);
		return err->code;
	}
	return ZDB_OK;
}

/* The place of object[key] in names; keeps *value when the key is absent. */
static zdb_rc
take_choice(json_t *object, const char *key, const char *const *names,
			int *value, zdb_err *err)
{
	json_t *item = json_object_get(object, key);
	char valid[200];

	if (!item)
		return ZDB_OK;
	for (int i = 0; json_is_string(item) && names[i]; i++)
		if (strcmp(names[i], json_string_value(item)) == 0)
		{
			*value = i;
			return ZDB_OK;
		}
	join(names, valid, sizeof valid);
	zdb_err_set(err, ZDB_USAGE,
				"policy key \"%s\" has a value that is not "
				"known",
				key);
	zdb_err_hint(err, "Valid are: %s.", valid);
	return err->code;
}

static zdb_rc
take_bool(json_t *object, const char *key, bool *value, zdb_err *err)
{
	json_t *item = json_object_get(object, key);

	if (!item)
		return ZDB_OK;
	if (!json_is_boolean(item))
		return zdb_err_set(err, ZDB_USAGE,
						   "policy key \"%s\" must be true or false", key);
	*value = json_is_true(item);
	return ZDB_OK;
}

bool
zdb_merge_is_names(json_t *list)
{
	size_t i;
	json_t *name;

	if (!json_is_array(list) || json_array_size(list) == 0)
		return false;
	json_array_foreach (list, i, name)
		if (!json_is_string(name))
			return false;
	return true;
}

static zdb_rc
take_rule(json_t *object, merge_rule *rule, zdb_err *err)
{
	int match = (int) rule->on_match, orphan = (int) rule->on_orphan,
		no_key = (int) rule->no_key;
	json_t *newest = json_object_get(object, "newest_by");
	json_t *key = json_object_get(object, "key");

	if (take_choice(object, "on_match", match_names, &match, err) ||
		take_choice(object, "on_orphan", orphan_names, &orphan, err) ||
		take_choice(object, "no_key", no_key_names, &no_key, err))
		return err->code;
	if (newest && !json_is_string(newest))
		return zdb_err_set(err, ZDB_USAGE,
						   "policy key \"newest_by\" must be a column's name");
	if (key && !zdb_merge_is_names(key))
		return zdb_err_set(err, ZDB_USAGE,
						   "policy key \"key\" must be a list of columns");
	rule->on_match = (merge_match) match;
	rule->on_orphan = (merge_orphan) orphan;
	rule->no_key = (merge_no_key) no_key;
	if (newest)
		rule->newest_by = json_string_value(newest);
	if (key)
		rule->key = key;
	return ZDB_OK;
}

static bool
is_objects(json_t *list)
{
	size_t i;
	json_t *item;

	if (!json_is_array(list))
		return false;
	json_array_foreach (list, i, item)
		if (!json_is_object(item))
			return false;
	return true;
}

/* What can be said of one table only. */
static zdb_rc
take_rows(json_t *object, merge_rule *rule, zdb_err *err)
{
	rule->ignore = json_object_get(object, "ignore");
	rule->rows = json_object_get(object, "rows");
	if (rule->ignore && !zdb_merge_is_names(rule->ignore))
		return zdb_err_set(err, ZDB_USAGE,
						   "policy key \"ignore\" must be a list of columns");
	if (rule->rows && !is_objects(rule->rows))
		return zdb_err_set(err, ZDB_USAGE,
						   "policy key \"rows\" must be a list of keys: "
						   "[{\"column\": value}]");
	return ZDB_OK;
}

/* false, an on_match, or an object. */
static zdb_rc
take_table(const char *name, json_t *value, merge_rule *rule, zdb_err *err)
{
	json_t *object;
	char where[200];

	if (json_is_boolean(value))
	{
		rule->out = json_is_false(value);
		return ZDB_OK;
	}
	if (json_is_string(value))
	{
		object = json_pack("{s:O}", "on_match", value);
		if (!object)
			return zdb_err_nomem(err);
		take_rule(object, rule, err);
		json_decref(object);
		return err->code;
	}
	if (!json_is_object(value))
		return zdb_err_set(err, ZDB_USAGE,
						   "the policy of table \"%s\" must be an object, an "
						   "on_match, or false",
						   name);
	snprintf(where, sizeof where, "the policy of table \"%s\"", name);
	if (zdb_merge_check_keys(value, table_keys, where, err))
		return err->code;
	if (take_rows(value, rule, err))
		return err->code;
	return take_rule(value, rule, err);
}

static zdb_rc
check_tables(zdb_merge *merge, zdb_err *err)
{
	json_t *tables = json_object_get(merge->policy, "tables"), *value;
	const char *name;

	if (tables && !json_is_object(tables))
		return zdb_err_set(
			err, ZDB_USAGE,
			"policy key \"tables\" must be an object of tables");
	json_object_foreach (tables, name, value)
	{
		merge_rule rule = merge->rule;

		if (take_table(name, value, &rule, err))
			return err->code;
	}
	return ZDB_OK;
}

static zdb_rc
check_references(zdb_merge *merge, zdb_err *err)
{
	json_t *list = json_object_get(merge->policy, "references"), *one;
	size_t i;

	if (list && !json_is_array(list))
		return zdb_err_set(err, ZDB_USAGE,
						   "policy key \"references\" must be a list");
	json_array_foreach (list, i, one)
	{
		if (!json_is_string(json_object_get(one, "from")) ||
			!json_is_string(json_object_get(one, "to")))
			return zdb_err_set(err, ZDB_USAGE,
							   "a reference is {\"from\": \"table.column\", "
							   "\"to\": \"table.column\"}");
		if (zdb_merge_check_keys(one, reference_keys, "a reference", err))
			return err->code;
	}
	return ZDB_OK;
}

static json_t *
parse_json(const char *text, zdb_err *err)
{
	zdb_buf marked = {0};
	json_error_t where;
	json_t *value = NULL;

	if (zdb_merge_mark_numbers(text, &marked, err) == ZDB_OK)
	{
		value = json_loads((char *) marked.data,
						   JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &where);
		if (!value)
			zdb_err_set(err, ZDB_USAGE, "the policy is not JSON: %s",
						where.text);
	}
	zdb_buf_clear(&marked);
	return value;
}

static zdb_rc
parse(zdb_merge *merge, const char *text, zdb_err *err)
{
	json_t *value = NULL;

	if (!text || !*text)
		merge->policy = json_pack("{}");
	else if (is_in(text, match_names))
		merge->policy = json_pack("{s:s}", "on_match", text);
	else
	{
		value = parse_json(text, err);
		if (!value)
			return err->code;
		if (json_is_string(value))
			merge->policy = json_pack("{s:o}", "on_match", value);
		else
			merge->policy = value;
	}
	if (!merge->policy)
		return zdb_err_nomem(err);
	if (json_is_object(merge->policy))
		return ZDB_OK;
	return zdb_err_set(err, ZDB_USAGE,
					   "the policy must be a JSON object or a string");
}

/* Keeps *value when the key is absent. */
static zdb_rc
take_text(json_t *object, const char *key, const char **value, zdb_err *err)
{
	json_t *item = json_object_get(object, key);

	if (item && !json_is_string(item))
		return zdb_err_set(err, ZDB_USAGE, "policy key \"%s\" must be a text",
						   key);
	if (item)
		*value = json_string_value(item);
	return ZDB_OK;
}

zdb_rc
zdb_merge_new(zdb_dialect dialect, const char *policy, zdb_merge **out,
			  zdb_err *err)
{
	zdb_merge *merge = zdb_calloc(1, sizeof *merge);

	*out = merge;
	if (!merge)
		return zdb_err_nomem(err);
	merge->dialect = dialect;
	merge->schema = "main";
	merge->origins = json_pack("{}"); /* json_object() is PostgreSQL's */
	merge->missing = json_array();
	merge->conflicts = json_array();
	merge->near = json_array();
	merge->left_out = json_pack("{}");
	if (!merge->origins || !merge->left_out || !merge->missing ||
		!merge->conflicts || !merge->near)
		return zdb_err_nomem(err);
	if (parse(merge, policy, err) ||
		zdb_merge_check_keys(merge->policy,
							 policy_keys + (dialect == ZDB_DIALECT_POSTGRES),
							 "the policy", err) ||
		take_text(merge->policy, "schema", &merge->schema, err) ||
		take_text(merge->policy, "at", &merge->at, err) ||
		take_text(merge->policy, "job", &merge->job, err) ||
		take_rule(merge->policy, &merge->rule, err) ||
		take_bool(merge->policy, "dry_run", &merge->dry_run, err) ||
		take_bool(merge->policy, "triggers", &merge->triggers, err) ||
		take_bool(merge->policy, "create_missing", &merge->create_missing,
				  err) ||
		check_tables(merge, err))
		return err->code;
	return check_references(merge, err);
}

void
zdb_merge_free(zdb_merge *merge)
{
	if (!merge)
		return;
	json_decref(merge->policy);
	json_decref(merge->live);
	json_decref(merge->backup);
	json_decref(merge->origins);
	json_decref(merge->missing);
	json_decref(merge->conflicts);
	json_decref(merge->near);
	json_decref(merge->left_out);
	zdb_free(merge->problems);
	zdb_arena_clear(&merge->arena);
	zdb_free(merge->steps);
	zdb_free(merge);
}

const char *
zdb_merge_schema(const zdb_merge *merge)
{
	return merge->schema;
}

const char *
zdb_merge_at(const zdb_merge *merge)
{
	return merge->at;
}

const char *
zdb_merge_job(const zdb_merge *merge)
{
	return merge->job;
}

void
zdb_merge_ask_dry_run(zdb_merge *merge)
{
	merge->dry_run = true;
}

void
zdb_merge_ask_create_missing(zdb_merge *merge)
{
	merge->create_missing = true;
}

bool
zdb_merge_dry_run(const zdb_merge *merge)
{
	return merge->dry_run;
}

bool
zdb_merge_triggers(const zdb_merge *merge)
{
	return merge->triggers;
}

bool
zdb_merge_create_missing(const zdb_merge *merge)
{
	return merge->create_missing;
}

zdb_rc
zdb_merge_origin(zdb_merge *merge, const char *name, const char *schema,
				 zdb_err *err)
{
	return json_object_set_new(merge->origins, name, json_string(schema)) == 0
			   ? ZDB_OK
			   : zdb_err_nomem(err);
}

static bool
names_in(const zdb_merge *merge, const char *given, const char *schema,
		 const char *name)
{
	size_t len = strlen(schema);

	return strncmp(given, schema, len) == 0 && given[len] == '.' &&
		   zdb_merge_same(merge, given + len + 1, name);
}

/* The policy's name for a table: with its schema, here or in the backup,
 * before the name alone, before all others; or NULL. */
static const char *
find_rule(const zdb_merge *merge, json_t *tables, const char *schema,
		  const char *name)
{
	const char *origin =
		json_string_value(json_object_get(merge->origins, name));
	const char *given, *found = NULL;
	json_t *value;

	json_object_foreach (tables, given, value)
		if (names_in(merge, given, schema, name) ||
			(origin && names_in(merge, given, origin, name)))
			return given;
		else if (!found && zdb_merge_same(merge, given, name))
			found = given;
	if (!found && json_object_get(tables, ZDB_MERGE_OTHERS))
		found = ZDB_MERGE_OTHERS;
	return found;
}

zdb_rc
zdb_merge_rule_for(zdb_merge *merge, const char *schema, const char *name,
				   merge_rule *rule, zdb_err *err)
{
	json_t *tables = json_object_get(merge->policy, "tables");
	const char *given = find_rule(merge, tables, schema, name);

	*rule = merge->rule;
	rule->key = NULL;
	if (!given)
		return ZDB_OK;
	rule->given = given;
	return take_table(given, json_object_get(tables, given), rule, err);
}

bool
zdb_merge_wants(zdb_merge *merge, const char *schema, const char *name)
{
	zdb_err err = {0};
	merge_rule rule;

	if (zdb_merge_rule_for(merge, schema, name, &rule, &err))
		return false;
	if (rule.out)
		json_object_set_new(merge->left_out, rule.given, json_true());
	return !rule.out;
}
