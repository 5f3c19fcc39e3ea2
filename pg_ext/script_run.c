/*
 * script_run - a script's statements, run inside our transaction
 */
#include "pg_ext/script_run.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/copy.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "parser/parse_relation.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "pg_ext/compat.h"
#include "pg_ext/mask.h"
#include "pg_ext/query.h"

/* COPY's callback has no argument; one COPY runs at a time. */
static zdbpg_script *copying;

static int
read_rows(void *into, int minread, int maxread)
{
	return (int) zdbpg_script_rows(copying, into, (size_t) maxread);
}

static int
read_masked_rows(void *into, int minread, int maxread)
{
	return (int) zdbpg_mask_rows(copying->mask, copying, into,
								 (size_t) maxread);
}

static bool
is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (pg_strcasecmp(name, *list) == 0)
			return true;
	return false;
}

/* The argument of SET name = 'text', or NULL. */
static const char *
set_value(const VariableSetStmt *set)
{
	const A_Const *value;

	if (set->kind != VAR_SET_VALUE || !IsA(linitial(set->args), A_Const))
		return NULL;
	value = linitial(set->args);
	return zdbpg_const_string(value);
}

static void
note_encoding(zdbpg_script *script, const VariableSetStmt *set)
{
	const char *name = set_value(set);
	int encoding = name ? pg_char_to_encoding(name) : -1;

	if (set->kind == VAR_RESET || set->kind == VAR_SET_DEFAULT)
		encoding = GetDatabaseEncoding();
	if (encoding < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the script asks for an unknown encoding")));
	script->encoding =
		encoding == PG_SQL_ASCII ? GetDatabaseEncoding() : encoding;
}

/* BEGIN and COMMIT may be left out; all runs in one transaction anyway. */
static void
refuse_taking_back(const TransactionStmt *stmt)
{
	if (stmt->kind != TRANS_STMT_BEGIN && stmt->kind != TRANS_STMT_START &&
		stmt->kind != TRANS_STMT_COMMIT)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the script takes back or prepares a transaction"),
				 errhint("Run it with psql.")));
}

static bool
has_option(const List *options, const char *name)
{
	ListCell *cell;

	foreach(cell, options) if (strcmp(lfirst_node(DefElem, cell)->defname,
									  name) == 0) return true;
	return false;
}

/* What would need a client on the other side. */
static void
refuse_copy(const CopyStmt *stmt)
{
	if (!stmt->is_from && !stmt->filename)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("the script writes rows to its client"),
						errhint("Run it with psql.")));
	if (stmt->is_from && !stmt->filename && stmt->whereClause)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("COPY FROM stdin with WHERE cannot be run here"),
				 errhint("Run the script with psql.")));
}

/* GRANT on a function of ours, where we are not. */
static bool
grants_missing(const GrantStmt *stmt)
{
	const ObjectWithArgs *function;

	if (stmt->targtype != ACL_TARGET_OBJECT ||
		stmt->objtype != OBJECT_FUNCTION)
		return false;
	function = linitial_node(ObjectWithArgs, stmt->objects);
	return strncmp(strVal(llast(function->objname)), "zdb_", 4) == 0 &&
		   !OidIsValid(LookupFuncWithArgs(OBJECT_FUNCTION,
										  (ObjectWithArgs *) function, true));
}

/* CREATE EXTENSION zdbackup, its comment, its grants. */
static bool
is_about_us(const Node *stmt)
{
	const char *name = NULL;

	if (IsA(stmt, GrantStmt))
		return grants_missing((const GrantStmt *) stmt);
	if (IsA(stmt, CreateExtensionStmt))
		name = ((const CreateExtensionStmt *) stmt)->extname;
	else if (IsA(stmt, CommentStmt) &&
			 ((const CommentStmt *) stmt)->objtype == OBJECT_EXTENSION)
		name = strVal(((const CommentStmt *) stmt)->object);
	return name && strcmp(name, "zdbackup") == 0;
}

bool
zdbpg_script_is_skipped(zdbpg_script *script)
{
	static const char *const ours[] = {"statement_timeout",
									   "lock_timeout",
									   "idle_in_transaction_session_timeout",
									   "transaction_timeout",
									   "idle_session_timeout",
									   "standard_conforming_strings",
									   NULL};
	const VariableSetStmt *set;

	if (!script->raw)
		return true;
	if (IsA(script->raw->stmt, TransactionStmt))
	{
		refuse_taking_back((const TransactionStmt *) script->raw->stmt);
		return true;
	}
	if (is_about_us(script->raw->stmt) && !superuser())
		return true; /* who may not create it restores the rest */
	if (IsA(script->raw->stmt, CopyStmt))
		refuse_copy((const CopyStmt *) script->raw->stmt);
	if (!IsA(script->raw->stmt, VariableSetStmt))
		return false;
	set = (const VariableSetStmt *) script->raw->stmt;
	if (!set->name)
		return false;
	if (pg_strcasecmp(set->name, "client_encoding") == 0)
	{
		note_encoding(script, set);
		return true;
	}
	return is_one_of(set->name, ours);
}

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_LOCAL, true, 0, false);
}

void
zdbpg_script_settings(void)
{
	static const char *const pinned[][2] = {
		{"standard_conforming_strings", "on"},
		{"check_function_bodies", "off"},
		{"client_min_messages", "warning"},
		{"row_security", "off"},
		{"datestyle", "ISO, MDY"},
		{"intervalstyle", "postgres"},
		{"timezone", "UTC"},
		{"xmloption", "content"},
		{"array_nulls", "on"},
		{"transform_null_equals", "off"},
	};

	for (int i = 0; i < (int) lengthof(pinned); i++)
		set(pinned[i][0], pinned[i][1]);
	/* as a session has it that has just begun */
	set("search_path", GetConfigOptionResetString("search_path"));
}

void
zdbpg_own_search_path(void)
{
	set("search_path", "pg_catalog, pg_temp");
}

static void
check_insert(Relation rel)
{
	if (pg_class_aclcheck(RelationGetRelid(rel), GetUserId(), ACL_INSERT) !=
		ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE,
					   RelationGetRelationName(rel));
	if (check_enable_rls(RelationGetRelid(rel), InvalidOid, false) ==
		RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("row-level security of table \"%s\" applies to you",
						RelationGetRelationName(rel)),
				 errhint("Restore as its owner or as a superuser.")));
}

uint64
zdbpg_script_copy(zdbpg_script *script)
{
	const CopyStmt *stmt = castNode(CopyStmt, script->raw->stmt);
	ParseState *state = make_parsestate(NULL);
	Relation rel = table_openrv(stmt->relation, RowExclusiveLock);
	bool masked = script->mask && zdbpg_mask_begin(script->mask, script, rel);
	int encoding = masked ? GetDatabaseEncoding() : script->encoding;
	List *options = list_copy(stmt->options);
	CopyFromState copy;
	uint64 rows;

	if (!has_option(options, "encoding"))
		options =
			lappend(options, makeDefElem("encoding",
										 (Node *) makeString(pstrdup(
											 pg_encoding_to_char(encoding))),
										 -1));
	check_insert(rel);
	state->p_sourcetext = script->text;
	addRangeTableEntryForRelation(state, rel, RowExclusiveLock, NULL, false,
								  false);
	copying = script;
	copy = zdbpg_begin_copy(state, rel, masked ? read_masked_rows : read_rows,
							stmt->attlist, options);
	rows = CopyFrom(copy);
	EndCopyFrom(copy);
	if (masked)
		zdbpg_mask_end(script->mask);
	free_parsestate(state);
	table_close(rel, NoLock);
	if (script->in_rows) /* COPY saw an end that we do not see */
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("the rows end before their terminator")));
	return rows;
}

uint64
zdbpg_script_run_one(zdbpg_script *script)
{
	MemoryContext before = MemoryContextSwitchTo(script->statement_context);
	uint64 rows = 0;

	CHECK_FOR_INTERRUPTS();
	if (zdbpg_script_has_rows(script))
	{
		CommandCounterIncrement();
		PushActiveSnapshot(GetTransactionSnapshot());
		rows = zdbpg_script_copy(script);
		PopActiveSnapshot();
	}
	else
		zdbpg_query_run(script->raw, script->text, NULL, None_Receiver);
	MemoryContextSwitchTo(before);
	return rows;
}
