/*
 * merge_facts - the engines' facts as structs
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/policy/merge_plan.h"

bool
zdb_merge_same(const zdb_merge *merge, const char *one, const char *other)
{
	return merge->dialect == ZDB_DIALECT_SQLITE ? strcasecmp(one, other) == 0
												: strcmp(one, other) == 0;
}

int
zdb_merge_table_of(const zdb_merge *merge, const char *schema,
				   const char *name)
{
	for (int i = 0; i < merge->table_count; i++)
		if (zdb_merge_same(merge, merge->tables[i].name, name) &&
			(!schema ||
			 zdb_merge_same(merge, merge->tables[i].schema, schema)))
			return i;
	return -1;
}

int
zdb_merge_column_of(const zdb_merge *merge, const merge_table *table,
					const char *name)
{
	for (int i = 0; name && i < table->column_count; i++)
		if (zdb_merge_same(merge, table->columns[i].name, name))
			return i;
	return -1;
}

void
zdb_merge_problem(zdb_merge *merge, const char *fmt, ...)
{
	char line[400], *longer;
	zdb_err err = {0};
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	longer = zdb_format(&err, "%s%s%s", merge->problems ? merge->problems : "",
						merge->problems ? "; " : "", line);
	zdb_free(merge->problems);
	merge->problems = longer;
	if (!longer)
		merge->arena.failed = true;
}

static const char *
text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool
is_set(json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* An array for the elements of a JSON array; *count is 0 without memory. */
static void *
array_for(zdb_merge *merge, json_t *list, size_t size, int *count)
{
	size_t n = json_array_size(list);
	void *array = n ? zdb_arena_alloc(&merge->arena, n * size) : NULL;

	*count = array ? (int) n : 0;
	return array;
}

static const char *
collate(zdb_merge *merge, json_t *fact)
{
	const char *name = text_of(fact, "collate");

	return name ? zdb_arena_format(&merge->arena, " COLLATE %s",
								   zdb_arena_ident(&merge->arena, name))
				: "";
}

static const char *
equal_of(json_t *fact)
{
	const char *equal = text_of(fact, "equal");

	return equal ? equal : "=";
}

static void
take_columns(zdb_merge *merge, merge_table *table)
{
	json_t *list = json_object_get(table->live, "columns");

	table->columns =
		array_for(merge, list, sizeof *table->columns, &table->column_count);
	for (int i = 0; i < table->column_count; i++)
	{
		json_t *fact = json_array_get(list, (size_t) i);
		merge_column *column = &table->columns[i];

		column->name = text_of(fact, "name");
		column->sql = zdb_arena_ident(&merge->arena, column->name);
		column->not_null = is_set(fact, "not_null");
		column->has_default = is_set(fact, "has_default");
		column->generated = is_set(fact, "generated");
		column->always = is_set(fact, "always");
		column->integer = is_set(fact, "integer");
		column->text = is_set(fact, "text");
		column->collate = collate(merge, fact);
		column->as_text = is_set(fact, "as_text");
		column->equal = equal_of(fact);
	}
}

static void
take_index(zdb_merge *merge, merge_table *table, json_t *fact,
		   merge_index *index)
{
	json_t *list = json_object_get(fact, "elements");

	index->name = text_of(fact, "name");
	index->where = text_of(fact, "where");
	index->nulls_equal = is_set(fact, "nulls_equal");
	index->primary = is_set(fact, "primary");
	index->elements =
		array_for(merge, list, sizeof *index->elements, &index->count);
	for (int i = 0; i < index->count; i++)
	{
		json_t *element = json_array_get(list, (size_t) i);

		index->elements[i].sql = text_of(element, "sql");
		index->elements[i].equal = equal_of(element);
		index->elements[i].plain = is_set(element, "plain");
		index->elements[i].column =
			zdb_merge_column_of(merge, table, text_of(element, "column"));
		index->elements[i].of =
			index->elements[i].column >= 0
				? index->elements[i].column
				: zdb_merge_column_of(merge, table, text_of(element, "of"));
	}
}

static void
take_indexes(zdb_merge *merge, merge_table *table)
{
	json_t *list = json_object_get(table->live, "unique");

	table->indexes =
		array_for(merge, list, sizeof *table->indexes, &table->index_count);
	for (int i = 0; i < table->index_count; i++)
		take_index(merge, table, json_array_get(list, (size_t) i),
				   &table->indexes[i]);
}

/* Columns by name into array; -1 for one that is not there. */
static int *
columns_by_name(zdb_merge *merge, const merge_table *table, json_t *names,
				int *count)
{
	int *columns = array_for(merge, names, sizeof *columns, count);

	for (int i = 0; i < *count; i++)
		columns[i] = zdb_merge_column_of(
			merge, table,
			json_string_value(json_array_get(names, (size_t) i)));
	return columns;
}

/* Without columns a reference is to the primary key. */
static void
refer_to_primary(zdb_merge *merge, const merge_table *parent, merge_edge *edge)
{
	for (int i = 0; i < parent->index_count; i++)
	{
		const merge_index *index = &parent->indexes[i];

		if (!index->primary || index->count != edge->count)
			continue;
		edge->parent_columns =
			zdb_arena_alloc(&merge->arena, (size_t) edge->count * sizeof(int));
		for (int k = 0; edge->parent_columns && k < edge->count; k++)
			edge->parent_columns[k] = index->elements[k].column;
	}
}

static bool
is_complete(const merge_edge *edge)
{
	if (!edge->parent_columns || edge->count == 0)
		return false;
	for (int i = 0; i < edge->count; i++)
		if (edge->columns[i] < 0 || edge->parent_columns[i] < 0)
			return false;
	return true;
}

static void
add_edge(zdb_merge *merge, merge_table *table, json_t *fact)
{
	merge_edge *edge = &table->edges[table->edge_count];
	const merge_table *parent;
	int found = zdb_merge_table_of(merge, text_of(fact, "schema"),
								   text_of(fact, "parent"));
	int count;

	if (found < 0)
		return; /* it is gone; nothing can be checked against it */
	parent = &merge->tables[found];
	edge->name = text_of(fact, "name");
	edge->parent = found;
	edge->deferrable = is_set(fact, "deferrable");
	edge->declared = !is_set(fact, "planned");
	edge->columns = columns_by_name(
		merge, table, json_object_get(fact, "columns"), &edge->count);
	edge->parent_columns = columns_by_name(
		merge, parent, json_object_get(fact, "parent_columns"), &count);
	if (count == 0)
		refer_to_primary(merge, parent, edge);
	if (is_complete(edge))
		table->edge_count++;
	else
		*edge = (merge_edge){0};
}

/* "table.column" or "schema.table.column"; the table, or -1. */
static int
split_reference(zdb_merge *merge, const char *text, int *column)
{
	const char *dot = strrchr(text, '.');
	char table[300];
	int found;

	*column = -1;
	if (!dot || (size_t) (dot - text) >= sizeof table)
		return -1;
	memcpy(table, text, (size_t) (dot - text));
	table[dot - text] = '\0';
	found = zdb_merge_table_of(merge, NULL, table);
	for (char *at = strchr(table, '.'); found < 0 && at;
		 at = strchr(at + 1, '.'))
	{
		*at = '\0';
		found = zdb_merge_table_of(merge, table, at + 1);
		*at = '.';
	}
	if (found >= 0)
		*column = zdb_merge_column_of(merge, &merge->tables[found], dot + 1);
	return found;
}

static void
add_reference(zdb_merge *merge, json_t *fact)
{
	const char *from = text_of(fact, "from"), *to = text_of(fact, "to");
	int column, parent_column;
	int child = split_reference(merge, from, &column);
	int parent = split_reference(merge, to, &parent_column);
	merge_edge *edge;

	if (column < 0 || parent_column < 0)
	{
		zdb_merge_problem(merge,
						  "reference from \"%s\" to \"%s\": there is "
						  "no such column",
						  from, to);
		return;
	}
	edge = &merge->tables[child].edges[merge->tables[child].edge_count++];
	edge->name = from;
	edge->parent = parent;
	edge->count = 1;
	edge->deferrable = true; /* nobody checks it */
	edge->columns = zdb_arena_alloc(&merge->arena, sizeof(int));
	edge->parent_columns = zdb_arena_alloc(&merge->arena, sizeof(int));
	if (!edge->columns || !edge->parent_columns)
	{
		merge->tables[child].edge_count--;
		return;
	}
	edge->columns[0] = column;
	edge->parent_columns[0] = parent_column;
}

static void
take_edges(zdb_merge *merge)
{
	json_t *references = json_object_get(merge->policy, "references"), *fact;
	size_t more = json_array_size(references), i;

	for (int t = 0; t < merge->table_count; t++)
	{
		merge_table *table = &merge->tables[t];
		json_t *list = json_object_get(table->live, "foreign");

		table->edges =
			zdb_arena_alloc(&merge->arena, (json_array_size(list) + more + 1) *
											   sizeof *table->edges);
		if (!table->edges)
			return;
		json_array_foreach (list, i, fact)
			add_edge(merge, table, fact);
	}
	json_array_foreach (references, i, fact)
		add_reference(merge, fact);
}

/* Do the backup's unique columns, as a set, lie within the index? */
static bool
covers(zdb_merge *merge, const merge_table *table, const merge_index *index,
	   json_t *columns)
{
	size_t i;
	json_t *name;

	for (int k = 0; k < index->count; k++)
		if (!index->elements[k].plain)
			return false;
	json_array_foreach (columns, i, name)
	{
		int column =
			zdb_merge_column_of(merge, table, json_string_value(name));
		bool found = false;

		for (int k = 0; k < index->count; k++)
			found =
				found || (column >= 0 && index->elements[k].column == column);
		if (!found)
			return false;
	}
	return json_array_size(columns) > 0;
}

static void
match_index(zdb_merge *merge, const merge_table *table, merge_index *index)
{
	json_t *list = json_object_get(table->backup, "unique"), *columns;
	size_t i;

	index->usable = true;
	for (int k = 0; k < index->count; k++)
		if (index->elements[k].column >= 0 &&
			!table->columns[index->elements[k].column].common)
			index->usable = false;
	json_array_foreach (list, i, columns)
		if (covers(merge, table, index, columns))
			index->backup_unique = true;
}

/* What stays as it is only has to be found. */
static void
compare_only(merge_rule *rule)
{
	rule->on_match = MATCH_KEEP;
	rule->on_orphan = ORPHAN_STAY;
	rule->no_key = NO_KEY_WHOLE_ROW;
}

static void
ignore(zdb_merge *merge, merge_table *table, const char *name)
{
	int column = zdb_merge_column_of(merge, table, name);

	if (column >= 0)
		table->columns[column].common = false;
	else
		zdb_merge_problem(merge, "table \"%s\" has no column \"%s\" to ignore",
						  table->name, name);
}

/* A table of the backup meets its live one. */
static void
take_backup(zdb_merge *merge, json_t *fact)
{
	const char *schema = text_of(fact, "schema"),
			   *name = text_of(fact, "name");
	int found = zdb_merge_table_of(merge, schema, name);
	json_t *column;
	merge_table *table;
	zdb_err err = {0};
	size_t i;

	if (found < 0)
	{
		json_array_append_new(merge->missing, json_string(name));
		return;
	}
	table = &merge->tables[found];
	table->backup = fact;
	table->source = text_of(fact, "sql");
	if (zdb_merge_rule_for(merge, table->schema, table->name, &table->rule,
						   &err))
		zdb_merge_problem(merge, "%s", err.msg);
	if (merge->compares)
		compare_only(&table->rule);
	table->takes_part = !table->rule.out;
	table->read = json_integer_value(json_object_get(fact, "rows"));
	json_array_foreach (json_object_get(fact, "columns"), i, column)
	{
		int at = zdb_merge_column_of(merge, table, json_string_value(column));

		if (at >= 0 && !table->columns[at].generated)
			table->columns[at].common = true;
	}
	json_array_foreach (table->rule.ignore, i, column)
		ignore(merge, table, json_string_value(column));
	for (int k = 0; k < table->index_count; k++)
		match_index(merge, table, &table->indexes[k]);
}

void
zdb_merge_take_facts(zdb_merge *merge)
{
	json_t *fact;
	size_t i;

	merge->tables = array_for(merge, merge->live, sizeof *merge->tables,
							  &merge->table_count);
	for (int t = 0; t < merge->table_count; t++)
	{
		merge_table *table = &merge->tables[t];

		table->live = json_array_get(merge->live, (size_t) t);
		table->schema = text_of(table->live, "schema");
		table->name = text_of(table->live, "name");
		table->sql = text_of(table->live, "sql");
		table->into = text_of(table->live, "into");
		table->into = table->into ? table->into : table->sql;
		table->row = text_of(table->live, "identity");
		if (!merge->compares) /* who only looks may not see sequences */
			table->last_id = text_of(table->live, "last_id");
		table->fresh = is_set(table->live, "fresh");
		table->key = table->surrogate = table->newest_by = -1;
		take_columns(merge, table);
		take_indexes(merge, table);
	}
	json_array_foreach (merge->backup, i, fact)
		take_backup(merge, fact);
	take_edges(merge);
}
