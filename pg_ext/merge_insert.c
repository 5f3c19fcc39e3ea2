/*
 * merge_insert - new rows into a live table
 *
 * Nearly half of an INSERT's time goes into foreign keys, one query a row.
 * Where the merge has found each row's parent itself, and the parents are
 * locked, one query for all rows says the same; a step of the plan asks it.
 */
#include "pg_ext/merge_insert.h"

#include "access/xact.h"
#include "catalog/pg_constraint.h"
#include "commands/trigger.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"

#include "pg_ext/query.h"
#include "pg_ext/zdbpg.h"

static List *
constraints_of(const zdb_merge_step *step, Oid relid)
{
	List *oids = NIL;

	for (const char *const *name = step->proven; *name; name++)
		oids = lappend_oid(oids, get_relation_constraint_oid(
									 relid, zdbpg_from_utf8(*name), false));
	return oids;
}

/* The executor has a copy of its own of what triggers there are. */
static void
silence(void *arg, QueryDesc *desc)
{
	const ResultRelInfo *rel =
		castNode(ModifyTableState, desc->planstate)->resultRelInfo;
	const List *constraints =
		constraints_of(arg, RelationGetRelid(rel->ri_RelationDesc));
	TriggerDesc *triggers = rel->ri_TrigDesc;

	for (int i = 0; triggers && i < triggers->numtriggers; i++)
	{
		Trigger *trigger = &triggers->triggers[i];

		if (RI_FKey_trigger_type(trigger->tgfoid) == RI_TRIGGER_FK &&
			list_member_oid(constraints, trigger->tgconstraint))
			trigger->tgenabled = TRIGGER_DISABLED;
	}
}

uint64
zdbpg_merge_insert(const zdb_merge_step *step)
{
	const char *sql = zdbpg_from_utf8(step->sql);

	/* an old snapshot sees parents that are gone; only the triggers know */
	if (!step->proven || IsolationUsesXactSnapshot())
		return zdbpg_query_exec(sql);
	return zdbpg_query_exec_prepared(sql, silence, (void *) step);
}
