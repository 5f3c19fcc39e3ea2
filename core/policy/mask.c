/*
 * mask - which columns of a test restore lose their values
 */
#include "core/policy/mask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Columns that hold the same values. */
typedef struct mask_link
{
	zdb_mask_column *from, *to;
	bool refers;
	struct mask_link *next;
} mask_link;

static const char *const kind_names[] = {"none", "null",  "hash",  "email",
										 "name", "phone", "value", "sql"};

const char *
zdb_mask_name(zdb_mask_kind kind)
{
	return kind_names[kind];
}

static bool
same_name(const zdb_mask *mask, const char *one, const char *other)
{
	return mask->any_case ? strcasecmp(one, other) == 0
						  : strcmp(one, other) == 0;
}

zdb_mask_table *
zdb_mask_find(const zdb_mask *mask, const char *schema, const char *name)
{
	zdb_mask_table *table = mask->tables;

	while (table &&
		   (!same_name(mask, table->name, name) ||
			(schema && table->schema && strcmp(table->schema, schema) != 0)))
		table = table->next;
	return table;
}

zdb_mask_column *
zdb_mask_column_of(const zdb_mask *mask, const zdb_mask_table *table,
				   const char *name)
{
	zdb_mask_column *column = table ? table->columns : NULL;

	while (column && !same_name(mask, column->name, name))
		column = column->next;
	return column;
}

zdb_mask_table *
zdb_mask_add_table(zdb_mask *mask, const char *schema, const char *name)
{
	zdb_mask_table *table = zdb_arena_alloc(&mask->arena, sizeof *table);

	if (!table)
		return NULL;
	table->schema =
		schema ? zdb_arena_format(&mask->arena, "%s", schema) : NULL;
	table->name = zdb_arena_format(&mask->arena, "%s", name);
	table->rows = -1;
	if (mask->last)
		mask->last->next = table;
	else
		mask->tables = table;
	mask->last = table;
	return table;
}

zdb_mask_column *
zdb_mask_add_column(zdb_mask *mask, zdb_mask_table *table, const char *name)
{
	zdb_mask_column *column = zdb_arena_alloc(&mask->arena, sizeof *column);
	zdb_mask_column **last = &table->columns;

	if (!column)
		return NULL;
	column->name = zdb_arena_format(&mask->arena, "%s", name);
	column->table = table;
	while (*last)
		last = &(*last)->next;
	return *last = column;
}

zdb_rc
zdb_mask_link(zdb_mask *mask, zdb_mask_column *from, zdb_mask_column *to,
			  bool refers, zdb_err *err)
{
	mask_link *link;

	if (!from || !to || from == to)
		return ZDB_OK;
	link = zdb_arena_alloc(&mask->arena, sizeof *link);
	if (!link)
		return zdb_err_nomem(err);
	*link = (mask_link){from, to, refers, mask->links};
	mask->links = link;
	return ZDB_OK;
}

/* Is it these names with dots between, each as it is or in double quotes? */
static bool
spells(zdb_mask *mask, const char *text, const char *const *names, int count)
{
	const char *forms[] = {names[0], NULL};

	if (*text == '"')
		forms[1] = zdb_arena_ident(&mask->arena, names[0]);
	for (int i = 0; i < 2 && forms[i]; i++)
	{
		size_t len = strlen(forms[i]);

		if (mask->any_case ? strncasecmp(text, forms[i], len) != 0
						   : strncmp(text, forms[i], len) != 0)
			continue;
		if (count == 1 ? text[len] == '\0'
					   : text[len] == '.' && spells(mask, text + len + 1,
													names + 1, count - 1))
			return true;
	}
	return false;
}

/* "table.column" or "schema.table.column". */
static bool
is_called(zdb_mask *mask, const zdb_mask_column *column, const char *name)
{
	const zdb_mask_table *table = column->table;
	const char *names[] = {table->schema, table->name, column->name};

	return spells(mask, name, names + 1, 2) ||
		   (table->schema && spells(mask, name, names, 3));
}

static zdb_mask_column *
find_called(zdb_mask *mask, const char *name, zdb_err *err)
{
	zdb_mask_column *found = NULL;
	const char *dot = strrchr(name, '.');

	for (zdb_mask_table *table = mask->tables; table; table = table->next)
		for (zdb_mask_column *column = table->columns; column;
			 column = column->next)
		{
			if (!is_called(mask, column, name))
				continue;
			if (found)
			{
				zdb_err_set(err, ZDB_USAGE,
							"mask: \"%s\" could be a column of several tables",
							name);
				zdb_err_hint(err, "Write schema.table.column.");
				return NULL;
			}
			found = column;
		}
	if (!found)
	{
		zdb_err_set(err, dot ? ZDB_NOT_FOUND : ZDB_USAGE,
					"mask: the backup has no column \"%s\"", name);
		zdb_err_hint(err, "A rule is named like \"users.email\" or "
						  "\"schema.table.column\".");
	}
	return found;
}

/* "users.email", for messages. */
static const char *
name_of(zdb_mask *mask, const zdb_mask_column *column)
{
	return zdb_arena_format(&mask->arena, "%s.%s", column->table->name,
							column->name);
}

static zdb_rc
bad_rule(const char *name, zdb_err *err)
{
	zdb_err_set(err, ZDB_USAGE, "mask: \"%s\" has no such rule", name);
	zdb_err_hint(err, "The rules are: \"null\", \"hash\", \"email\", "
					  "\"name\", \"phone\", {\"value\": ...} and {\"sql\": "
					  "\"...\"}.");
	return err->code;
}

/* 0.1, not 0.10000000000000001 */
static const char *
real_text(zdb_mask *mask, double value)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++)
	{
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return zdb_arena_format(&mask->arena, "%s", text);
}

static zdb_rc
take_object(zdb_mask *mask, zdb_mask_column *column, const json_t *rule,
			const char *name, zdb_err *err)
{
	const json_t *value = json_object_get(rule, "value");
	const json_t *sql = json_object_get(rule, "sql");

	if (json_object_size(rule) != 1)
		return bad_rule(name, err);
	column->kind = sql ? ZDB_MASK_SQL : ZDB_MASK_VALUE;
	if (sql && json_string_length(sql) > 0)
		value = sql;
	else if (sql)
		return bad_rule(name, err);
	if (json_is_string(value) &&
		strlen(json_string_value(value)) == json_string_length(value))
		column->text =
			zdb_arena_format(&mask->arena, "%s", json_string_value(value));
	else if (json_is_integer(value))
		column->text = zdb_arena_format(&mask->arena, "%lld",
										(long long) json_integer_value(value));
	else if (json_is_real(value))
		column->text = real_text(mask, json_real_value(value));
	else if (json_is_boolean(value))
		column->text = json_is_true(value) ? "true" : "false";
	else
		return bad_rule(name, err);
	return ZDB_OK;
}

static zdb_rc
take_rule(zdb_mask *mask, const char *name, const json_t *rule, zdb_err *err)
{
	zdb_mask_column *column = find_called(mask, name, err);
	const char *word = json_is_null(rule) ? "null" : json_string_value(rule);

	if (!column)
		return err->code;
	if (column->kind)
		return zdb_err_set(err, ZDB_USAGE, "mask: \"%s\" has two rules", name);
	if (json_is_object(rule))
		return take_object(mask, column, rule, name, err);
	for (zdb_mask_kind kind = ZDB_MASK_NULL; kind <= ZDB_MASK_PHONE; kind++)
		if (word && strcmp(word, kind_names[kind]) == 0)
			column->kind = kind;
	return column->kind ? ZDB_OK : bad_rule(name, err);
}

/* Does the rule make equal values of equal ones, wherever they are? */
static bool
is_stable(zdb_mask_kind kind)
{
	return kind == ZDB_MASK_HASH || kind == ZDB_MASK_EMAIL ||
		   kind == ZDB_MASK_NAME || kind == ZDB_MASK_PHONE;
}

static bool
has_same_rule(const zdb_mask_column *one, const zdb_mask_column *other)
{
	return one->kind == other->kind &&
		   (!one->text || strcmp(one->text, other->text) == 0);
}

/* 0: there is no limit. */
static int
shorter(int one, int other)
{
	return one && (!other || one < other) ? one : other;
}

/* Give on what one column has and the other lacks; what they make of a value
 * must be the same. True: something was. */
static bool
give_on(const mask_link *link)
{
	zdb_mask_column *with = link->from->kind ? link->from : link->to;
	zdb_mask_column *without = with == link->from ? link->to : link->from;
	bool rule = with->kind && !without->kind &&
				(!link->refers || is_stable(with->kind));
	int length = shorter(with->length_max, without->length_max);
	bool form = with->keyed != without->keyed ||
				with->length_max != without->length_max ||
				with->nocase != without->nocase ||
				with->rtrim != without->rtrim;

	if (rule)
	{
		without->kind = with->kind;
		without->text = with->text;
	}
	with->keyed = without->keyed = with->keyed || without->keyed;
	with->length_max = without->length_max = length;
	with->nocase = without->nocase = with->nocase || without->nocase;
	with->rtrim = without->rtrim = with->rtrim || without->rtrim;
	return rule || form;
}

static bool
is_referred(const zdb_mask *mask, const zdb_mask_column *column)
{
	const mask_link *link = mask->links;

	while (link && (!link->refers || link->to != column))
		link = link->next;
	return link != NULL;
}

/* What is equal is up to the column that is referred to: one that only refers
 * to others has no say. */
static void
settle_equality(zdb_mask *mask)
{
	for (mask_link *link = mask->links; link; link = link->next)
		if (link->refers && !is_referred(mask, link->from))
			link->from->nocase = link->from->rtrim = false;
}

static void
spread(zdb_mask *mask)
{
	bool again = true;

	settle_equality(mask);
	while (again)
	{
		again = false;
		for (mask_link *link = mask->links; link; link = link->next)
			again = give_on(link) || again;
	}
}

static zdb_rc
check_link(zdb_mask *mask, const mask_link *link, zdb_err *err)
{
	zdb_mask_column *from = link->from, *to = link->to;

	if (has_same_rule(from, to) &&
		(!link->refers || is_stable(to->kind) || to->kind == ZDB_MASK_NONE))
		return ZDB_OK;
	if (link->refers &&
		(from->kind == ZDB_MASK_NULL || from->kind == ZDB_MASK_SQL))
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE, "mask: \"%s\" %s \"%s\", and %s",
				name_of(mask, from), link->refers ? "refers to" : "is part of",
				name_of(mask, to),
				from->kind == ZDB_MASK_VALUE ? "a value would lead nowhere"
											 : "their rules are different");
	zdb_err_hint(err, "Give both the same of hash, email, name and phone; or "
					  "the first one null, or an expression.");
	return err->code;
}

static zdb_rc
refuse(zdb_mask *mask, const zdb_mask_column *column, const char *why,
	   const char *hint, zdb_err *err)
{
	zdb_err_set(err, ZDB_USAGE, "mask: \"%s\" %s, which %s does not go with",
				name_of(mask, column), why, zdb_mask_name(column->kind));
	zdb_err_hint(err, "%s", hint);
	return err->code;
}

static int
length_min(const zdb_mask_column *column)
{
	switch (column->kind)
	{
		case ZDB_MASK_EMAIL:
			return 29; /* u, 12 digits, @example.invalid */
		case ZDB_MASK_HASH:
		case ZDB_MASK_PHONE:
			return column->type == ZDB_MASK_TEXT ? 12 : 0;
		case ZDB_MASK_NAME:
			return column->keyed ? 12 : 0;
		case ZDB_MASK_NONE:
		case ZDB_MASK_NULL:
		case ZDB_MASK_VALUE:
		case ZDB_MASK_SQL:
			break;
	}
	return 0;
}

static zdb_rc
check_column(zdb_mask *mask, const zdb_mask_column *column, zdb_err *err)
{
	bool text = column->type == ZDB_MASK_TEXT || column->type == ZDB_MASK_ANY;

	if (!column->kind)
		return ZDB_OK;
	if (column->generated)
		return refuse(mask, column, "is generated",
					  "Mask the columns that it is made from.", err);
	if (column->kind == ZDB_MASK_NULL && column->not_null)
		return refuse(mask, column, "is NOT NULL",
					  "Use another rule, such as hash or a value.", err);
	if (column->kind == ZDB_MASK_VALUE && column->unique)
		return refuse(mask, column, "is unique",
					  "Use a rule that keeps values apart, such as hash.",
					  err);
	if (is_stable(column->kind) && !text &&
		(column->kind != ZDB_MASK_HASH || column->type == ZDB_MASK_OTHER))
		return refuse(mask, column, "is of another type",
					  "hash takes text, integers and uuid; email, name and "
					  "phone take text; null, value and sql take any type.",
					  err);
	if (column->length_max && column->length_max < length_min(column))
		return refuse(mask, column, "is too short",
					  "Use null, a value, or an expression.", err);
	return ZDB_OK;
}

static zdb_rc
check(zdb_mask *mask, zdb_err *err)
{
	for (zdb_mask_table *table = mask->tables; table; table = table->next)
		for (zdb_mask_column *column = table->columns; column;
			 column = column->next)
		{
			if (check_column(mask, column, err))
				return err->code;
			table->masked = table->masked || column->kind;
		}
	for (const mask_link *link = mask->links; link; link = link->next)
		if (check_link(mask, link, err))
			return err->code;
	return zdb_arena_failed(&mask->arena) ? zdb_err_nomem(err) : ZDB_OK;
}

zdb_rc
zdb_mask_take(zdb_mask *mask, const char *rules, zdb_err *err)
{
	json_t *object = json_loads(rules, JSON_REJECT_DUPLICATES, NULL);
	const char *name;
	json_t *rule;

	if (!json_is_object(object) || json_object_size(object) == 0)
	{
		zdb_err_set(err, ZDB_USAGE,
					"option \"mask\" must be an object of rules");
		zdb_err_hint(err, "Write it like {\"users.email\": \"email\"}.");
	}
	json_object_foreach (object, name, rule)
		if (take_rule(mask, name, rule, err))
			break;
	json_decref(object);
	if (err->code)
		return err->code;
	spread(mask);
	return check(mask, err);
}
