/*
 * diff - the options of a comparison, as the policy that finds its rows
 */
#include "core/policy/diff.h"

#include <stdlib.h>
#include <string.h>

#include "core/policy/merge_plan.h"

/* "schema" is SQLite's */
static const char *const option_keys[] = {
	"schema", "tables", "exclude", "references", "at", "summary", NULL};
static const char *const table_keys[] = {"key", "ignore", NULL};

static zdb_rc
bad_option(const char *key, const char *wanted, zdb_err *err)
{
	return zdb_err_set(err, ZDB_USAGE, "option \"%s\" must be %s", key,
					   wanted);
}

static zdb_rc
parse(const char *text, json_t **out, zdb_err *err)
{
	json_error_t where;

	*out = text && *text
			   ? json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
							&where)
			   : json_pack("{}");
	if (!*out && text)
		return zdb_err_set(err, ZDB_USAGE, "the options are not JSON: %s",
						   where.text);
	if (!*out)
		return zdb_err_nomem(err);
	return json_is_object(*out) ? ZDB_OK
								: zdb_err_set(err, ZDB_USAGE,
											  "the options must be a JSON "
											  "object");
}

static zdb_rc
take_text(json_t *options, const char *key, json_t *policy, zdb_err *err)
{
	json_t *value = json_object_get(options, key);

	if (value && !json_is_string(value))
		return bad_option(key, "a text", err);
	if (value && json_object_set(policy, key, value) != 0)
		return zdb_err_nomem(err);
	return ZDB_OK;
}

/* Each name of the list takes part, or does not. */
static zdb_rc
take_names(json_t *names, bool part, json_t *tables, zdb_err *err)
{
	json_t *name;
	size_t i;

	json_array_foreach (names, i, name)
		if (json_object_set_new(tables, json_string_value(name),
								json_boolean(part)) != 0)
			return zdb_err_nomem(err);
	return ZDB_OK;
}

static zdb_rc
check_table(const char *name, json_t *rule, zdb_err *err)
{
	char where[200];

	if (json_is_boolean(rule))
		return ZDB_OK;
	snprintf(where, sizeof where, "what is said of table \"%s\"", name);
	if (!json_is_object(rule))
		return zdb_err_set(err, ZDB_USAGE,
						   "%s must be an object, or true or false", where);
	return zdb_merge_check_keys(rule, table_keys, where, err);
}

/* A list: only these; an object: by name, as a policy has them. */
static zdb_rc
take_tables(json_t *options, json_t *tables, zdb_err *err)
{
	json_t *given = json_object_get(options, "tables"), *rule;
	const char *name;

	if (json_is_object(given))
	{
		json_object_foreach (given, name, rule)
			if (check_table(name, rule, err))
				return err->code;
		return json_object_update(tables, given) == 0 ? ZDB_OK
													  : zdb_err_nomem(err);
	}
	if (given && !zdb_merge_is_names(given))
		return bad_option("tables", "a list of names, or an object of tables",
						  err);
	if (given && json_object_set_new(tables, ZDB_MERGE_OTHERS, json_false()))
		return zdb_err_nomem(err);
	return take_names(given, true, tables, err);
}

static zdb_rc
take_excluded(json_t *options, json_t *tables, zdb_err *err)
{
	json_t *given = json_object_get(options, "exclude");

	if (given && !zdb_merge_is_names(given))
		return bad_option("exclude", "a list of names", err);
	return take_names(given, false, tables, err);
}

static zdb_rc
make_policy(zdb_dialect dialect, json_t *options, json_t *policy, zdb_err *err)
{
	json_t *tables = json_pack("{}"),
		   *references = json_object_get(options, "references"),
		   *summary = json_object_get(options, "summary");

	if (!tables || json_object_set_new(policy, "tables", tables) != 0)
		return zdb_err_nomem(err);
	if (zdb_merge_check_keys(options,
							 option_keys + (dialect == ZDB_DIALECT_POSTGRES),
							 "the options", err) ||
		take_text(options, "schema", policy, err) ||
		take_text(options, "at", policy, err) ||
		take_tables(options, tables, err) ||
		take_excluded(options, tables, err))
		return err->code;
	if (summary && !json_is_boolean(summary))
		return bad_option("summary", "true or false", err);
	if (references && json_object_set(policy, "references", references) != 0)
		return zdb_err_nomem(err);
	return ZDB_OK;
}

zdb_rc
zdb_diff_new(zdb_dialect dialect, const char *options, zdb_merge **out,
			 zdb_err *err)
{
	json_t *given = NULL, *policy = json_pack("{}");
	char *text = NULL;

	*out = NULL;
	if (!policy)
		zdb_err_nomem(err);
	if (!err->code && parse(options, &given, err) == ZDB_OK &&
		make_policy(dialect, given, policy, err) == ZDB_OK)
	{
		text = json_dumps(policy, JSON_COMPACT);
		if (!text)
			zdb_err_nomem(err);
		else if (zdb_merge_new(dialect, text, out, err) == ZDB_OK)
		{
			(*out)->compares = true;
			(*out)->summary = json_is_true(json_object_get(given, "summary"));
		}
	}
	free(text);
	json_decref(given);
	json_decref(policy);
	return err->code;
}
