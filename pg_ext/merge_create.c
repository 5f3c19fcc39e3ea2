/*
 * merge_create - tables of a backup that are not here
 */
#include "pg_ext/merge_create.h"

#include "access/xact.h"
#include "commands/defrem.h"
#include "utils/memutils.h"

#include "pg_ext/script_run.h"

static bool
is_listed(List *list, const char *schema, const char *name)
{
	const char *full = psprintf("%s.%s", schema ? schema : "public", name);
	ListCell *cell;

	foreach(cell, list) if (strcmp(lfirst(cell), full) == 0) return true;
	return false;
}

static bool
is_about(List *list, const RangeVar *range)
{
	return range && is_listed(list, range->schemaname, range->relname);
}

/* ALTER SEQUENCE ... OWNED BY schema.table.column. */
static bool
is_owned_by(List *tables, const AlterSeqStmt *stmt)
{
	ListCell *cell;

	foreach(cell, stmt->options)
	{
		DefElem *option = lfirst_node(DefElem, cell);
		List *names;

		if (strcmp(option->defname, "owned_by") != 0)
			continue;
		names = defGetQualifiedName(option);
		return list_length(names) == 3 &&
			   is_listed(tables, strVal(linitial(names)),
						 strVal(lsecond(names)));
	}
	return false;
}

static void
find_sequence(zdbpg_source *source, zdbpg_script *script)
{
	const AlterSeqStmt *stmt;
	MemoryContext before;

	if (zdbpg_script_is_skipped(script))
		return;
	if (zdbpg_script_has_rows(script))
		zdbpg_script_skip_rows(script);
	if (!IsA(script->raw->stmt, AlterSeqStmt))
		return;
	stmt = (const AlterSeqStmt *) script->raw->stmt;
	if (!is_owned_by(source->missing, stmt))
		return;
	before = MemoryContextSwitchTo(source->context);
	source->sequences =
		lappend(source->sequences, psprintf("%s.%s",
											stmt->sequence->schemaname
												? stmt->sequence->schemaname
												: "public",
											stmt->sequence->relname));
	MemoryContextSwitchTo(before);
}

static bool
changes_owner(const AlterTableStmt *stmt)
{
	return linitial_node(AlterTableCmd, stmt->cmds)->subtype == AT_ChangeOwner;
}

static bool
is_wanted(const zdbpg_source *source, const Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateStmt:
			return is_about(source->missing,
							((const CreateStmt *) stmt)->relation);
		case T_AlterTableStmt:
			return is_about(source->missing,
							((const AlterTableStmt *) stmt)->relation) &&
				   !changes_owner((const AlterTableStmt *) stmt);
		case T_IndexStmt:
			return is_about(source->missing,
							((const IndexStmt *) stmt)->relation);
		case T_CreateSeqStmt:
			return is_about(source->sequences,
							((const CreateSeqStmt *) stmt)->sequence);
		case T_AlterSeqStmt:
			return is_about(source->sequences,
							((const AlterSeqStmt *) stmt)->sequence);
		default:
			return false;
	}
}

static void
create_one(zdbpg_source *source, zdbpg_script *script)
{
	if (zdbpg_script_is_skipped(script))
		return;
	if (zdbpg_script_has_rows(script))
		zdbpg_script_skip_rows(script);
	else if (is_wanted(source, script->raw->stmt))
		zdbpg_script_run_one(script);
}

void
zdbpg_merge_create(zdbpg_source *source)
{
	if (source->missing == NIL)
		return;
	zdbpg_source_read(source, find_sequence);
	zdbpg_source_read(source, create_one);
	CommandCounterIncrement();
	source->created = source->missing;
	source->missing = NIL;
}
