/*
 * merge_write - the statements of a merge, in order
 *
 * Group by group: stage all its tables, decide, give ids, fill in references
 * inside the group, count; then write to the live tables.
 */
#include "core/policy/merge_sql.h"

/* A key that no index keeps unique must be so. */
void
merge_check_key(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;

	if (match != &table->own_key)
		return;
	merge_add(
		merge, ZDB_MERGE_REFUSE, table,
		SQL("SELECT %s FROM %s WHERE %s GROUP BY %s HAVING count(*) > 1 "
			"LIMIT 1",
			zdb_arena_literal(
				&merge->arena,
				SQL("table \"%s\": the key (%s) is not unique in the database",
					table->name, merge_elements(merge, match))),
			table->sql, merge_in_index(merge, table, match),
			merge_elements(merge, match)),
		"checking the key of");
}

static bool
has_inner(const merge_table *table)
{
	for (int e = 0; e < table->edge_count; e++)
		if (table->edges[e].inner)
			return true;
	return false;
}

static bool
is_parent(const zdb_merge *merge, const merge_table *table)
{
	for (int t = 0; t < merge->table_count; t++)
		for (int e = 0; e < merge->tables[t].edge_count; e++)
			if (merge->tables[t].edges[e].staged &&
				&merge->tables[merge->tables[t].edges[e].parent] == table)
				return true;
	return false;
}

/* Rows that stay as they are need only be counted, unless a later step asks
 * for them. */
static unsigned
tallied(const zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;
	bool kept = table->rule.on_match != MATCH_FAIL;

	if (!match || is_parent(merge, table) || has_inner(table) ||
		merge_can_repeat(merge, table, match))
		return 0;
	for (int i = 0; i < table->index_count; i++)
		kept = kept && !merge_can_conflict(table, &table->indexes[i]);
	return 1u << OUTCOME_IDENTICAL | 1u << OUTCOME_LEFT |
		   1u << OUTCOME_ABSENT | (kept ? 1u << OUTCOME_KEPT : 0);
}

static void
stage(zdb_merge *merge, const merge_table *table)
{
	unsigned counted = tallied(merge, table);
	zdb_merge_step *step;

	if (merge_insert_directly(merge, table, counted))
		counted = 0;
	step = merge_add(merge, ZDB_MERGE_STAGE, table,
					 merge_stage_sql(merge, table), "staging the rows of");
	if (!step)
		return;
	step->into = SQL("zdb:s%d", table->number);
	step->tallied = counted;
	step->looked_up = is_parent(merge, table);
}

/* Children look rows up by what they refer to. PostgreSQL hashes. */
void
merge_index_parents(zdb_merge *merge, const merge_table *table)
{
	int number = 0;

	if (merge->dialect != ZDB_DIALECT_SQLITE)
		return;
	for (int t = 0; t < merge->table_count; t++)
		for (int e = 0; e < merge->tables[t].edge_count; e++)
		{
			const merge_edge *edge = &merge->tables[t].edges[e];
			const char *columns = NULL;

			if (!edge->staged || &merge->tables[edge->parent] != table ||
				!merge->tables[t].takes_part)
				continue;
			for (int i = 0; i < edge->count; i++)
				columns = merge_join(
					merge, columns, ", ",
					SQL("%s%s",
						merge_old(merge, table, edge->parent_columns[i], "s") +
							2,
						table->columns[edge->parent_columns[i]].collate));
			columns = SQL("%s, \"zdb:state\"", columns);
			for (int i = 0; i < edge->count; i++)
				columns = SQL(
					"%s, %s", columns,
					merge_new(merge, table, edge->parent_columns[i], "s") + 2);
			merge_add(
				merge, ZDB_MERGE_RUN, table,
				SQL("CREATE INDEX temp.\"zdb:i%d_%d\" ON \"zdb:s%d\"(%s)",
					table->number, ++number, table->number, columns),
				"indexing the rows of");
		}
}

static void
refuse(zdb_merge *merge, const merge_table *table, merge_outcome outcome,
	   const char *reason)
{
	merge_add(
		merge, ZDB_MERGE_REFUSE, table,
		SQL("SELECT %s || %s FROM %s AS s WHERE s.\"zdb:state\" = %d LIMIT 1",
			zdb_arena_literal(&merge->arena,
							  SQL("table \"%s\": %s: ", table->name, reason)),
			merge_key_json(merge, table, "s"), merge_stage(merge, table),
			outcome),
		"checking the rows of");
}

static const char *
index_names(zdb_merge *merge, const merge_table *table)
{
	const char *cases = "";

	for (int i = 0; i < table->index_count; i++)
		cases = SQL("%s WHEN %d THEN %s", cases, i + 1,
					zdb_arena_literal(&merge->arena, table->indexes[i].name));
	return table->index_count ? SQL("CASE s.\"zdb:c\"%s END", cases) : "NULL";
}

static void
count(zdb_merge *merge, const merge_table *table)
{
	const char *new_id = "0";

	if (table->surrogate >= 0)
		new_id =
			SQL("sum(CASE WHEN s.\"zdb:state\" = %d AND %s THEN 1 ELSE 0 END)",
				OUTCOME_INSERTED,
				table->columns[table->surrogate].common
					? merge_differs(
						  merge, "s.\"zdb:p0\"",
						  SQL("s.%s", table->columns[table->surrogate].sql))
					: "1 = 1");
	merge_add(
		merge, ZDB_MERGE_COUNT, table,
		SQL("SELECT s.\"zdb:state\", count(*), sum(s.\"zdb:r\"), %s FROM %s "
			"AS "
			"s GROUP BY s.\"zdb:state\"",
			new_id, merge_stage(merge, table)),
		"counting the rows of");
	if (table->rule.on_match == MATCH_FAIL)
		refuse(merge, table, OUTCOME_KEPT,
			   "a row is here already, and differs");
	if (table->rule.on_orphan == ORPHAN_FAIL)
		refuse(merge, table, OUTCOME_ORPHANED, "a row refers to none");
	merge_add(merge, ZDB_MERGE_CONFLICT, table,
			  SQL("SELECT s.\"zdb:state\", %s, %s FROM %s AS s WHERE "
				  "s.\"zdb:state\" "
				  "IN (%d, %d, %d) ORDER BY %s LIMIT 100",
				  index_names(merge, table), merge_key_json(merge, table, "s"),
				  merge_stage(merge, table), OUTCOME_CONFLICT,
				  OUTCOME_ORPHANED, OUTCOME_DUPLICATE,
				  merge_number(merge, "s")),
			  "listing the conflicts of");
}

/* New rows that are here already for whoever reads without case. */
static void
find_near(zdb_merge *merge, const merge_table *table)
{
	const char *key;

	if (!table->match || table->match->count != 1 ||
		!table->match->elements[0].plain || table->identity_count == 0 ||
		table->match->elements[0].column < 0 || table->same_id ||
		!table->columns[table->match->elements[0].column].text)
		return;
	key = table->match->elements[0].sql;
	/* LIMIT -1 has SQLite make a table of the new rows, which it indexes; with
	 * the LIMIT inside, PostgreSQL would not hash */
	merge_add(
		merge, ZDB_MERGE_NEAR, table,
		SQL("WITH n AS MATERIALIZED (SELECT s.k AS a, l.k AS b FROM (SELECT "
			"%s AS k, lower(trim(%s)) AS f FROM %s) AS l CROSS JOIN (SELECT "
			"%s AS k, lower(trim(%s)) AS f FROM %s WHERE \"zdb:state\" = "
			"%d%s) "
			"AS s WHERE l.f = s.f) SELECT a, b FROM n LIMIT 100",
			key, key, table->sql, key, key, merge_stage(merge, table),
			OUTCOME_INSERTED,
			merge->dialect == ZDB_DIALECT_SQLITE ? " LIMIT -1" : ""),
		"looking for near duplicates in");
}

static void
drop(zdb_merge *merge, const merge_table *table)
{
	merge_add(merge, ZDB_MERGE_RUN, table,
			  SQL("DROP TABLE %s", merge_stage(merge, table)),
			  "tidying up after");
}

static void
for_all(zdb_merge *merge, int first, int end,
		void (*write)(zdb_merge *, const merge_table *))
{
	for (int m = first; m < end; m++)
		write(merge, &merge->tables[merge->order[m]]);
}

static void
write_group(zdb_merge *merge, int first, int end)
{
	static void (*const phases[])(zdb_merge *, const merge_table *) = {
		merge_check_key,
		stage,
		merge_match_whole_rows,
		merge_index_parents,
		merge_find_duplicates,
		merge_find_conflicts,
		merge_find_inner_orphans,
		merge_give_ids,
		merge_follow_first,
		merge_fill_inner,
		merge_decide_inner,
		count,
		find_near,
		merge_insert,
		merge_update,
		merge_update_late};

	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
		for_all(merge, first, end, phases[i]);
}

void
zdb_merge_write(zdb_merge *merge)
{
	for (int first = 0, end; first < merge->member_count; first = end)
	{
		int group = merge->tables[merge->order[first]].group;

		for (end = first; end < merge->member_count &&
						  merge->tables[merge->order[end]].group == group;)
			end++;
		write_group(merge, first, end);
	}
	for_all(merge, 0, merge->member_count, drop);
}
