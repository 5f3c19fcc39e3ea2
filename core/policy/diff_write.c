/*
 * diff_write - the statements of a comparison: stage as a merge does, then
 * read what differs
 */
#include <stdlib.h>
#include <string.h>

#include "core/policy/diff_sql.h"

/* Rows for the caller, of one table. */
typedef struct part
{
	const char *label;
	const char *sql;
	const merge_table *table;
} part;

static bool
is_sqlite(const zdb_merge *merge)
{
	return merge->dialect == ZDB_DIALECT_SQLITE;
}

/* As a policy may name it. */
static const char *
label_of(zdb_merge *merge, const char *schema, const char *name)
{
	return is_sqlite(merge) || strcmp(schema, "public") == 0
			   ? name
			   : SQL("%s.%s", schema, name);
}

static part
make_part(zdb_merge *merge, const merge_table *table, const char *schema,
		  const char *name, const char *kind)
{
	const char *label = label_of(merge, schema, name);
	const char *shown = SQL("%s%s", zdb_arena_literal(&merge->arena, label),
							is_sqlite(merge) ? "" : "::pg_catalog.text");
	const char *sql;

	if (kind)
		sql = diff_lone_table(merge, shown, kind);
	else
		sql = merge->summary ? diff_counts(merge, table, shown)
							 : diff_all_rows(merge, table, shown);
	return (part){label, sql, table};
}

static int
by_label(const void *one, const void *other)
{
	return strcmp(((const part *) one)->label, ((const part *) other)->label);
}

static int
list_parts(zdb_merge *merge, part *parts)
{
	int count = 0;
	json_t *fact;
	size_t i;

	for (int t = 0; t < merge->table_count; t++)
	{
		const merge_table *table = &merge->tables[t];

		if (table->takes_part)
			parts[count++] =
				make_part(merge, table, table->schema, table->name, NULL);
		else if (!table->backup &&
				 zdb_merge_wants(merge, table->schema, table->name))
			parts[count++] = make_part(merge, table, table->schema,
									   table->name, "table_only_live");
	}
	json_array_foreach (merge->backup, i, fact)
	{
		const char *schema =
			json_string_value(json_object_get(fact, "schema"));
		const char *name = json_string_value(json_object_get(fact, "name"));

		if (zdb_merge_table_of(merge, schema, name) < 0 &&
			zdb_merge_wants(merge, schema, name))
			parts[count++] =
				make_part(merge, NULL, schema, name, "table_only_backup");
	}
	qsort(parts, (size_t) count, sizeof *parts, by_label);
	return count;
}

static void
write_parts(zdb_merge *merge)
{
	size_t most =
		(size_t) merge->table_count + json_array_size(merge->backup) + 1;
	part *parts = zdb_arena_alloc(&merge->arena, most * sizeof *parts);
	int count = parts ? list_parts(merge, parts) : 0;

	for (int i = 0; i < count; i++)
	{
		zdb_merge_step *step =
			merge_add(merge, ZDB_MERGE_ROWS, parts[i].table, parts[i].sql, "");

		if (step)
			step->what = SQL("comparing the rows of \"%s\"", parts[i].label);
	}
}

/* The copy of the live rows is found by the key, as the live table is. */
static void
index_live(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;

	if (!is_sqlite(merge) || !match)
		return;
	merge_add(merge, ZDB_MERGE_RUN, table,
			  SQL("CREATE INDEX temp.\"zdb:l%d\" ON %s(%s)", table->number,
				  strchr(table->sql, '.') + 1, merge_elements(merge, match)),
			  "indexing the rows of");
}

static void
stage(zdb_merge *merge, const merge_table *table)
{
	zdb_merge_step *step =
		merge_add(merge, ZDB_MERGE_STAGE, table, merge_stage_sql(merge, table),
				  "staging the rows of");

	if (!step)
		return;
	step->into = SQL("zdb:s%d", table->number);
	step->looked_up = true;
}

static void
index_stage(zdb_merge *merge, const merge_table *table)
{
	const char *columns = "";

	if (!is_sqlite(merge))
		return;
	for (int i = 0; i < merge_id_count(table); i++)
		columns = SQL("%s%s, ", columns, merge_id(merge, table, "s", i) + 2);
	merge_add(merge, ZDB_MERGE_RUN, table,
			  SQL("CREATE INDEX temp.\"zdb:d%d\" ON \"zdb:s%d\"(%s"
				  "\"zdb:state\")",
				  table->number, table->number, columns),
			  "indexing the rows of");
}

void
zdb_diff_write(zdb_merge *merge)
{
	static void (*const phases[])(zdb_merge *, const merge_table *) = {
		index_live,
		merge_check_key,
		stage,
		merge_match_whole_rows,
		merge_index_parents,
		merge_find_duplicates,
		merge_give_ids,
		merge_follow_first,
		merge_fill_inner,
		merge_decide_inner,
		index_stage};

	for (int first = 0, end; first < merge->member_count; first = end)
	{
		int group = merge->tables[merge->order[first]].group;

		for (end = first; end < merge->member_count &&
						  merge->tables[merge->order[end]].group == group;)
			end++;
		for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
			for (int m = first; m < end; m++)
				phases[i](merge, &merge->tables[merge->order[m]]);
	}
	write_parts(merge);
}
