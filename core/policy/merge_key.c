/*
 * merge_key - by what rows are matched, and what names a live row
 */
#include <string.h>

#include "core/policy/merge_plan.h"

/* Is the index on exactly these columns, in any order? Expressions count for
 * the column they look at. */
static bool
is_on(const merge_index *index, const int *columns, int count)
{
	if (index->count != count || !index->usable)
		return false;
	for (int c = 0; c < count; c++)
	{
		bool found = false;

		for (int i = 0; i < index->count; i++)
			found = found || index->elements[i].of == columns[c];
		if (!found)
			return false;
	}
	return true;
}

/* Plain before expressions, whole before partial. */
static int
rank(const merge_index *index)
{
	int rank = index->where ? 2 : 0;

	for (int i = 0; i < index->count; i++)
		if (index->elements[i].column < 0)
			rank |= 1;
	return rank;
}

static const merge_index *
index_on(const merge_table *table, const int *columns, int count)
{
	const merge_index *best = NULL;

	for (int i = 0; i < table->index_count; i++)
	{
		const merge_index *index = &table->indexes[i];

		if (is_on(index, columns, count) &&
			(!best || rank(index) < rank(best)))
			best = index;
	}
	return best;
}

/* A key without an index of its own. */
static const merge_index *
make_key(zdb_merge *merge, merge_table *table, const int *columns, int count)
{
	merge_index *key = &table->own_key;

	key->elements =
		zdb_arena_alloc(&merge->arena, (size_t) count * sizeof *key->elements);
	if (!key->elements)
		return NULL;
	key->count = count;
	key->usable = true;
	for (int i = 0; i < count; i++)
		key->elements[i] =
			(merge_element){.sql = table->columns[columns[i]].sql,
							.equal = table->columns[columns[i]].equal,
							.column = columns[i],
							.of = columns[i]};
	return key;
}

static void
take_policy_key(zdb_merge *merge, merge_table *table)
{
	int count = (int) json_array_size(table->rule.key);
	int *columns =
		zdb_arena_alloc(&merge->arena, (size_t) count * sizeof *columns);

	table->key_from = "policy";
	for (int i = 0; columns && i < count; i++)
	{
		const char *name =
			json_string_value(json_array_get(table->rule.key, (size_t) i));

		columns[i] = zdb_merge_column_of(merge, table, name);
		if (columns[i] >= 0 && table->columns[columns[i]].common)
			continue;
		zdb_merge_problem(
			merge, "table \"%s\": the key's column \"%s\" is not in %s",
			table->name, name, columns[i] < 0 ? "the database" : "the backup");
		return;
	}
	if (!columns)
		return;
	table->match = index_on(table, columns, count);
	if (!table->match)
		table->match = make_key(merge, table, columns, count);
}

static bool
take_natural_key(zdb_merge *merge, merge_table *table, const char *name)
{
	int column = zdb_merge_column_of(merge, table, name);

	if (column < 0)
		return false;
	table->match = index_on(table, &column, 1);
	table->key_from = name;
	return table->match != NULL;
}

static bool
take_primary_key(merge_table *table)
{
	for (int i = 0; i < table->index_count; i++)
		if (table->indexes[i].primary && table->indexes[i].usable)
			table->match = &table->indexes[i];
	table->key_from = "primary key";
	return table->match != NULL;
}

static void
go_without_key(zdb_merge *merge, merge_table *table)
{
	table->key_from = NULL;
	if (table->fresh)
		table->rule.no_key = NO_KEY_APPEND;
	if (table->rule.no_key == NO_KEY_SKIP)
		table->takes_part = false;
	if (table->rule.no_key == NO_KEY_FAIL)
		zdb_merge_problem(merge,
						  "table \"%s\" has no key to match rows by: name one "
						  "in the policy, or set \"no_key\"",
						  table->name);
}

static void
take_identity(zdb_merge *merge, merge_table *table)
{
	for (int i = 0; i < table->index_count; i++)
	{
		const merge_index *index = &table->indexes[i];

		if (!index->primary)
			continue;
		table->identity = zdb_arena_alloc(
			&merge->arena, (size_t) index->count * sizeof *table->identity);
		if (!table->identity)
			return;
		table->identity_count = index->count;
		for (int k = 0; k < index->count; k++)
		{
			table->identity[k] = index->elements[k].column;
			table->columns[index->elements[k].column].identity = true;
		}
	}
}

static bool
is_key_column(const merge_table *table, int column)
{
	for (int i = 0; table->match && i < table->match->count; i++)
		if (table->match->elements[i].of == column)
			return true;
	return false;
}

/* The same columns, compared byte by byte? Then a row's identity is its own
 * key. */
static bool
key_is_identity(const merge_table *table)
{
	const merge_index *match = table->match;

	if (!match || match->where || match->count != table->identity_count)
		return false;
	for (int i = 0; i < match->count; i++)
		if (!match->elements[i].plain || match->elements[i].column < 0 ||
			!table->columns[match->elements[i].column].identity)
			return false;
	return true;
}

static bool
refers(const merge_table *table, int column)
{
	for (int e = 0; e < table->edge_count; e++)
		for (int i = 0; i < table->edges[e].count; i++)
			if (table->edges[e].columns[i] == column)
				return true;
	return false;
}

void
zdb_merge_choose_ids(merge_table *table)
{
	int column;

	if (table->identity_count != 1)
		return;
	column = table->identity[0];
	if (table->columns[column].integer && !is_key_column(table, column) &&
		!refers(table, column) && !table->columns[column].generated)
		table->surrogate = column;
}

static void
find_newest(zdb_merge *merge, merge_table *table)
{
	static const char *const usual[] = {"updated_at", "updatedAt"};
	const char *name = table->rule.newest_by;

	if (table->rule.on_match != MATCH_NEWEST)
		return;
	if (name)
		table->newest_by = zdb_merge_column_of(merge, table, name);
	for (int i = 0; !name && i < 2 && table->newest_by < 0; i++)
		table->newest_by = zdb_merge_column_of(merge, table, usual[i]);
	if (table->newest_by >= 0 && table->columns[table->newest_by].common)
		return;
	zdb_merge_problem(merge,
					  "table \"%s\": on_match \"newest\" needs a column in "
					  "both: name it in \"newest_by\"",
					  table->name);
	table->newest_by = -1;
}

void
zdb_merge_choose_key(zdb_merge *merge, merge_table *table)
{
	take_identity(merge, table);
	if (table->rule.key)
		take_policy_key(merge, table);
	else if (table->fresh ? !take_primary_key(table)
						  : !take_natural_key(merge, table, "email") &&
								!take_natural_key(merge, table, "uid") &&
								!take_primary_key(table))
		go_without_key(merge, table);
	if (!table->takes_part)
		return;
	table->same_id = key_is_identity(table);
	find_newest(merge, table);
}
