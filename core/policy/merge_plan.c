/*
 * merge_plan - the decisions, and everything that can be known to fail
 */
#include "core/policy/merge_plan.h"

#include <string.h>

/* A parent's values are looked up in its stage table. */
static void
link_edge(zdb_merge *merge, merge_table *table, merge_edge *edge)
{
	merge_table *parent = &merge->tables[edge->parent];

	edge->staged = parent->takes_part;
	for (int i = 0; edge->staged && i < edge->count; i++)
	{
		merge_column *column = &table->columns[edge->columns[i]];

		if (!parent->columns[edge->parent_columns[i]].common)
		{
			edge->staged = false;
			if (merge->compares)
				continue;
			zdb_merge_problem(merge,
							  "table \"%s\" refers to \"%s\" by column "
							  "\"%s\", which the backup does not have",
							  table->name, parent->name,
							  parent->columns[edge->parent_columns[i]].name);
		}
		else
			column->remapped = true;
	}
}

/* A reference to columns that the backup lacks says nothing. */
static bool
is_common(const merge_table *table, const merge_edge *edge)
{
	for (int i = 0; i < edge->count; i++)
		if (!table->columns[edge->columns[i]].common)
			return false;
	return true;
}

static void
link_edges(zdb_merge *merge, merge_table *table)
{
	int kept = 0;

	for (int e = 0; e < table->edge_count; e++)
		if (is_common(table, &table->edges[e]))
			table->edges[kept++] = table->edges[e];
	table->edge_count = kept;
	for (int e = 0; e < table->edge_count; e++)
		link_edge(merge, table, &table->edges[e]);
}

/* What children will ask a parent's stage table for. */
static void
note_wanted(zdb_merge *merge, const merge_table *table)
{
	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];
		merge_table *parent = &merge->tables[edge->parent];

		for (int i = 0; edge->staged && i < edge->count; i++)
		{
			merge_column *column = &parent->columns[edge->parent_columns[i]];

			column->wanted_old = column->wanted_old || column->remapped;
			column->wanted_new = column->wanted_new || !column->identity;
		}
	}
}

static void
check_columns(zdb_merge *merge, const merge_table *table)
{
	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];

		if (column->not_null && !column->has_default && !column->common &&
			!column->generated && c != table->surrogate)
			zdb_merge_problem(
				merge,
				"table \"%s\": column \"%s\" is NOT NULL, has no "
				"default, and is not in the backup",
				table->name, column->name);
	}
}

static void
check_orphans(zdb_merge *merge, const merge_table *table)
{
	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];

		for (int i = 0; i < edge->count; i++)
			if (table->rule.on_orphan == ORPHAN_NULL &&
				table->columns[edge->columns[i]].not_null)
				zdb_merge_problem(
					merge,
					"table \"%s\": on_orphan \"null\" cannot be: "
					"column \"%s\" is NOT NULL",
					table->name, table->columns[edge->columns[i]].name);
	}
}

/* A comparison may be about a table that is gone. */
static bool
is_in_backup(const zdb_merge *merge, const char *name)
{
	const char *tail = strrchr(name, '.');
	json_t *fact;
	size_t i;

	json_array_foreach (merge->backup, i, fact)
	{
		const char *one = json_string_value(json_object_get(fact, "name"));

		if (zdb_merge_same(merge, one, name) ||
			(tail && zdb_merge_same(merge, one, tail + 1)))
			return true;
	}
	return false;
}

static void
check_policy_tables(zdb_merge *merge)
{
	json_t *tables = json_object_get(merge->policy, "tables"), *value;
	const char *name;

	json_object_foreach (tables, name, value)
	{
		size_t len = strlen(name);
		bool found = json_object_get(merge->left_out, name) != NULL ||
					 strcmp(name, ZDB_MERGE_OTHERS) == 0;

		for (int i = 0; i < merge->table_count && !found; i++)
		{
			const merge_table *table = &merge->tables[i];
			const char *tail = strrchr(name, '.');

			found = zdb_merge_same(merge, table->name, name) ||
					(tail && len > 0 &&
					 zdb_merge_same(merge, table->name, tail + 1));
		}
		found = found || (merge->compares && is_in_backup(merge, name));
		if (!found)
			zdb_merge_problem(merge,
							  merge->compares
								  ? "table \"%s\" is neither in the database "
									"nor in the backup (only ordinary tables "
									"take part)"
								  : "the policy names table \"%s\", which is "
									"not in the database (only ordinary "
									"tables take part)",
							  name);
	}
}

static void
decide(zdb_merge *merge)
{
	check_policy_tables(merge);
	for (int i = 0; i < merge->table_count; i++)
	{
		merge_table *table = &merge->tables[i];
		json_t *problem = json_object_get(table->live, "problem");

		if (table->takes_part && json_is_string(problem))
			zdb_merge_problem(merge, "table \"%s\": %s", table->name,
							  json_string_value(problem));
	}
	for (int i = 0; i < merge->table_count; i++)
		if (merge->tables[i].takes_part)
			zdb_merge_choose_key(merge, &merge->tables[i]);
	for (int i = 0; i < merge->table_count; i++)
		if (merge->tables[i].takes_part)
			link_edges(merge, &merge->tables[i]);
	for (int i = 0; i < merge->table_count; i++)
		if (merge->tables[i].takes_part)
		{
			zdb_merge_choose_ids(&merge->tables[i]);
			note_wanted(merge, &merge->tables[i]);
		}
	for (int i = 0; i < merge->table_count; i++)
		if (merge->tables[i].takes_part && !merge->compares)
		{
			check_columns(merge, &merge->tables[i]);
			check_orphans(merge, &merge->tables[i]);
			zdb_merge_check_rows(merge, &merge->tables[i]);
		}
	zdb_merge_order(merge);
}

static void
list_members(zdb_merge *merge)
{
	merge->members =
		zdb_arena_alloc(&merge->arena, (size_t) (merge->member_count + 1) *
										   sizeof *merge->members);
	for (int m = 0; merge->members && m < merge->member_count; m++)
	{
		merge_table *table = &merge->tables[merge->order[m]];

		table->number = m + 1;
		merge->members[m] =
			(zdb_merge_member){table->schema, table->name, table->sql, false};
		for (int e = 0; e < table->edge_count; e++)
			if (table->edges[e].inner && !table->edges[e].late)
				merge->members[m].defers = true;
	}
}

zdb_rc
zdb_merge_plan(zdb_merge *merge, json_t *live, json_t *backup, zdb_err *err)
{
	merge->live = json_incref(live);
	merge->backup = json_incref(backup);
	zdb_merge_take_facts(merge);
	if (zdb_arena_failed(&merge->arena))
		return zdb_err_nomem(err);
	decide(merge);
	if (zdb_arena_failed(&merge->arena))
		return zdb_err_nomem(err);
	list_members(merge);
	if (zdb_arena_failed(&merge->arena))
		return zdb_err_nomem(err);
	if (merge->problems)
	{
		zdb_err_set(err, ZDB_USAGE, "cannot %s: %s",
					merge->compares ? "compare" : "merge", merge->problems);
		zdb_err_hint(err, "Nothing was changed.");
		return err->code;
	}
	if (merge->member_count == 0 && !merge->compares)
	{
		zdb_err_set(err, ZDB_NOT_FOUND,
					"no table of the backup is in the database");
		zdb_err_hint(err, "Use zdb_restore_from, or set \"create_missing\".");
		return err->code;
	}
	if (merge->compares)
		zdb_diff_write(merge);
	else
		zdb_merge_write(merge);
	return zdb_arena_failed(&merge->arena) ? zdb_err_nomem(err) : ZDB_OK;
}

const zdb_merge_member *
zdb_merge_members(const zdb_merge *merge)
{
	return merge->members;
}

const zdb_merge_step *
zdb_merge_steps(const zdb_merge *merge)
{
	return merge->steps;
}
