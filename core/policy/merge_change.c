/*
 * merge_change - the statements that change the live tables
 */
#include "core/policy/merge_sql.h"

/* Whatever a constraint says, ON CONFLICT REPLACE must not take rows away. */
static const char *
strictly(const zdb_merge *merge)
{
	return merge->dialect == ZDB_DIALECT_SQLITE ? " OR ABORT" : "";
}

static int
identity_place(const merge_table *table, int column)
{
	for (int i = 0; i < table->identity_count; i++)
		if (table->identity[i] == column)
			return i;
	return -1;
}

/* Does every new row's reference hold because its parent was found, or
 * inserted, by its primary key? */
static bool
is_proven(const zdb_merge *merge, const merge_edge *edge)
{
	const merge_table *parent = &merge->tables[edge->parent];

	if (merge->triggers || !edge->declared || !edge->staged || edge->inner)
		return false;
	for (int i = 0; i < edge->count; i++)
		if (identity_place(parent, edge->parent_columns[i]) < 0)
			return false;
	return true;
}

static const char *const *
proven(zdb_merge *merge, const merge_table *table)
{
	const char **names = zdb_arena_alloc(
		&merge->arena, (size_t) (table->edge_count + 1) * sizeof *names);
	int count = 0;

	for (int e = 0; names && e < table->edge_count; e++)
		if (is_proven(merge, &table->edges[e]))
			names[count++] = table->edges[e].name;
	return count > 0 ? names : NULL;
}

/* Does a value stay what it is in both columns? */
static bool
is_one_type(const merge_column *one, const merge_column *other)
{
	return (one->integer && other->integer) || (one->text && other->text);
}

static bool
is_shared(const merge_table *table, int column)
{
	int uses = 0;

	for (int e = 0; e < table->edge_count; e++)
		for (int i = 0; i < table->edges[e].count; i++)
			uses += table->edges[e].columns[i] == column;
	return uses > 1;
}

/* In SQLite, which knows foreign keys on or off only: are all of them proven
 * by the very values that are inserted? */
static bool
is_all_proven(const zdb_merge *merge, const merge_table *table)
{
	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];
		const merge_table *parent = &merge->tables[edge->parent];

		if (!is_proven(merge, edge))
			return false;
		for (int i = 0; i < edge->count; i++)
			if (is_shared(table, edge->columns[i]) ||
				!is_one_type(&table->columns[edge->columns[i]],
							 &parent->columns[edge->parent_columns[i]]))
				return false;
	}
	return true;
}

/* New rows of a table that nothing else asks for: SQLite reads, counts and
 * inserts them in one statement. What is left is staged, which is rare. */
bool
merge_insert_directly(zdb_merge *merge, const merge_table *table,
					  unsigned counted)
{
	zdb_merge_step *step;

	if (merge->dialect != ZDB_DIALECT_SQLITE || merge->triggers ||
		table->surrogate >= 0 || table->rule.on_match != MATCH_KEEP ||
		!(counted & 1u << OUTCOME_KEPT) || !merge_can_insert_directly(table))
		return false;
	step = merge_add(merge, ZDB_MERGE_DIRECT, table,
					 merge_direct_sql(merge, table), "inserting into");
	if (step && is_all_proven(merge, table))
		step->proven = proven(merge, table);
	merge->tables[table - merge->tables].direct = true;
	return true;
}

/* What a foreign key says of a row, asked of all new rows at once. */
static void
check_proven(zdb_merge *merge, const merge_table *table)
{
	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];
		const merge_table *parent = &merge->tables[edge->parent];
		const char *on = NULL;

		if (!is_proven(merge, edge))
			continue;
		for (int i = 0; i < edge->count; i++)
		{
			const merge_column *to = &parent->columns[edge->parent_columns[i]];
			const merge_column *from = &table->columns[edge->columns[i]];

			on = merge_join(merge, on, " AND ",
							SQL("p.%s %s s.%s", to->sql, merge_equal(from, to),
								from->sql));
		}
		merge_add(
			merge, ZDB_MERGE_REFUSE, table,
			SQL("SELECT %s || %s FROM %s AS s WHERE s.\"zdb:state\" = %d AND "
				"%s AND NOT EXISTS (SELECT FROM %s AS p WHERE %s) LIMIT 1",
				zdb_arena_literal(
					&merge->arena,
					SQL("table \"%s\": a new row violates \"%s\": ",
						table->name, edge->name)),
				merge_key_json(merge, table, "s"), merge_stage(merge, table),
				OUTCOME_INSERTED, merge_refers(merge, table, edge, "s"),
				parent->sql, on),
			"checking references of");
	}
}

void
merge_insert(zdb_merge *merge, const merge_table *table)
{
	zdb_merge_step *step;
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
	step =
		merge_add(merge, ZDB_MERGE_INSERT, table,
				  SQL("INSERT%s INTO %s (%s)%s SELECT %s FROM %s AS s WHERE "
					  "s.\"zdb:state\" = %d",
					  strictly(merge), table->into, names, overriding, values,
					  merge_stage(merge, table), OUTCOME_INSERTED),
				  "inserting into");
	if (merge->dialect != ZDB_DIALECT_POSTGRES)
		return;
	if (step)
		step->proven = proven(merge, table);
	check_proven(merge, table);
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
						  table->rule.on_match == MATCH_FILL
							  ? SQL("%s = coalesce(l.%s, s.%s)", column->sql,
									column->sql, column->sql)
							  : SQL("%s = s.%s", column->sql, column->sql));
	}
	return list;
}

void
merge_update(zdb_merge *merge, const merge_table *table)
{
	const char *set = assignments(merge, table, false);

	if (!set || table->rule.on_match == MATCH_KEEP ||
		table->rule.on_match == MATCH_FAIL)
		return;
	merge_add(merge, ZDB_MERGE_UPDATE, table,
			  SQL("UPDATE%s %s AS l SET %s FROM %s AS s WHERE %s AND "
				  "s.\"zdb:state\" = %d",
				  strictly(merge), table->sql, set, merge_stage(merge, table),
				  merge_same_row(merge, table, "l", "s"), OUTCOME_UPDATED),
			  "updating");
}

/* References to tables that are filled after this one. */
void
merge_update_late(zdb_merge *merge, const merge_table *table)
{
	const char *set = assignments(merge, table, true);

	if (set)
		merge_add(merge, ZDB_MERGE_RUN, table,
				  SQL("UPDATE%s %s AS l SET %s FROM %s AS s WHERE %s AND "
					  "s.\"zdb:state\" IN (%d, %d)",
					  strictly(merge), table->sql, set,
					  merge_stage(merge, table),
					  merge_same_row(merge, table, "l", "s"), OUTCOME_INSERTED,
					  OUTCOME_UPDATED),
				  "updating references of");
}
