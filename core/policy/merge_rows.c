/*
 * merge_rows - the only rows of a table that are wanted, by their keys
 *
 * They are given as merge_key_json() shows them, so that what zdb_diff() says
 * can be handed to a merge.
 */
#include <stdlib.h>
#include <string.h>

#include "core/policy/merge_sql.h"

/* The rows' values of the key's columns: [[value, ...], ...]; NULL without
 * memory, or when a row has others. */
static json_t *
values_of(zdb_merge *merge, const merge_table *table)
{
	json_t *all = json_array(), *row, *value;
	const char *name;
	size_t i;

	json_array_foreach (table->rule.rows, i, row)
	{
		json_t *values = json_array();
		int known = 0;

		for (int c = 0; c < table->column_count; c++)
			json_object_foreach (row, name, value)
				if (merge_is_shown(table, c) &&
					zdb_merge_same(merge, name, table->columns[c].name))
				{
					json_array_append(values, value);
					known++;
				}
		json_array_append_new(all, values);
		if (known == 0 || known != (int) json_object_size(row) ||
			known != merge_shown_count(table))
		{
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

/* Are they those of this table alone? A name without its schema may be that
 * of several, and one's keys are not another's. */
static bool
is_only_one(const zdb_merge *merge, const merge_table *table)
{
	for (int i = 0; i < merge->table_count; i++)
		if (&merge->tables[i] != table && merge->tables[i].takes_part &&
			merge->tables[i].rule.rows == table->rule.rows)
			return false;
	return true;
}

void
zdb_merge_check_rows(zdb_merge *merge, const merge_table *table)
{
	const char *names = NULL;
	json_t *values;

	if (!table->rule.rows)
		return;
	if (!is_only_one(merge, table))
	{
		zdb_merge_problem(merge,
						  "\"rows\" of \"%s\" could be those of several "
						  "tables: write \"%s.%s\"",
						  table->rule.given, table->schema, table->name);
		return;
	}
	values = table->match ? values_of(merge, table) : NULL;
	json_decref(values);
	if (values)
		return;
	for (int c = 0; table->match && c < table->column_count; c++)
		if (merge_is_shown(table, c))
			names = merge_join(merge, names, ", ",
							   SQL("\"%s\"", table->columns[c].name));
	if (names)
		zdb_merge_problem(merge,
						  "table \"%s\": \"rows\" must give each key as %s",
						  table->name, names);
	else
		zdb_merge_problem(merge, "table \"%s\" has no key for \"rows\"",
						  table->name);
}

static const char *
dump(zdb_merge *merge, json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
	const char *literal;

	if (text)
		zdb_merge_unmark_numbers(text);
	literal = text ? zdb_arena_literal(&merge->arena, text) : "''";
	merge->arena.failed = merge->arena.failed || !text;
	free(text);
	return literal;
}

/* A row value of SQLite in a list that is read once. */
static const char *
is_listed(zdb_merge *merge, const merge_table *table, const char *alias)
{
	json_t *values = values_of(merge, table);
	const char *mine = NULL, *theirs = NULL, *sql;
	int place = 0;

	for (int c = 0; c < table->column_count; c++)
	{
		if (!merge_is_shown(table, c))
			continue;
		mine = merge_join(merge, mine, ", ",
						  merge_json_value(merge, &table->columns[c], alias));
		theirs = merge_join(merge, theirs, ", ",
							SQL("json_extract(value, '$[%d]')", place++));
	}
	sql = SQL("(%s) IN (SELECT %s FROM json_each(%s))", mine, theirs,
			  dump(merge, values));
	json_decref(values);
	return sql;
}

const char *
merge_mark_wanted(zdb_merge *merge, const merge_table *table, const char *rows)
{
	bool sqlite = merge->dialect == ZDB_DIALECT_SQLITE;
	const char *wanted;

	if (!table->rule.rows || !table->match)
		return rows;
	if (sqlite)
		wanted = is_listed(merge, table, "y");
	else
		wanted = SQL("(%s)::pg_catalog.jsonb IN (SELECT e FROM "
					 "pg_catalog.jsonb_array_elements(%s) AS a(e))",
					 merge_key_json(merge, table, "y"),
					 dump(merge, table->rule.rows));
	/* LIMIT -1 has SQLite look each row up once, not wherever it is asked */
	return SQL("SELECT y.*, CASE WHEN %s THEN 1 ELSE 0 END AS \"zdb:w\" FROM "
			   "(%s) AS y%s",
			   wanted, rows, sqlite ? " LIMIT -1" : "");
}

const char *
merge_if_wanted(zdb_merge *merge, const merge_table *table, const char *alias,
				const char *value, merge_outcome other)
{
	if (!table->rule.rows || !table->match)
		return value;
	return SQL("CASE WHEN %s.\"zdb:w\" = 1 THEN %s ELSE %d END", alias, value,
			   other);
}
