/*
 * diff_write - the statements of a comparison: stage as a merge does, then
 * read what differs
 */
#include <stdlib.h>
#include <string.h>

#include "core/policy/merge_sql.h"

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

/* SQLite's JSON has no blobs; reals by as many digits as they need. */
#define LITE_VALUE                                                         \
	"CASE typeof(v) WHEN 'blob' THEN quote(v) WHEN 'real' THEN CASE WHEN " \
	"abs(v) <= 1.7976931348623157e308 THEN json(quote(v)) ELSE CAST(v AS " \
	"TEXT) END ELSE v END"

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
			   is_sqlite(merge) ? "json_group_object(n, " LITE_VALUE ")"
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
		same = merge_join(merge, same, " AND ",
						  SQL("%s %s %s", merge_live_id(merge, table, "l", i),
							  is_sqlite(merge) ? "IS" : "=",
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

static const char *
all_rows(zdb_merge *merge, const merge_table *table, const char *label)
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

/* Always how many are the same; of the others what there is. */
static const char *
counts(zdb_merge *merge, const merge_table *table, const char *label)
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

/* A table that only one side has. */
static const char *
lone_table(zdb_merge *merge, const char *label, const char *kind)
{
	return SQL("SELECT %s, %s%s, %s, %s, %s, %s, %s", label,
			   zdb_arena_literal(&merge->arena, kind),
			   is_sqlite(merge) ? "" : "::pg_catalog.text",
			   nothing(merge, "jsonb"), nothing(merge, "jsonb"),
			   nothing(merge, "json"), nothing(merge, "json"),
			   nothing(merge, "int8"));
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
		sql = lone_table(merge, shown, kind);
	else
		sql = merge->summary ? counts(merge, table, shown)
							 : all_rows(merge, table, shown);
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
