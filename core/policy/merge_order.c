/*
 * merge_order - parents before children, and how cycles are broken
 *
 * Groups are strongly connected components (Tarjan 1972); a group is complete
 * before its children, which is the order wanted.
 */
#include "core/policy/merge_plan.h"

typedef struct walk
{
	zdb_merge *merge;
	int *stack;
	int depth;
	int next;
} walk;

static void
close_group(walk *self, int root)
{
	zdb_merge *merge = self->merge;
	int table;

	do
	{
		table = self->stack[--self->depth];
		merge->tables[table].on_stack = false;
		merge->tables[table].group = merge->groups;
		merge->order[merge->member_count++] = table;
	} while (table != root);
	merge->groups++;
}

static void
visit(walk *self, int at)
{
	merge_table *table = &self->merge->tables[at];

	table->index = table->low = ++self->next;
	self->stack[self->depth++] = at;
	table->on_stack = true;
	for (int i = 0; i < table->edge_count; i++)
	{
		merge_table *parent = &self->merge->tables[table->edges[i].parent];

		if (!table->edges[i].staged)
			continue;
		if (parent->index == 0)
			visit(self, table->edges[i].parent);
		if (parent->on_stack && parent->low < table->low)
			table->low = parent->low;
	}
	if (table->low == table->index)
		close_group(self, at);
}

/* A column of the reference that may be NULL for a while; -1: none. */
static int
breakable_column(const merge_table *table, const merge_edge *edge)
{
	for (int i = 0; i < edge->count; i++)
		if (!table->columns[edge->columns[i]].not_null)
			return edge->columns[i];
	return -1;
}

static bool
can_wait(const zdb_merge *merge, const merge_table *table,
		 const merge_edge *edge)
{
	return merge->dialect == ZDB_DIALECT_SQLITE || edge->deferrable ||
		   breakable_column(table, edge) >= 0;
}

/* Does the table need one of those that are not placed yet? */
static bool
is_held(const zdb_merge *merge, int at, const int *rest, int count)
{
	const merge_table *table = &merge->tables[at];

	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];

		if (!edge->inner || edge->parent == at || can_wait(merge, table, edge))
			continue;
		for (int i = 0; i < count; i++)
			if (rest[i] == edge->parent)
				return true;
	}
	return false;
}

static void
swap(int *one, int *other)
{
	int kept = *one;

	*one = *other;
	*other = kept;
}

/* Order a group so that only references that can wait point ahead. */
static void
order_group(zdb_merge *merge, int *group, int count)
{
	for (int placed = 0; placed < count; placed++)
	{
		int i = placed;

		while (i < count &&
			   is_held(merge, group[i], group + placed, count - placed))
			i++;
		if (i == count && merge->compares)
			return;
		if (i == count)
		{
			zdb_merge_problem(
				merge,
				"tables around \"%s\" refer to one another in a circle of NOT "
				"NULL columns: make a foreign key deferrable",
				merge->tables[group[placed]].name);
			return;
		}
		swap(&group[placed], &group[i]);
	}
}

/* References to tables that come later are written last. */
static void
mark_late(zdb_merge *merge, const int *group, int count)
{
	for (int i = 0; i < count; i++)
	{
		merge_table *table = &merge->tables[group[i]];

		for (int e = 0; e < table->edge_count; e++)
		{
			merge_edge *edge = &table->edges[e];
			bool ahead = false;

			for (int k = i + 1; k < count; k++)
				ahead = ahead || group[k] == edge->parent;
			edge->late = edge->inner && ahead && !edge->deferrable &&
						 merge->dialect != ZDB_DIALECT_SQLITE;
			if (edge->late && breakable_column(table, edge) >= 0)
				table->columns[breakable_column(table, edge)].late = true;
		}
	}
}

static void
refuse_inner_key(zdb_merge *merge, const merge_table *table)
{
	for (int i = 0; table->match && i < table->match->count; i++)
	{
		int column = table->match->elements[i].of;

		if (column >= 0 && table->columns[column].inner)
			zdb_merge_problem(merge,
							  "table \"%s\": its key contains a reference to "
							  "rows that are matched later: name another key",
							  table->name);
	}
}

bool
merge_is_moved(const zdb_merge *merge, const merge_table *table, int column)
{
	for (int e = 0; e < table->edge_count; e++)
	{
		const merge_edge *edge = &table->edges[e];
		const merge_table *parent = &merge->tables[edge->parent];

		for (int i = 0; i < edge->count; i++)
			if (edge->columns[i] == column && edge->staged &&
				parent->group != table->group &&
				!merge_keeps_ids(merge, parent))
				return true;
	}
	return false;
}

bool
merge_keeps_ids(const zdb_merge *merge, const merge_table *table)
{
	for (int i = 0; table->same_id && i < table->identity_count; i++)
		if (merge_is_moved(merge, table, table->identity[i]))
			return false;
	return table->same_id;
}

/* A column that other references have remapped when its row was read is
 * looked up by what it was. */
static void
mark_column(zdb_merge *merge, merge_table *table, int column, bool kept)
{
	if (merge_is_moved(merge, table, column))
		table->columns[column].wanted_old = true;
	else if (!kept)
		table->columns[column].inner = true;
}

/* References inside a group are filled in when all its rows have their ids;
 * unless they stay what they are. */
static void
mark_inner(zdb_merge *merge)
{
	for (int m = 0; m < merge->member_count; m++)
	{
		merge_table *table = &merge->tables[merge->order[m]];

		for (int e = 0; e < table->edge_count; e++)
		{
			merge_edge *edge = &table->edges[e];
			const merge_table *parent = &merge->tables[edge->parent];

			edge->inner = edge->staged && parent->group == table->group;
			for (int i = 0; edge->inner && i < edge->count; i++)
				mark_column(merge, table, edge->columns[i],
							table->rule.on_orphan != ORPHAN_NULL &&
								merge_keeps_ids(merge, parent));
		}
		refuse_inner_key(merge, table);
	}
}

void
zdb_merge_order(zdb_merge *merge)
{
	walk self = {.merge = merge};
	size_t bytes = (size_t) (merge->table_count + 1) * sizeof(int);

	self.stack = zdb_arena_alloc(&merge->arena, bytes);
	merge->order = zdb_arena_alloc(&merge->arena, bytes);
	if (!self.stack || !merge->order)
		return;
	for (int i = 0; i < merge->table_count; i++)
		if (merge->tables[i].takes_part && merge->tables[i].index == 0)
			visit(&self, i);
	mark_inner(merge);
	for (int first = 0, end; first < merge->member_count; first = end)
	{
		int group = merge->tables[merge->order[first]].group;

		for (end = first; end < merge->member_count &&
						  merge->tables[merge->order[end]].group == group;)
			end++;
		order_group(merge, merge->order + first, end - first);
		mark_late(merge, merge->order + first, end - first);
	}
}
