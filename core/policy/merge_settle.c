/*
 * merge_settle - what becomes of staged rows beyond their own match: whole
 * rows, duplicates, conflicts, ids, references inside a group
 */
#include <string.h>

#include "core/base/mem.h"
#include "core/policy/merge_sql.h"

zdb_merge_step *
merge_add(zdb_merge *merge, zdb_merge_kind kind, const merge_table *table,
		  const char *sql, const char *what)
{
	if (merge->step_count + 2 > merge->step_cap)
	{
		int cap = merge->step_cap ? 2 * merge->step_cap : 64;
		zdb_merge_step *steps =
			zdb_realloc(merge->steps, (size_t) cap * sizeof *steps);

		if (!steps)
		{
			merge->arena.failed = true;
			return NULL;
		}
		merge->steps = steps;
		merge->step_cap = cap;
	}
	merge->steps[merge->step_count] = (zdb_merge_step){
		.kind = kind,
		.table = table ? (int) (table - merge->tables) : -1,
		.sql = sql,
		.what = table ? SQL("%s \"%s\"", what, table->name) : what};
	merge->steps[merge->step_count + 1] = (zdb_merge_step){0};
	return &merge->steps[merge->step_count++];
}

/* Set the columns that name the live row from a subquery's. */
static const char *
take_ids(zdb_merge *merge, const merge_table *table, const char *alias)
{
	const char *list = "";

	for (int i = 0; !table->same_id && i < merge_id_count(table); i++)
		list = SQL("%s, \"zdb:p%d\" = %s.\"zdb:p%d\"", list, i, alias, i);
	return list;
}

static const char *
numbered_rows(zdb_merge *merge, const char *columns, const char *text,
			  const char *from, const char *where)
{
	return SQL("SELECT %s, %s AS \"zdb:t\", row_number() OVER (PARTITION BY %s"
			   ") AS \"zdb:w\" FROM %s WHERE %s",
			   columns, text, text, from, where);
}

/* Rows without a key: the n-th of a kind is the n-th of that kind here. */
void
merge_match_whole_rows(zdb_merge *merge, const merge_table *table)
{
	const char *text = merge_row_text(merge, table), *where = "1 = 1";
	const char *ids = NULL;

	if (table->match && !merge_has_outsiders(table, table->match))
		return;
	if (!table->match && table->rule.no_key == NO_KEY_APPEND)
		return;
	if (table->match)
		where = SQL("(%s) IS NOT TRUE",
					merge_in_index(merge, table, table->match));
	for (int i = 0; i < merge_id_count(table); i++)
		ids = merge_join(
			merge, ids, ", ",
			SQL("%s AS \"zdb:p%d\"", merge_live_id(merge, table, "l", i), i));
	merge_add(
		merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET \"zdb:state\" = %d%s FROM (SELECT "
			"a.\"zdb:a\", "
			"b.* FROM (%s) AS a JOIN (%s) AS b ON a.\"zdb:t\" = b.\"zdb:t\" "
			"AND a.\"zdb:w\" = b.\"zdb:w\") AS m WHERE m.\"zdb:a\" = %s",
			merge_stage(merge, table), OUTCOME_IDENTICAL,
			take_ids(merge, table, "m"),
			numbered_rows(merge,
						  SQL("%s AS \"zdb:a\"", merge_number(merge, "s")),
						  text, SQL("%s AS s", merge_stage(merge, table)),
						  SQL("\"zdb:state\" = %d", OUTCOME_NONE)),
			numbered_rows(merge, ids, text, SQL("%s AS l", table->sql), where),
			merge_number(merge, "s")),
		"comparing the rows of");
	merge_add(merge, ZDB_MERGE_RUN, table,
			  SQL("UPDATE %s SET \"zdb:state\" = %d WHERE \"zdb:state\" = %d",
				  merge_stage(merge, table), OUTCOME_INSERTED, OUTCOME_NONE),
			  "comparing the rows of");
}

/* Do references change what the index compares? */
static bool
moves(const zdb_merge *merge, const merge_table *table,
	  const merge_index *index)
{
	for (int i = 0; i < index->count; i++)
	{
		int of = index->elements[i].of;

		if (of >= 0 &&
			(table->columns[of].inner || merge_is_moved(merge, table, of)))
			return true;
	}
	return false;
}

bool
merge_can_repeat(const zdb_merge *merge, const merge_table *table,
				 const merge_index *index)
{
	return !index->backup_unique || moves(merge, table, index);
}

/* Are the elements of an index equal by operators that are not found by name,
 * as IN does? */
static bool
is_equal_elsewhere(const merge_index *index)
{
	for (int i = 0; i < index->count; i++)
		if (strcmp(merge_element_equal(index, i), "=") != 0)
			return true;
	return false;
}

/* Staged rows that are not the first of those that the index sees as one. */
static const char *
not_first(zdb_merge *merge, const merge_table *table, const merge_index *index,
		  const char *where)
{
	const char *keys = merge_elements(merge, index), *order = NULL;
	const char *one = SQL("(%s)", keys), *each = keys;
	const char *from = merge_stage(merge, table);

	if (index->nulls_equal)
		keys = one = each = merge_as_text(merge, index);
	else if (is_equal_elsewhere(index))
		one = each = SQL("ROW(%s)::pg_catalog.record", keys);
	where = SQL("%s AND %s", where, merge_in_index(merge, table, index));
	for (int i = 0; i < table->identity_count; i++)
		if (table->columns[table->identity[i]].common)
			order = merge_join(merge, order, ", ",
							   table->columns[table->identity[i]].sql);
	order = merge_join(merge, order, ", ", merge_number(merge, "s"));
	return SQL("SELECT %s AS \"zdb:a\", first_value(%s) OVER w AS \"zdb:b\", "
			   "row_number() OVER w AS \"zdb:w\" FROM %s AS s WHERE %s AND "
			   "%s IN (SELECT %s FROM %s WHERE %s GROUP BY %s HAVING "
			   "count(*) > 1) WINDOW w AS (PARTITION BY %s ORDER BY %s)",
			   merge_number(merge, "s"), merge_number(merge, "s"), from, where,
			   one, each, from, where, keys, keys, order);
}

void
merge_find_duplicates(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;

	if (!match || !merge_can_repeat(merge, table, match))
		return;
	merge_add(
		merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET \"zdb:state\" = %d, \"zdb:f\" = d.\"zdb:b\" "
			"FROM (%s) AS d WHERE d.\"zdb:a\" = %s AND d.\"zdb:w\" > 1",
			merge_stage(merge, table), OUTCOME_DUPLICATE,
			not_first(merge, table, match,
					  SQL("\"zdb:state\" <> %d", OUTCOME_ORPHANED)),
			merge_number(merge, "s")),
		"finding duplicates in");
}

/* A unique index that sees a row of ours as another live row than the key. */
static void
meet_live(zdb_merge *merge, const merge_table *table, const merge_index *index,
		  int place)
{
	const char *staged =
		SQL("%s AS \"zdb:a\", \"zdb:state\"", merge_number(merge, "s"));
	const char *live = NULL, *on = NULL, *same = NULL;
	const char *in = merge_in_index(merge, table, index);

	for (int i = 0; i < merge_id_count(table); i++)
	{
		staged = SQL("%s, %s AS \"zdb:q%d\"", staged,
					 merge_id(merge, table, "s", i), i);
		live = merge_join(
			merge, live, ", ",
			SQL("%s AS \"zdb:j%d\"", merge_live_id(merge, table, "l", i), i));
		same = merge_join(merge, same, " AND ",
						  SQL("l.\"zdb:j%d\" %s a.\"zdb:q%d\"", i,
							  merge_id_equal(merge, table, i), i));
	}
	for (int i = 0; i < (index->nulls_equal ? 1 : index->count); i++)
	{
		const char *element = index->nulls_equal ? merge_as_text(merge, index)
												 : index->elements[i].sql;
		const char *key = SQL(", %s AS \"zdb:k%d\"", element, i);

		staged = SQL("%s%s", staged, key);
		live = SQL("%s%s", live, key);
		on = merge_join(merge, on, " AND ",
						SQL("l.\"zdb:k%d\" %s a.\"zdb:k%d\"", i,
							merge_element_equal(index, i), i));
	}
	merge_add(
		merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET \"zdb:state\" = %d, \"zdb:c\" = %d FROM "
			"(SELECT a.\"zdb:a\" FROM (SELECT %s FROM %s AS s WHERE "
			"\"zdb:state\" IN (%d, %d, %d) AND %s) AS a JOIN (SELECT %s FROM "
			"%s"
			" AS l WHERE %s) AS l ON %s WHERE a.\"zdb:state\" = %d%s) AS d "
			"WHERE d.\"zdb:a\" = %s",
			merge_stage(merge, table), OUTCOME_CONFLICT, place, staged,
			merge_stage(merge, table), OUTCOME_INSERTED,
			index->primary ? OUTCOME_INSERTED : OUTCOME_UPDATED,
			index->primary ? OUTCOME_INSERTED : OUTCOME_KEPT, in, live,
			table->sql, in, on, OUTCOME_INSERTED,
			index->primary ? "" : SQL(" OR NOT (%s)", same),
			merge_number(merge, "s")),
		"finding conflicts in");
}

/* Two rows of ours that the index sees as one. */
static void
meet_staged(zdb_merge *merge, const merge_table *table,
			const merge_index *index, int place)
{
	if (!merge_can_repeat(merge, table, index))
		return;
	merge_add(
		merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET \"zdb:state\" = %d, \"zdb:c\" = %d FROM (%s) "
			"AS d WHERE d.\"zdb:a\" = %s AND d.\"zdb:w\" > 1",
			merge_stage(merge, table), OUTCOME_CONFLICT, place,
			not_first(
				merge, table, index,
				SQL("\"zdb:state\" IN (%d, %d)", OUTCOME_INSERTED,
					index->primary ? OUTCOME_INSERTED : OUTCOME_UPDATED)),
			merge_number(merge, "s")),
		"finding conflicts in");
}

static bool
looks_at_common(const merge_table *table, const merge_index *index)
{
	for (int i = 0; i < index->count; i++)
		if (index->elements[i].of >= 0 &&
			table->columns[index->elements[i].of].common)
			return true;
	return false;
}

bool
merge_can_conflict(const merge_table *table, const merge_index *index)
{
	return index != table->match && index->usable &&
		   looks_at_common(table, index) &&
		   !(index->primary && (table->surrogate >= 0 || table->same_id));
}

void
merge_find_conflicts(zdb_merge *merge, const merge_table *table)
{
	for (int i = 0; i < table->index_count; i++)
	{
		const merge_index *index = &table->indexes[i];

		if (!merge_can_conflict(table, index))
			continue;
		meet_live(merge, table, index, i + 1);
		meet_staged(merge, table, index, i + 1);
	}
}

/* One that no other reference has a say in, if there is such a one. */
static const char *
own_column(const zdb_merge *merge, const merge_table *table,
		   const merge_edge *edge)
{
	int i = edge->count - 1;

	while (i > 0 && merge_is_moved(merge, table, edge->columns[i]))
		i--;
	return table->columns[edge->columns[i]].sql;
}

/* References inside a group: rows whose parent will not be here. */
void
merge_find_inner_orphans(zdb_merge *merge, const merge_table *table)
{
	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];
		const char *set =
			SQL("\"zdb:state\" = CASE \"zdb:state\" WHEN %d THEN "
				"%d ELSE %d END",
				OUTCOME_INSERTED, OUTCOME_ORPHANED, OUTCOME_KEPT);

		if (!edge->inner)
			continue;
		if (table->rule.on_orphan == ORPHAN_NULL)
			set = SQL("%s = NULL", own_column(merge, table, edge));
		merge_add(
			merge, ZDB_MERGE_REPEAT, table,
			SQL("UPDATE %s AS s SET %s WHERE s.\"zdb:state\" IN (%d, %d, %d) "
				"AND %s AND NOT EXISTS (SELECT 1 FROM %s AS e WHERE %s)",
				merge_stage(merge, table), set, OUTCOME_IDENTICAL,
				OUTCOME_INSERTED, OUTCOME_UPDATED,
				merge_refers(merge, table, edge, "s"),
				merge_stage(merge, &merge->tables[edge->parent]),
				merge_finds_parent(merge, table, edge, "e", "s")),
			"finding orphans in");
	}
}

/* New rows keep their id when it is free; else they get one beyond all. */
void
merge_give_ids(zdb_merge *merge, const merge_table *table)
{
	const char *id, *mine, *stage_name = merge_stage(merge, table), *last;

	if (table->surrogate < 0)
		return;
	id = table->columns[table->surrogate].sql;
	mine = table->columns[table->surrogate].common ? SQL("s.%s", id) : "NULL";
	last = SQL("SELECT max(%s) AS m FROM %s", id, table->sql);
	if (table->columns[table->surrogate].common)
		last =
			SQL("%s UNION ALL SELECT max(%s) FROM %s", last, id, stage_name);
	if (table->last_id)
		last = SQL("%s UNION ALL SELECT %s", last, table->last_id);
	merge_add(
		merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET \"zdb:p0\" = a.id FROM (SELECT t.n, CASE WHEN "
			"t.taken THEN b.m + row_number() OVER (PARTITION BY t.taken ORDER "
			"BY t.mine, t.n) ELSE t.mine END AS id FROM (SELECT %s AS n, %s "
			"AS "
			"mine, %s IS NULL OR EXISTS (SELECT 1 FROM %s AS l WHERE l.%s = "
			"%s) OR row_number() OVER (PARTITION BY %s ORDER BY %s) > 1 AS "
			"taken FROM %s AS s WHERE s.\"zdb:state\" = %d) AS t, (SELECT "
			"coalesce(max(m), 0) AS m FROM (%s) AS x) AS b) AS a WHERE a.n = "
			"%s",
			stage_name, merge_number(merge, "s"), mine, mine, table->sql, id,
			mine, mine, merge_number(merge, "s"), stage_name, OUTCOME_INSERTED,
			last, merge_number(merge, "s")),
		"giving ids to");
}

/* Duplicates stand for the row that counts, whatever became of it. */
void
merge_follow_first(zdb_merge *merge, const merge_table *table)
{
	const char *set = SQL("\"zdb:state\" = CASE WHEN e.\"zdb:state\" IN (%d, "
						  "%d, %d) THEN e.\"zdb:state\" ELSE %d END%s",
						  OUTCOME_ABSENT, OUTCOME_CONFLICT, OUTCOME_ORPHANED,
						  OUTCOME_DUPLICATE, take_ids(merge, table, "e"));

	if (!table->match || !merge_can_repeat(merge, table, table->match))
		return;
	for (int c = 0; c < table->column_count; c++)
		if (table->columns[c].common && table->columns[c].wanted_new)
			set = SQL("%s, \"zdb:v%d\" = e.\"zdb:v%d\"", set, c, c);
	merge_add(
		merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET %s FROM %s AS e WHERE s.\"zdb:state\" = %d "
			"AND "
			"%s = s.\"zdb:f\"",
			merge_stage(merge, table), set, merge_stage(merge, table),
			OUTCOME_DUPLICATE, merge_number(merge, "e")),
		"mapping duplicates of");
}

void
merge_fill_inner(zdb_merge *merge, const merge_table *table)
{
	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];
		const merge_table *parent = &merge->tables[edge->parent];
		const char *set = NULL, *any = NULL;

		if (!edge->inner || merge_keeps_ids(merge, parent))
			continue;
		for (int i = 0; i < edge->count; i++)
		{
			const char *column = table->columns[edge->columns[i]].sql;
			const char *value;

			if (!table->columns[edge->columns[i]].inner)
				continue; /* another reference has filled it */
			value = merge_new(merge, parent, edge->parent_columns[i], "e");

			set = merge_join(merge, set, ", ", SQL("%s = %s", column, value));
			any = merge_join(merge, any, " OR ",
							 SQL("s.%s <> %s", column, value));
		}
		if (set)
			merge_add(merge, ZDB_MERGE_RUN, table,
					  SQL("UPDATE %s AS s SET %s, \"zdb:r\" = s.\"zdb:r\" + "
						  "CASE WHEN "
						  "%s "
						  "THEN 1 ELSE 0 END FROM %s AS e WHERE "
						  "s.\"zdb:state\" NOT IN "
						  "(%d, %d) AND %s",
						  merge_stage(merge, table), set, any,
						  merge_stage(merge, parent), OUTCOME_CONFLICT,
						  OUTCOME_ORPHANED,
						  merge_finds_parent(merge, table, edge, "e", "s")),
					  "remapping references of");
	}
}

/* Rows that differ in nothing else may do so in these references. */
void
merge_decide_inner(zdb_merge *merge, const merge_table *table)
{
	bool has_inner = false;

	for (int c = 0; c < table->column_count; c++)
		has_inner =
			has_inner || (table->columns[c].inner && table->columns[c].common);
	if (!has_inner || !table->match)
		return;
	merge_add(
		merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET \"zdb:state\" = %s FROM %s AS l WHERE %s AND "
			"s.\"zdb:state\" IN (%d, %d) AND (%s)",
			merge_stage(merge, table),
			merge_verdict(merge, table, "l", "s", true), table->sql,
			merge_same_row(merge, table, "l", "s"), OUTCOME_IDENTICAL,
			table->rule.on_match == MATCH_FILL ? OUTCOME_KEPT
											   : OUTCOME_IDENTICAL,
			merge_changed(merge, table, "l", "s", true)),
		"comparing references of");
}
