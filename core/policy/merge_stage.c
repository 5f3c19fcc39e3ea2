/*
 * merge_stage - the statement that reads a table's rows, remaps their
 * references, finds their live rows and decides
 */
#include <string.h>

#include "core/policy/merge_sql.h"

/* Whose staged rows are looked up while rows are read. */
static bool
is_outer(const merge_edge *edge)
{
	return edge->staged && !edge->inner;
}

static const char *
no_parent(zdb_merge *merge, const merge_table *table, int e)
{
	const merge_edge *edge = &table->edges[e];
	const char *found =
		edge->staged ? SQL("e%d.\"zdb:state\" IS NULL", e)
					 : SQL("NOT EXISTS (SELECT 1 FROM %s AS e WHERE %s)",
						   merge->tables[edge->parent].sql,
						   merge_finds_parent(merge, table, edge, "e", "x"));

	return SQL("(%s AND %s)", merge_refers(merge, table, edge, "x"), found);
}

static const char *
orphan_flag(zdb_merge *merge, const merge_table *table)
{
	const char *any = NULL;

	for (int e = 0; e < table->edge_count; e++)
		if (!table->edges[e].inner && table->rule.on_orphan != ORPHAN_NULL &&
			table->rule.on_orphan != ORPHAN_STAY)
			any = merge_join(merge, any, " OR ", no_parent(merge, table, e));
	return any ? any : "1 = 0";
}

static int
place_in(const merge_edge *edge, int column)
{
	int i = edge->count - 1;

	while (i >= 0 && edge->columns[i] != column)
		i--;
	return i;
}

static const char *
parents_value(zdb_merge *merge, const merge_table *table, int c, int e)
{
	const merge_edge *edge = &table->edges[e];
	const merge_table *parent = &merge->tables[edge->parent];
	int column = edge->parent_columns[place_in(edge, c)];
	const char *value = merge_new(merge, parent, column, SQL("e%d", e));

	if (table->rule.on_orphan == ORPHAN_STAY)
		value = SQL("coalesce(%s, x.%s)", value, table->columns[c].sql);
	/* what is equal for the parent keeps its spelling */
	return *parent->columns[column].collate
			   ? SQL("CASE WHEN %s = x.%s%s THEN x.%s ELSE %s END", value,
					 table->columns[c].sql, parent->columns[column].collate,
					 table->columns[c].sql, value)
			   : value;
}

/* References to tables that take no part: NULL where the row is not there. */
static const char *
nulled(zdb_merge *merge, const merge_table *table, int c)
{
	const char *any = NULL;

	for (int e = 0; e < table->edge_count; e++)
		for (int i = 0; i < table->edges[e].count; i++)
			if (table->edges[e].columns[i] == c && !table->edges[e].staged &&
				table->rule.on_orphan == ORPHAN_NULL)
				any =
					merge_join(merge, any, " OR ", no_parent(merge, table, e));
	return any ? SQL("CASE WHEN %s THEN NULL ELSE x.%s END", any,
					 table->columns[c].sql)
			   : SQL("x.%s", table->columns[c].sql);
}

/* A column as its parents have it afterwards. Where several references share
 * it, those of more columns go first, because all of these must agree; what is
 * partly NULL refers to nothing (MATCH SIMPLE), and the next one counts. */
static const char *
read_column(zdb_merge *merge, const merge_table *table, int c)
{
	const char *value = nulled(merge, table, c);
	bool alone = false;

	for (int e = table->edge_count - 1; e >= 0; e--)
		if (is_outer(&table->edges[e]) && table->edges[e].count == 1 &&
			table->edges[e].columns[0] == c)
		{
			value = parents_value(merge, table, c, e);
			alone = true;
		}
	for (int e = table->edge_count - 1; e >= 0; e--)
		if (is_outer(&table->edges[e]) && table->edges[e].count > 1 &&
			place_in(&table->edges[e], c) >= 0)
			value =
				SQL("CASE WHEN %s THEN %s ELSE %s END",
					alone ? SQL("e%d.\"zdb:state\" IS NOT NULL", e)
						  : merge_refers(merge, table, &table->edges[e], "x"),
					parents_value(merge, table, c, e), value);
	return value;
}

/* How many references of the row change. */
static const char *
remap_count(zdb_merge *merge, const merge_table *table)
{
	const char *sum = NULL;

	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];
		const merge_table *parent = &merge->tables[edge->parent];
		const char *any = NULL;

		if (!is_outer(edge) || merge_keeps_ids(merge, parent))
			continue;
		for (int i = 0; i < edge->count; i++)
			any = merge_join(
				merge, any, " OR ",
				SQL("%s <> %s%s",
					merge_new(merge, parent, edge->parent_columns[i],
							  SQL("e%d", e)),
					merge_old(merge, parent, edge->parent_columns[i],
							  SQL("e%d", e)),
					parent->columns[edge->parent_columns[i]].collate));
		sum = merge_join(merge, sum, " + ",
						 SQL("CASE WHEN %s THEN 1 ELSE 0 END", any));
	}
	return sum ? sum : "0";
}

/* What rows are read from. In SQLite that is a virtual table, which would be
 * asked for a column wherever it is mentioned: so all are asked for once a
 * row, beforehand. LIMIT -1 keeps the two SELECTs apart. */
static const char *
source(zdb_merge *merge, const merge_table *table)
{
	const char *list = NULL;

	if (merge->dialect != ZDB_DIALECT_SQLITE)
		return table->source;
	for (int c = 0; c < table->column_count; c++)
		if (table->columns[c].common)
			list = merge_join(merge, list, ", ", table->columns[c].sql);
	return SQL("(SELECT %s FROM %s LIMIT -1)", list ? list : "NULL",
			   table->source);
}

static const char *
join_parent(zdb_merge *merge, const merge_table *table, int e,
			const char *from, const char *join)
{
	const merge_edge *edge = &table->edges[e];

	return SQL("%s %s %s AS e%d ON %s", from, join,
			   merge_stage(merge, &merge->tables[edge->parent]), e,
			   merge_finds_parent(merge, table, edge, SQL("e%d", e), "x"));
}

/* The backup's rows with their references remapped. */
static const char *
read_rows(zdb_merge *merge, const merge_table *table)
{
	const char *list = NULL, *from = SQL("%s AS x", source(merge, table));

	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];

		if (!column->common)
			continue;
		list = merge_join(
			merge, list, ", ",
			SQL("%s AS %s", read_column(merge, table, c), column->sql));
		if (column->wanted_old)
			list = merge_join(merge, list, ", ",
							  SQL("x.%s AS \"zdb:o%d\"", column->sql, c));
	}
	for (int e = 0; e < table->edge_count; e++)
		if (is_outer(&table->edges[e]))
			from = join_parent(merge, table, e, from, "LEFT JOIN");
	return SQL("SELECT %s%s%s AS \"zdb:r\", CASE WHEN %s THEN 1 ELSE 0 END AS "
			   "\"zdb:orphan\" FROM %s",
			   list ? list : "", list ? ", " : "", remap_count(merge, table),
			   orphan_flag(merge, table), from);
}

/* Columns by name are compared as they are; expressions, collations of the
 * index and predicates need columns of their own. */
static bool
is_simple(const merge_index *index)
{
	for (int i = 0; i < index->count; i++)
		if (index->elements[i].column < 0 || !index->elements[i].plain)
			return false;
	return !index->where && !index->nulls_equal;
}

static const char *
key_columns(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;
	const char *list = NULL;

	if (match->nulls_equal)
		return SQL("%s AS \"zdb:k0\"", merge_as_text(merge, match));
	for (int i = 0; i < match->count; i++)
		list = merge_join(merge, list, ", ",
						  SQL("%s AS \"zdb:k%d\"", match->elements[i].sql, i));
	return list;
}

static const char *
staged_rows(zdb_merge *merge, const merge_table *table)
{
	const char *rows = read_rows(merge, table);

	if (!table->match || is_simple(table->match))
		return rows;
	return SQL("SELECT y.*, %s, CASE WHEN %s THEN 1 ELSE 0 END AS \"zdb:in\" "
			   "FROM (%s) AS y",
			   key_columns(merge, table),
			   merge_in_index(merge, table, table->match), rows);
}

static const char *
join_live(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;
	const char *on = NULL;

	if (!match)
		return "";
	for (int i = 0; i < (match->nulls_equal ? 1 : match->count); i++)
	{
		const char *column =
			is_simple(match) ? table->columns[match->elements[i].column].sql
							 : SQL("\"zdb:k%d\"", i);

		on = merge_join(merge, on, " AND ",
						SQL("l.%s %s s.%s", column,
							merge_element_equal(match, i), column));
	}
	if (is_simple(match))
		return SQL(" LEFT JOIN %s AS l ON %s", table->sql, on);
	return SQL(" LEFT JOIN (SELECT *, %s%s%s FROM %s WHERE %s) AS l"
			   " ON %s AND s.\"zdb:in\" = 1",
			   table->identity_count ? "" : table->row,
			   table->identity_count ? "" : ", ", key_columns(merge, table),
			   table->sql, merge_in_index(merge, table, match), on);
}

/* What will name the live row. A surrogate comes later. */
static const char *
id_column(zdb_merge *merge, const merge_table *table, int i)
{
	const char *live;

	if (!table->match)
		return merge->dialect == ZDB_DIALECT_SQLITE ? "NULL" : "NULL::tid";
	live = merge_live_id(merge, table, "l", i);
	if (table->surrogate >= 0 || !table->identity_count ||
		!table->columns[table->identity[i]].common)
		return live;
	return SQL("CASE WHEN %s IS NULL THEN s.%s ELSE %s END",
			   merge_live_id(merge, table, "l", 0),
			   table->columns[table->identity[i]].sql, live);
}

/* A referenced column as the live row has it afterwards. */
static const char *
value_column(zdb_merge *merge, const merge_table *table, int c)
{
	const char *column = table->columns[c].sql;
	const char *written = SQL("s.%s", column), *probe;

	if (!table->match)
		return written;
	if (table->rule.on_match == MATCH_FILL)
		written = SQL("coalesce(l.%s, s.%s)", column, column);
	probe = merge_live_id(merge, table, "l", 0);
	return SQL("CASE WHEN %s IS NULL THEN s.%s WHEN %s = %d THEN %s ELSE l.%s "
			   "END",
			   probe, column, merge_verdict(merge, table, "l", "s", false),
			   OUTCOME_UPDATED, written, column);
}

/* Does the key say nothing about the row? Then all of it is compared. */
static const char *
outside_key(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;
	const char *any = NULL;

	if (!match)
		return table->rule.no_key == NO_KEY_APPEND ? "1 = 0" : "1 = 1";
	if (!merge_has_outsiders(table, match))
		return "1 = 0";
	if (!is_simple(match))
		return "s.\"zdb:in\" = 0";
	for (int i = 0; i < match->count; i++)
		any = merge_join(merge, any, " OR ",
						 SQL("s.%s IS NULL",
							 table->columns[match->elements[i].column].sql));
	return any;
}

static const char *
state_column(zdb_merge *merge, const merge_table *table)
{
	const char *fresh = SQL("CASE WHEN s.\"zdb:orphan\" = 1 THEN %d WHEN %s "
							"THEN %d ELSE %d END",
							OUTCOME_ORPHANED, outside_key(merge, table),
							OUTCOME_NONE, OUTCOME_INSERTED);

	fresh = merge_if_wanted(merge, table, "s", fresh, OUTCOME_ABSENT);
	if (!table->match)
		return fresh;
	return SQL(
		"CASE WHEN %s IS NULL THEN %s WHEN s.\"zdb:orphan\" = 1 THEN %d "
		"WHEN NOT (%s) THEN %d ELSE %s END",
		merge_live_id(merge, table, "l", 0), fresh, OUTCOME_KEPT,
		merge_changed(merge, table, "l", "s", false), OUTCOME_IDENTICAL,
		merge_verdict(merge, table, "l", "s", false));
}

static const char *
stage_columns(zdb_merge *merge, const merge_table *table)
{
	bool sqlite = merge->dialect == ZDB_DIALECT_SQLITE;
	const char *list = sqlite ? NULL : "0::pg_catalog.int8 AS \"zdb:n\"";

	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];

		if (!column->common)
			continue;
		list = merge_join(merge, list, ", ",
						  SQL("s.%s AS %s", column->sql, column->sql));
		if (column->wanted_old)
			list = merge_join(merge, list, ", ",
							  SQL("s.\"zdb:o%d\" AS \"zdb:o%d\"", c, c));
		if (column->wanted_new)
			list = merge_join(
				merge, list, ", ",
				SQL("%s AS \"zdb:v%d\"", value_column(merge, table, c), c));
	}
	for (int i = 0; !table->same_id && i < merge_id_count(table); i++)
		list = merge_join(
			merge, list, ", ",
			SQL("%s AS \"zdb:p%d\"", id_column(merge, table, i), i));
	if (table->rule.rows)
		list = SQL("%s, s.\"zdb:w\" AS \"zdb:w\"", list);
	return SQL("%s, %s AS \"zdb:f\", 0 AS \"zdb:c\", s.\"zdb:r\" AS "
			   "\"zdb:r\", %s AS \"zdb:state\"",
			   list, sqlite ? "NULL" : "NULL::pg_catalog.int8",
			   state_column(merge, table));
}

const char *
merge_stage_sql(zdb_merge *merge, const merge_table *table)
{
	return SQL("SELECT %s FROM (%s) AS s%s%s", stage_columns(merge, table),
			   merge_mark_wanted(merge, table, staged_rows(merge, table)),
			   join_live(merge, table),
			   table->direct ? SQL(" WHERE s.\"zdb:orphan\" = 1 OR %s",
								   outside_key(merge, table))
							 : "");
}

bool
merge_can_insert_directly(const merge_table *table)
{
	return table->match && table->match != &table->own_key &&
		   !table->rule.rows && is_simple(table->match);
}

static bool
always_refers(const merge_table *table, const merge_edge *edge)
{
	for (int i = 0; i < edge->count; i++)
		if (!table->columns[edge->columns[i]].not_null)
			return false;
	return true;
}

/* The rows and their parents; those without a parent that they must have are
 * missing. */
static const char *
direct_source(zdb_merge *merge, const merge_table *table)
{
	const char *from = SQL("%s AS x", table->source);

	for (int e = 0; e < table->edge_count; e++)
		if (is_outer(&table->edges[e]))
			from = join_parent(merge, table, e, from,
							   always_refers(table, &table->edges[e])
								   ? "CROSS JOIN"
								   : "LEFT JOIN");
	return from;
}

/* Rows that have their parents, and all of their key. */
static const char *
direct_rows(zdb_merge *merge, const merge_table *table)
{
	const merge_index *match = table->match;
	const char *all = "1 = 1";

	for (int e = 0; e < table->edge_count; e++)
		if (table->rule.on_orphan != ORPHAN_NULL &&
			!(is_outer(&table->edges[e]) &&
			  always_refers(table, &table->edges[e])))
			all = SQL("%s AND NOT %s", all, no_parent(merge, table, e));
	for (int i = 0; merge_has_outsiders(table, match) && i < match->count; i++)
		all = SQL("%s AND %s IS NOT NULL", all,
				  read_column(merge, table, match->elements[i].column));
	return all;
}

/* The columns' values. The last one counts the references that change, where
 * some can, on its way. */
static const char *
direct_values(zdb_merge *merge, const merge_table *table, const char **names)
{
	const char *values = NULL, *count = remap_count(merge, table);
	int last = table->column_count - 1;

	while (!table->columns[last].common)
		last--;
	for (int c = 0; c <= last; c++)
	{
		const char *value;

		if (!table->columns[c].common)
			continue;
		value = read_column(merge, table, c);
		if (c == last && strcmp(count, "0") != 0)
			value = SQL("zdb_merge_tally(?1, %s, %d, %s)", count, OUTCOME_NONE,
						value);
		*names = merge_join(merge, *names, ", ", table->columns[c].sql);
		values = merge_join(merge, values, ", ", value);
	}
	return values;
}

/* The SELECT must not read the live table: SQLite would put all rows aside
 * first, which takes twice as long. So the key's own index finds the live
 * row, and the WHERE of an update that never happens compares it. */
const char *
merge_direct_sql(zdb_merge *merge, const merge_table *table)
{
	const char *names = NULL, *values = direct_values(merge, table, &names);

	return SQL(
		"INSERT OR ABORT INTO %s AS l (%s) SELECT %s FROM %s WHERE %s ON "
		"CONFLICT (%s) DO UPDATE SET %s = %s WHERE zdb_merge_tally(?1, 0, "
		"CASE WHEN %s THEN %d ELSE %d END, 0)",
		table->into, names, values, direct_source(merge, table),
		direct_rows(merge, table), merge_elements(merge, table->match),
		table->match->elements[0].sql, table->match->elements[0].sql,
		merge_changed(merge, table, "l", "excluded", false), OUTCOME_KEPT,
		OUTCOME_IDENTICAL);
}
