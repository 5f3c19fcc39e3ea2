/*
 * diff_rows - the rows that a comparison gives, as SQL
 */
#include <string.h>

#include "core/policy/diff_sql.h"

static bool
is_sqlite(const zdb_merge *merge)
{
	return merge->dialect == ZDB_DIALECT_SQLITE;
}

/* Is the column's value one that can differ? */
static bool
is_compared(const merge_column *column)
{
	return column->common && !column->identity;
}

/* (name, value) or (name, value, differs) for each column, as rows. */
static const char *
column_rows(zdb_merge *merge, const merge_table *table, const char *alias,
			bool changed)
{
	const char *rows = NULL;

	for (int c = 0; c < table->column_count; c++)
	{
		const merge_column *column = &table->columns[c];
		const char *value = SQL("%s.%s", alias, column->sql), *differs = "";

		if (changed ? !is_compared(column) : !column->common)
			continue;
		if (!is_sqlite(merge))
			value = SQL("pg_catalog.to_json(%s)", value);
		if (changed)
		{
			differs =
				merge_differs(merge, merge_comparable(merge, column, "l"),
							  merge_comparable(merge, column, "s"));
			if (!is_sqlite(merge)) /* do not write what nobody sees */
				value = SQL("CASE WHEN %s THEN %s END", differs, value);
			differs = SQL(", %s", differs);
		}
		rows = merge_join(merge, rows, ", ",
						  SQL("(%s, %s%s)",
							  zdb_arena_literal(&merge->arena, column->name),
							  value, differs));
	}
	return rows;
}

/* A row as a JSON object: its columns, or those that differ. */
static const char *
object(zdb_merge *merge, const merge_table *table, const char *alias,
	   bool changed)
{
	const char *rows = column_rows(merge, table, alias, changed);

	if (!rows)
		return is_sqlite(merge) ? "'{}'" : "'{}'::pg_catalog.json";
	return SQL("(WITH c(n, v%s) AS (VALUES %s) SELECT %s FROM c%s)",
			   changed ? ", differs" : "", rows,
			   is_sqlite(merge) ? SQL("json_group_object(n, %s)",
									  merge_lite_json(merge, "v"))
								: "pg_catalog.json_object_agg(n, v)",
			   changed ? " WHERE differs" : "");
}

static const char *
changed_names(zdb_merge *merge, const merge_table *table)
{
	const char *rows = NULL;

	for (int c = 0; c < table->column_count; c++)
		if (is_compared(&table->columns[c]))
			rows = merge_join(
				merge, rows, ", ",
				SQL("(%s, %s)",
					zdb_arena_literal(&merge->arena, table->columns[c].name),
					merge_differs(
						merge,
						merge_comparable(merge, &table->columns[c], "l"),
						merge_comparable(merge, &table->columns[c], "s"))));
	return SQL("(WITH c(n, differs) AS (VALUES %s) SELECT %s FROM c WHERE "
			   "differs)",
			   rows,
			   is_sqlite(merge) ? "json_group_array(n)"
								: "pg_catalog.jsonb_agg(n)");
}

static const char *
nothing(const zdb_merge *merge, const char *type)
{
	return is_sqlite(merge) ? "NULL"
							: zdb_arena_format(&((zdb_merge *) merge)->arena,
											   "NULL::pg_catalog.%s", type);
}

static const char *
key_of(zdb_merge *merge, const merge_table *table, const char *alias)
{
	if (!table->match)
		return nothing(merge, "jsonb");
	return is_sqlite(merge) ? merge_key_json(merge, table, alias)
							: SQL("(%s)::pg_catalog.jsonb",
								  merge_key_json(merge, table, alias));
}

/* The key's columns (last: not), or what else names a row, which counts where
 * the key is NULL. */
static bool
is_ordered_by(const merge_table *table, int column, bool last)
{
	return last ? table->columns[column].identity &&
					  table->columns[column].common &&
					  !merge_is_shown(table, column)
				: merge_is_shown(table, column);
}

/* What rows are ordered by; without a key all of the row. Returns how many
 * columns that are. */
static int
order_columns(zdb_merge *merge, const merge_table *table, const char *alias,
			  const char **list)
{
	int count = 0;

	*list = "";
	if (!table->match)
	{
		*list = SQL(", %s AS \"zdb:k0\"", merge_row_text(merge, table));
		return 1;
	}
	for (int last = 0; last <= 1; last++)
		for (int c = 0; c < table->column_count; c++)
			if (is_ordered_by(table, c, last))
				*list = SQL("%s, %s AS \"zdb:k%d\"", *list,
							merge_comparable(merge, &table->columns[c], alias),
							count++);
	return count;
}

static const char *
order_by(zdb_merge *merge, const merge_table *table)
{
	const char *columns, *list = "";
	int count = order_columns(merge, table, "d", &columns);

	for (int i = 0; i < count; i++)
		list = SQL("%sd.\"zdb:k%d\", ", list, i);
	return SQL("%sd.kind", list);
}

static const char *
branch(zdb_merge *merge, const merge_table *table, const char *kind,
	   const char *alias, const char *columns, const char *live,
	   const char *backup)
{
	const char *order;

	order_columns(merge, table, alias, &order);
	return SQL("SELECT %s%s AS kind, %s AS key, %s AS columns, %s AS live, %s "
			   "AS backup%s",
			   zdb_arena_literal(&merge->arena, kind),
			   is_sqlite(merge) ? "" : "::pg_catalog.text",
			   key_of(merge, table, alias), columns, live, backup, order);
}

/* Live rows without a partner. */
static const char *
from_only_live(zdb_merge *merge, const merge_table *table)
{
	const char *same = NULL;

	for (int i = 0; i < merge_id_count(table); i++)
		same = merge_join(
			merge, same, " AND ",
			SQL("%s %s %s", merge_live_id(merge, table, "l", i),
				is_sqlite(merge) ? "IS" : merge_id_equal(merge, table, i),
				merge_id(merge, table, "s", i)));
	return SQL("FROM %s AS l WHERE NOT EXISTS (SELECT 1 FROM %s AS s WHERE %s "
			   "AND s.\"zdb:state\" IN (%d, %d))",
			   table->sql, merge_stage(merge, table), same, OUTCOME_IDENTICAL,
			   OUTCOME_KEPT);
}

static const char *
from_only_backup(zdb_merge *merge, const merge_table *table)
{
	return SQL("FROM %s AS s WHERE s.\"zdb:state\" IN (%d, %d)",
			   merge_stage(merge, table), OUTCOME_INSERTED, OUTCOME_DUPLICATE);
}

static const char *
from_changed(zdb_merge *merge, const merge_table *table)
{
	return SQL("FROM %s AS s JOIN %s AS l ON %s WHERE s.\"zdb:state\" = %d",
			   merge_stage(merge, table), table->sql,
			   merge_same_row(merge, table, "l", "s"), OUTCOME_KEPT);
}

static bool
can_change(const merge_table *table)
{
	for (int c = 0; table->match && c < table->column_count; c++)
		if (is_compared(&table->columns[c]))
			return true;
	return false;
}

const char *
diff_all_rows(zdb_merge *merge, const merge_table *table, const char *label)
{
	const char *names = nothing(merge, "jsonb"),
			   *none = nothing(merge, "json");
	const char *all = SQL("%s %s UNION ALL %s %s",
						  branch(merge, table, "only_backup", "s", names, none,
								 object(merge, table, "s", false)),
						  from_only_backup(merge, table),
						  branch(merge, table, "only_live", "l", names,
								 object(merge, table, "l", false), none),
						  from_only_live(merge, table));

	if (can_change(table))
		all = SQL("%s %s UNION ALL %s",
				  branch(merge, table, "changed", "s",
						 changed_names(merge, table),
						 object(merge, table, "l", true),
						 object(merge, table, "s", true)),
				  from_changed(merge, table), all);
	return SQL("SELECT %s, d.kind, d.key, d.columns, d.live, d.backup, %s "
			   "FROM (%s) AS d ORDER BY %s",
			   label, is_sqlite(merge) ? "1" : "1::pg_catalog.int8", all,
			   order_by(merge, table));
}

static const char *
count_of(zdb_merge *merge, const char *kind, int place, const char *from)
{
	return SQL("SELECT %s%s AS kind, %d AS place, count(*) AS n %s",
			   zdb_arena_literal(&merge->arena, kind),
			   is_sqlite(merge) ? "" : "::pg_catalog.text", place, from);
}

static const char *
of_state(zdb_merge *merge, const merge_table *table, merge_outcome state)
{
	return SQL("FROM %s AS s WHERE s.\"zdb:state\" = %d",
			   merge_stage(merge, table), state);
}

const char *
diff_counts(zdb_merge *merge, const merge_table *table, const char *label)
{
	return SQL(
		"SELECT %s, d.kind, %s, %s, %s, %s, d.n FROM (%s UNION ALL %s "
		"UNION ALL %s UNION ALL %s) AS d WHERE d.n > 0 OR d.place = 1 "
		"ORDER BY d.place",
		label, nothing(merge, "jsonb"), nothing(merge, "jsonb"),
		nothing(merge, "json"), nothing(merge, "json"),
		count_of(merge, "same", 1, of_state(merge, table, OUTCOME_IDENTICAL)),
		count_of(merge, "changed", 2, of_state(merge, table, OUTCOME_KEPT)),
		count_of(merge, "only_backup", 3, from_only_backup(merge, table)),
		count_of(merge, "only_live", 4, from_only_live(merge, table)));
}

const char *
diff_lone_table(zdb_merge *merge, const char *label, const char *kind)
{
	return SQL("SELECT %s, %s%s, %s, %s, %s, %s, %s", label,
			   zdb_arena_literal(&merge->arena, kind),
			   is_sqlite(merge) ? "" : "::pg_catalog.text",
			   nothing(merge, "jsonb"), nothing(merge, "jsonb"),
			   nothing(merge, "json"), nothing(merge, "json"),
			   nothing(merge, "int8"));
}
