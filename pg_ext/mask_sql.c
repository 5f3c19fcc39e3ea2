/*
 * mask_sql - expressions in masks
 */
#include "pg_ext/mask.h"

#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"

#include "pg_ext/zdbpg.h"

static void
name_column(void *arg)
{
	const zdb_mask_column *column = arg;

	errposition(0); /* in the expression, not in the caller's query */
	errcontext("mask of \"%s\".\"%s\"", zdbpg_from_utf8(column->table->name),
			   zdbpg_from_utf8(column->name));
}

/* What stands between "SELECT (" and ")". */
static Node *
parse(const char *text)
{
	List *list =
		pg_parse_query(psprintf("SELECT (\n%s\n)", zdbpg_from_utf8(text)));
	SelectStmt *select;
	SelectStmt plain = {.type = T_SelectStmt};

	if (list_length(list) != 1 ||
		!IsA(linitial_node(RawStmt, list)->stmt, SelectStmt))
		return NULL;
	select = (SelectStmt *) linitial_node(RawStmt, list)->stmt;
	if (list_length(select->targetList) != 1 ||
		linitial_node(ResTarget, select->targetList)->name)
		return NULL;
	plain.targetList = select->targetList;
	plain.limitOption = select->limitOption;
	if (!equal(select, &plain))
		return NULL;
	return linitial_node(ResTarget, select->targetList)->val;
}

Node *
zdbpg_mask_parse(const zdb_mask_column *column)
{
	ErrorContextCallback context = {error_context_stack, name_column,
									(void *) column};
	Node *expression;

	error_context_stack = &context;
	expression = parse(column->text);
	if (!expression)
		ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
						errmsg("a mask must be a single expression: %s",
							   zdbpg_from_utf8(column->text))));
	error_context_stack = context.previous;
	return expression;
}

static Expr *
analyze(Node *expression, Relation rel, AttrNumber attnum)
{
	const FormData_pg_attribute *to =
		TupleDescAttr(RelationGetDescr(rel), attnum - 1);
	ParseState *state = make_parsestate(NULL);
	Node *typed, *fitting;

	addNSItemToQuery(state,
					 addRangeTableEntryForRelation(state, rel, AccessShareLock,
												   NULL, false, true),
					 false, true, true);
	typed = transformExpr(state, expression, EXPR_KIND_COPY_WHERE);
	fitting = coerce_to_target_type(
		state, typed, exprType(typed), to->atttypid, to->atttypmod,
		COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
	if (!fitting)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the expression is of type %s, and the column of "
						"type %s",
						format_type_be(exprType(typed)),
						format_type_be(to->atttypid))));
	assign_expr_collations(state, fitting);
	free_parsestate(state);
	return expression_planner((Expr *) fitting);
}

ExprState *
zdbpg_mask_prepare(const zdb_mask_column *column, Relation rel,
				   AttrNumber attnum)
{
	ErrorContextCallback context = {error_context_stack, name_column,
									(void *) column};
	Node *expression = zdbpg_mask_parse(column);
	ExprState *state;

	error_context_stack = &context;
	state = ExecInitExpr(analyze(expression, rel, attnum), NULL);
	error_context_stack = context.previous;
	return state;
}
