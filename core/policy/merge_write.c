/*
 * merge_write - the statements of a merge, in order
 *
 * Group by group: stage all its tables, decide, give ids, fill in references
 * inside the group, count; then write to the live tables.
 */
#include "core/base/mem.h"
#include "core/policy/merge_sql.h"

static void
add(zdb_merge *merge, zdb_merge_kind kind, const merge_table *table,
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
			return;
		}
		merge->steps = steps;
		merge->step_cap = cap;
	}
	merge->steps[merge->step_count++] =
		(zdb_merge_step){kind, (int) (table - merge->tables), sql,
						 SQL("%s \"%s\"", what, table->name)};
	merge->steps[merge->step_count] = (zdb_merge_step){0};
}

/* A key that no index keeps unique must be so. */
static void
check_key(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;

	if (match != &table->own_key)
		return;
	add(merge, ZDB_MERGE_REFUSE, table,
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

static void
stage(zdb_merge *merge, const merge_table *table)
{
	add(merge, ZDB_MERGE_READ, table,
		SQL("SELECT count(*) FROM %s", table->source), "reading the rows of");
	add(merge, ZDB_MERGE_STAGE, table, merge_stage_sql(merge, table),
		"staging the rows of");
}

/* Children look rows up by what they refer to. PostgreSQL hashes. */
static void
index_parents(zdb_merge *merge, const merge_table *table)
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
					merge_old(merge, table, edge->parent_columns[i], "s") + 2);
			add(merge, ZDB_MERGE_RUN, table,
				SQL("CREATE INDEX temp.\"zdb:i%d_%d\" ON \"zdb:s%d\"(%s)",
					table->number, ++number, table->number, columns),
				"indexing the rows of");
		}
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
static void
match_whole_rows(zdb_merge *merge, const merge_table *table)
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
	add(merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET \"zdb:state\" = %d%s FROM (SELECT "
			"a.\"zdb:a\", "
			"b.* FROM (%s) AS a JOIN (%s) AS b ON a.\"zdb:t\" = b.\"zdb:t\" "
			"AND a.\"zdb:w\" = b.\"zdb:w\") AS m WHERE m.\"zdb:a\" = %s",
			merge_stage(merge, table), OUTCOME_IDENTICAL,
			take_ids(merge, table, "m"),
			numbered_rows(
				merge, SQL("%s AS \"zdb:a\"", merge_number(merge, "s")), text,
				SQL("%s AS s", merge_stage(merge, table)),
				SQL("\"zdb:state\" = %d AND %s", OUTCOME_INSERTED, where)),
			numbered_rows(merge, ids, text, SQL("%s AS l", table->sql), where),
			merge_number(merge, "s")),
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
		int edge = of >= 0 ? table->columns[of].edge : -1;

		if (edge >= 0 && !merge->tables[table->edges[edge].parent].same_id)
			return true;
	}
	return false;
}

/* Staged rows that are not the first of those that the index sees as one. */
static const char *
not_first(zdb_merge *merge, const merge_table *table, const merge_index *index,
		  const char *where)
{
	const char *keys = merge_elements(merge, index), *order = NULL;
	const char *from = merge_stage(merge, table);

	if (index->nulls_equal)
		keys = SQL("ROW(%s)::pg_catalog.text", keys);
	where = SQL("%s AND %s", where, merge_in_index(merge, table, index));
	for (int i = 0; i < table->identity_count; i++)
		if (table->columns[table->identity[i]].common)
			order = merge_join(merge, order, ", ",
							   table->columns[table->identity[i]].sql);
	order = merge_join(merge, order, ", ", merge_number(merge, "s"));
	return SQL("SELECT %s AS \"zdb:a\", first_value(%s) OVER w AS \"zdb:b\", "
			   "row_number() OVER w AS \"zdb:w\" FROM %s AS s WHERE %s AND "
			   "(%s) IN (SELECT %s FROM %s WHERE %s GROUP BY %s HAVING "
			   "count(*) > 1) WINDOW w AS (PARTITION BY %s ORDER BY %s)",
			   merge_number(merge, "s"), merge_number(merge, "s"), from, where,
			   keys, keys, from, where, keys, keys, order);
}

static void
find_duplicates(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;

	if (!match || (match->backup_unique && !moves(merge, table, match)))
		return;
	add(merge, ZDB_MERGE_RUN, table,
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
						  SQL("l.\"zdb:j%d\" = a.\"zdb:q%d\"", i, i));
	}
	for (int i = 0; i < index->count; i++)
	{
		const char *key =
			SQL(", %s AS \"zdb:k%d\"", index->elements[i].sql, i);

		staged = SQL("%s%s", staged, key);
		live = SQL("%s%s", live, key);
		on = merge_join(merge, on, " AND ",
						SQL("l.\"zdb:k%d\" = a.\"zdb:k%d\"", i, i));
	}
	add(merge, ZDB_MERGE_RUN, table,
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
	if (index->backup_unique && !moves(merge, table, index))
		return;
	add(merge, ZDB_MERGE_RUN, table,
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

static void
find_conflicts(zdb_merge *merge, const merge_table *table)
{
	for (int i = 0; i < table->index_count; i++)
	{
		const merge_index *index = &table->indexes[i];

		if (index == table->match || !index->usable ||
			!looks_at_common(table, index) ||
			(index->primary && (table->surrogate >= 0 || table->same_id)))
			continue;
		meet_live(merge, table, index, i + 1);
		meet_staged(merge, table, index, i + 1);
	}
}

/* References inside a group: rows whose parent will not be here. */
static void
find_inner_orphans(zdb_merge *merge, const merge_table *table)
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
			set = SQL("%s = NULL", table->columns[edge->columns[0]].sql);
		add(merge, ZDB_MERGE_REPEAT, table,
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
static void
give_ids(zdb_merge *merge, const merge_table *table)
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
	add(merge, ZDB_MERGE_RUN, table,
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
static void
follow_first(zdb_merge *merge, const merge_table *table)
{
	const char *set = SQL("\"zdb:state\" = CASE WHEN e.\"zdb:state\" IN (%d, "
						  "%d) THEN e.\"zdb:state\" ELSE %d END%s",
						  OUTCOME_CONFLICT, OUTCOME_ORPHANED,
						  OUTCOME_DUPLICATE, take_ids(merge, table, "e"));

	if (!table->match ||
		(table->match->backup_unique && !moves(merge, table, table->match)))
		return;
	for (int c = 0; c < table->column_count; c++)
		if (table->columns[c].common && table->columns[c].wanted_new)
			set = SQL("%s, \"zdb:v%d\" = e.\"zdb:v%d\"", set, c, c);
	add(merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET %s FROM %s AS e WHERE s.\"zdb:state\" = %d "
			"AND "
			"%s = s.\"zdb:f\"",
			merge_stage(merge, table), set, merge_stage(merge, table),
			OUTCOME_DUPLICATE, merge_number(merge, "e")),
		"mapping duplicates of");
}

static void
fill_inner(zdb_merge *merge, const merge_table *table)
{
	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];
		const merge_table *parent = &merge->tables[edge->parent];
		const char *set = NULL, *any = NULL;

		if (!edge->inner || parent->same_id)
			continue;
		for (int i = 0; i < edge->count; i++)
		{
			const char *column = table->columns[edge->columns[i]].sql;
			const char *value =
				merge_new(merge, parent, edge->parent_columns[i], "e");

			set = merge_join(merge, set, ", ", SQL("%s = %s", column, value));
			any = merge_join(merge, any, " OR ",
							 SQL("s.%s <> %s", column, value));
		}
		add(merge, ZDB_MERGE_RUN, table,
			SQL("UPDATE %s AS s SET %s, \"zdb:r\" = s.\"zdb:r\" + CASE WHEN "
				"%s "
				"THEN 1 ELSE 0 END FROM %s AS e WHERE s.\"zdb:state\" NOT IN "
				"(%d, %d) AND %s",
				merge_stage(merge, table), set, any,
				merge_stage(merge, parent), OUTCOME_CONFLICT, OUTCOME_ORPHANED,
				merge_finds_parent(merge, table, edge, "e", "s")),
			"remapping references of");
	}
}

/* Rows that differ in nothing else may do so in these references. */
static void
decide_inner(zdb_merge *merge, const merge_table *table)
{
	bool has_inner = false;

	for (int c = 0; c < table->column_count; c++)
		has_inner =
			has_inner || (table->columns[c].inner && table->columns[c].common);
	if (!has_inner || !table->match)
		return;
	add(merge, ZDB_MERGE_RUN, table,
		SQL("UPDATE %s AS s SET \"zdb:state\" = %s FROM %s AS l WHERE %s AND "
			"s.\"zdb:state\" IN (%d, %d) AND (%s)",
			merge_stage(merge, table), merge_verdict(merge, table, "l", "s"),
			table->sql, merge_same_row(merge, table, "l", "s"),
			OUTCOME_IDENTICAL,
			table->rule.on_match == MATCH_FILL ? OUTCOME_KEPT
											   : OUTCOME_IDENTICAL,
			merge_changed(merge, table, "l", "s", true)),
		"comparing references of");
}

static void
refuse(zdb_merge *merge, const merge_table *table, merge_outcome outcome,
	   const char *reason)
{
	add(merge, ZDB_MERGE_REFUSE, table,
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
	add(merge, ZDB_MERGE_COUNT, table,
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
	add(merge, ZDB_MERGE_CONFLICT, table,
		SQL("SELECT s.\"zdb:state\", %s, %s FROM %s AS s WHERE "
			"s.\"zdb:state\" "
			"IN (%d, %d, %d) ORDER BY %s LIMIT 100",
			index_names(merge, table), merge_key_json(merge, table, "s"),
			merge_stage(merge, table), OUTCOME_CONFLICT, OUTCOME_ORPHANED,
			OUTCOME_DUPLICATE, merge_number(merge, "s")),
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
	/* LIMIT -1 has SQLite make a table of it, which it can index */
	add(merge, ZDB_MERGE_NEAR, table,
		SQL("SELECT s.k, l.k FROM (SELECT %s AS k, lower(trim(%s)) AS f FROM "
			"%s WHERE \"zdb:state\" = %d) AS s JOIN (SELECT %s AS k, "
			"lower(trim(%s)) AS f FROM %s%s) AS l ON l.f = s.f LIMIT 100",
			key, key, merge_stage(merge, table), OUTCOME_INSERTED, key, key,
			table->sql,
			merge->dialect == ZDB_DIALECT_SQLITE ? " LIMIT -1" : ""),
		"looking for near duplicates in");
}

static int
identity_place(const merge_table *table, int column)
{
	for (int i = 0; i < table->identity_count; i++)
		if (table->identity[i] == column)
			return i;
	return -1;
}

static void
insert(zdb_merge *merge, const merge_table *table)
{
	const char *names = NULL, *values = NULL, *overriding = "";

	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];
		int place = identity_place(table, c);
		const char *value = SQL("s.%s", column->sql);

		if (!column->common && c != table->surrogate)
			continue;
		if (place >= 0)
			value = merge_id(merge, table, "s", place);
		if (column->late)
			value = "NULL";
		if (column->always)
			overriding = " OVERRIDING SYSTEM VALUE";
		names = merge_join(merge, names, ", ", column->sql);
		values = merge_join(merge, values, ", ", value);
	}
	add(merge, ZDB_MERGE_INSERT, table,
		SQL("INSERT INTO %s (%s)%s SELECT %s FROM %s AS s WHERE "
			"s.\"zdb:state\" = %d ORDER BY %s",
			table->sql, names, overriding, values, merge_stage(merge, table),
			OUTCOME_INSERTED, merge_number(merge, "s")),
		"inserting into");
}

static const char *
assignments(zdb_merge *merge, const merge_table *table, bool late)
{
	const char *list = NULL;

	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];

		if (!column->common || column->identity || column->always ||
			column->late != late)
			continue;
		list = merge_join(merge, list, ", ",
						  table->rule.on_match == MATCH_FILL && !late
							  ? SQL("%s = coalesce(l.%s, s.%s)", column->sql,
									column->sql, column->sql)
							  : SQL("%s = s.%s", column->sql, column->sql));
	}
	return list;
}

static void
update(zdb_merge *merge, const merge_table *table)
{
	const char *set = assignments(merge, table, false);

	if (!set || table->rule.on_match == MATCH_KEEP ||
		table->rule.on_match == MATCH_FAIL)
		return;
	add(merge, ZDB_MERGE_UPDATE, table,
		SQL("UPDATE %s AS l SET %s FROM %s AS s WHERE %s AND s.\"zdb:state\" "
			"= "
			"%d",
			table->sql, set, merge_stage(merge, table),
			merge_same_row(merge, table, "l", "s"), OUTCOME_UPDATED),
		"updating");
}

/* References to tables that are filled after this one. */
static void
update_late(zdb_merge *merge, const merge_table *table)
{
	const char *set = assignments(merge, table, true);

	if (set)
		add(merge, ZDB_MERGE_RUN, table,
			SQL("UPDATE %s AS l SET %s FROM %s AS s WHERE %s AND "
				"s.\"zdb:state\" IN (%d, %d)",
				table->sql, set, merge_stage(merge, table),
				merge_same_row(merge, table, "l", "s"), OUTCOME_INSERTED,
				OUTCOME_UPDATED),
			"updating references of");
}

static void
drop(zdb_merge *merge, const merge_table *table)
{
	add(merge, ZDB_MERGE_RUN, table,
		SQL("DROP TABLE %s", merge_stage(merge, table)), "tidying up after");
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
		check_key,          stage,           match_whole_rows,
		index_parents,      find_duplicates, find_conflicts,
		find_inner_orphans, give_ids,        follow_first,
		fill_inner,         decide_inner,    count,
		find_near,          insert,          update,
		update_late};

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
