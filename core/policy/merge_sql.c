/*
 * merge_sql - pieces of SQL over stage tables and live tables
 */
#include "core/policy/merge_sql.h"

#include <string.h>

const char *
merge_join(zdb_merge *merge, const char *list, const char *separator,
		   const char *item)
{
	return list ? SQL("%s%s%s", list, separator, item) : item;
}

const char *
merge_stage(zdb_merge *merge, const merge_table *table)
{
	return SQL("%s.\"zdb:s%d\"",
			   merge->dialect == ZDB_DIALECT_SQLITE ? "temp" : "pg_temp",
			   table->number);
}

const char *
merge_number(const zdb_merge *merge, const char *alias)
{
	return zdb_arena_format(
		&((zdb_merge *) merge)->arena, "%s.%s", alias,
		merge->dialect == ZDB_DIALECT_SQLITE ? "rowid" : "\"zdb:n\"");
}

const char *
merge_differs(zdb_merge *merge, const char *one, const char *other)
{
	return merge->dialect == ZDB_DIALECT_SQLITE
			   ? SQL("(%s) COLLATE BINARY IS NOT (%s)", one, other)
			   : SQL("%s IS DISTINCT FROM %s", one, other);
}

int
merge_id_count(const merge_table *table)
{
	return table->identity_count ? table->identity_count : 1;
}

const char *
merge_id(zdb_merge *merge, const merge_table *table, const char *alias, int i)
{
	return table->same_id
			   ? SQL("%s.%s", alias, table->columns[table->identity[i]].sql)
			   : SQL("%s.\"zdb:p%d\"", alias, i);
}

const char *
merge_live_id(zdb_merge *merge, const merge_table *table, const char *alias,
			  int i)
{
	return SQL("%s.%s", alias,
			   table->identity_count ? table->columns[table->identity[i]].sql
									 : table->row);
}

const char *
merge_element_equal(const merge_index *index, int i)
{
	return index->nulls_equal ? "=" : index->elements[i].equal;
}

const char *
merge_equal(const merge_column *one, const merge_column *other)
{
	return strcmp(one->equal, other->equal) == 0 ? one->equal : "=";
}

const char *
merge_id_equal(const zdb_merge *merge, const merge_table *table, int i)
{
	const char *equal =
		table->identity_count ? table->columns[table->identity[i]].equal : "=";

	/* while rows are written, others' operators are found by name, too */
	if (merge->dialect != ZDB_DIALECT_SQLITE && strcmp(equal, "=") == 0)
		return "OPERATOR(pg_catalog.=)";
	return equal;
}

const char *
merge_same_row(zdb_merge *merge, const merge_table *table, const char *live,
			   const char *staged)
{
	const char *all = NULL;

	for (int i = 0; i < merge_id_count(table); i++)
		all = merge_join(merge, all, " AND ",
						 SQL("%s %s %s", merge_live_id(merge, table, live, i),
							 merge_id_equal(merge, table, i),
							 merge_id(merge, table, staged, i)));
	return all;
}

const char *
merge_old(zdb_merge *merge, const merge_table *parent, int column,
		  const char *alias)
{
	return parent->columns[column].wanted_old
			   ? SQL("%s.\"zdb:o%d\"", alias, column)
			   : SQL("%s.%s", alias, parent->columns[column].sql);
}

const char *
merge_new(zdb_merge *merge, const merge_table *parent, int column,
		  const char *alias)
{
	for (int i = 0; i < parent->identity_count; i++)
		if (parent->identity[i] == column)
			return merge_id(merge, parent, alias, i);
	return SQL("%s.\"zdb:v%d\"", alias, column);
}

const char *
merge_finds_parent(zdb_merge *merge, const merge_table *table,
				   const merge_edge *edge, const char *alias,
				   const char *child)
{
	const merge_table *parent = &merge->tables[edge->parent];
	const char *all = NULL;

	for (int i = 0; i < edge->count; i++)
	{
		const merge_column *to = &parent->columns[edge->parent_columns[i]];
		const merge_column *from = &table->columns[edge->columns[i]];

		all = merge_join(
			merge, all, " AND ",
			SQL("%s%s %s %s",
				edge->staged
					? merge_old(merge, parent, edge->parent_columns[i], alias)
					: SQL("%s.%s", alias, to->sql),
				to->collate, merge_equal(from, to),
				edge->inner ? merge_old(merge, table, edge->columns[i], child)
							: SQL("%s.%s", child, from->sql)));
		if (edge->staged && to->wanted_new && !to->not_null)
			all =
				SQL("%s AND %s IS NOT NULL", all,
					merge_new(merge, parent, edge->parent_columns[i], alias));
	}
	return edge->staged
			   ? SQL("%s AND %s.\"zdb:state\" NOT IN (%d, %d, %d)", all, alias,
					 OUTCOME_ABSENT, OUTCOME_CONFLICT, OUTCOME_ORPHANED)
			   : all;
}

const char *
merge_refers(zdb_merge *merge, const merge_table *table,
			 const merge_edge *edge, const char *child)
{
	const char *all = NULL;

	for (int i = 0; i < edge->count; i++)
		all = merge_join(merge, all, " AND ",
						 SQL("%s.%s IS NOT NULL", child,
							 table->columns[edge->columns[i]].sql));
	return all;
}

const char *
merge_elements(zdb_merge *merge, const merge_index *index)
{
	const char *all = NULL;

	for (int i = 0; i < index->count; i++)
		all = merge_join(merge, all, ", ", index->elements[i].sql);
	return all;
}

const char *
merge_as_text(zdb_merge *merge, const merge_index *index)
{
	return SQL("ROW(%s)::pg_catalog.text", merge_elements(merge, index));
}

static bool
can_be_null(const merge_table *table, const merge_element *element)
{
	return element->column < 0 || !table->columns[element->column].not_null;
}

bool
merge_has_outsiders(const merge_table *table, const merge_index *index)
{
	for (int i = 0; !index->nulls_equal && i < index->count; i++)
		if (can_be_null(table, &index->elements[i]))
			return true;
	return index->where != NULL;
}

const char *
merge_in_index(zdb_merge *merge, const merge_table *table,
			   const merge_index *index)
{
	const char *all = index->where ? SQL("(%s)", index->where) : NULL;

	for (int i = 0; !index->nulls_equal && i < index->count; i++)
		if (can_be_null(table, &index->elements[i]))
			all = merge_join(merge, all, " AND ",
							 SQL("(%s) IS NOT NULL", index->elements[i].sql));
	return all ? all : "1 = 1";
}

static bool
is_compared(const merge_table *table, int column)
{
	return table->columns[column].common && column != table->surrogate;
}

const char *
merge_row_text(zdb_merge *merge, const merge_table *table)
{
	bool sqlite = merge->dialect == ZDB_DIALECT_SQLITE;
	const char *all = NULL;

	for (int c = 0; c < table->column_count; c++)
		if (is_compared(table, c) && !table->columns[c].inner)
			all = merge_join(merge, all, sqlite ? " || ',' || " : ", ",
							 sqlite ? SQL("quote(%s)", table->columns[c].sql)
									: table->columns[c].sql);
	if (!all)
		return "''";
	return sqlite ? all : SQL("ROW(%s)::pg_catalog.text", all);
}

const char *
merge_comparable(zdb_merge *merge, const merge_column *column,
				 const char *alias)
{
	return SQL("%s.%s%s", alias, column->sql,
			   column->as_text ? "::pg_catalog.text" : "");
}

const char *
merge_changed(zdb_merge *merge, const merge_table *table, const char *live,
			  const char *staged, bool inner)
{
	const char *any = NULL;

	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];

		if (column->common && !column->identity && column->inner == inner)
			any = merge_join(
				merge, any, " OR ",
				merge_differs(merge, merge_comparable(merge, column, live),
							  merge_comparable(merge, column, staged)));
	}
	return any ? any : "1 = 0";
}

static const char *
can_fill(zdb_merge *merge, const merge_table *table, const char *live,
		 const char *staged, bool inner)
{
	const char *any = NULL;

	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];

		if (column->common && !column->identity && column->inner == inner)
			any = merge_join(merge, any, " OR ",
							 SQL("%s.%s IS NULL AND %s.%s IS NOT NULL", live,
								 column->sql, staged, column->sql));
	}
	return any ? any : "1 = 0";
}

static const char *
verdict(zdb_merge *merge, const merge_table *table, const char *live,
		const char *staged, bool inner)
{
	const char *newest;

	switch (table->rule.on_match)
	{
		case MATCH_OVERWRITE:
			return SQL("%d", OUTCOME_UPDATED);
		case MATCH_NEWEST:
			newest = table->columns[table->newest_by].sql;
			return SQL("CASE WHEN %s.%s > %s.%s THEN %d ELSE %d END", staged,
					   newest, live, newest, OUTCOME_UPDATED, OUTCOME_KEPT);
		case MATCH_FILL:
			return SQL("CASE WHEN %s THEN %d ELSE %d END",
					   can_fill(merge, table, live, staged, inner),
					   OUTCOME_UPDATED, OUTCOME_KEPT);
		case MATCH_KEEP:
		case MATCH_FAIL:
			break;
	}
	return SQL("%d", OUTCOME_KEPT);
}

const char *
merge_verdict(zdb_merge *merge, const merge_table *table, const char *live,
			  const char *staged, bool inner)
{
	return merge_if_wanted(merge, table, staged,
						   verdict(merge, table, live, staged, inner),
						   OUTCOME_LEFT);
}

/* Columns that show which row it was: the key's, else the identity's, else
 * all. */
bool
merge_is_shown(const merge_table *table, int column)
{
	if (!table->columns[column].common)
		return false;
	if (!table->match)
		return table->identity_count == 0 || table->columns[column].identity;
	for (int i = 0; i < table->match->count; i++)
		if (table->match->elements[i].of == column)
			return true;
	return false;
}

int
merge_shown_count(const merge_table *table)
{
	int count = 0;

	for (int c = 0; c < table->column_count; c++)
		count += merge_is_shown(table, c);
	return count;
}

const char *
merge_json_value(zdb_merge *merge, const merge_column *column,
				 const char *alias)
{
	const char *value = SQL("%s.%s", alias, column->sql);

	return merge->dialect == ZDB_DIALECT_SQLITE
			   ? SQL("CASE WHEN typeof(%s) = 'blob' THEN quote(%s) WHEN %s IN "
					 "(9e999, -9e999) THEN CAST(%s AS TEXT) ELSE %s END",
					 value, value, value, value, value)
			   : value;
}

const char *
merge_lite_json(zdb_merge *merge, const char *value)
{
	return SQL("CASE typeof(%s) WHEN 'blob' THEN quote(%s) WHEN 'real' THEN "
			   "CASE WHEN %s IN (9e999, -9e999) THEN CAST(%s AS TEXT) ELSE "
			   "json(quote(%s)) END ELSE %s END",
			   value, value, value, value, value, value);
}

const char *
merge_key_json(zdb_merge *merge, const merge_table *table, const char *alias)
{
	bool sqlite = merge->dialect == ZDB_DIALECT_SQLITE;
	const char *all = NULL;

	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];
		const char *value;

		if (!merge_is_shown(table, c))
			continue;
		value = SQL("%s.%s", alias, column->sql);
		all = merge_join(merge, all, ", ",
						 SQL("%s, %s",
							 zdb_arena_literal(&merge->arena, column->name),
							 sqlite ? merge_lite_json(merge, value) : value));
	}
	return sqlite ? SQL("json_object(%s)", all ? all : "")
				  : SQL("pg_catalog.jsonb_build_object(%s)::pg_catalog.text",
						all ? all : "");
}
