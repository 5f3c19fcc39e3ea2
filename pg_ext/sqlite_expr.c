/*
 * sqlite_expr - expressions of a SQLite database, in PostgreSQL
 */
#include "pg_ext/sqlite_expr.h"

#include "nodes/nodeFuncs.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"

#include "pg_ext/attempt.h"
#include "pg_ext/compat.h"
#include "pg_ext/query.h"

#include "core/lite/expr.h"

/* They compute, and nothing else. */
static const char *const harmless[] = {
	"abs",    "btrim",  "coalesce",    "date_part", "extract", "floor",
	"length", "lower",  "ltrim",       "replace",   "round",   "rtrim",
	"strpos", "substr", "like_escape", "timezone",  "to_char", "upper",
};

static void
refuse(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("%s has no like here", what)));
}

static bool
is_harmless(const char *name)
{
	for (int i = 0; i < (int) lengthof(harmless); i++)
		if (strcmp(harmless[i], name) == 0)
			return true;
	return false;
}

/* From the first character on, or later: below one SQLite counts otherwise. */
static void
check_start(const FuncCall *call)
{
	const A_Const *start;

	if (strcmp(strVal(llast(call->funcname)), "substr") != 0)
		return;
	if (list_length(call->args) < 2 || !IsA(lsecond(call->args), A_Const))
		refuse("substr() from where no constant says");
	start = lsecond_node(A_Const, call->args);
	if (zdbpg_const_integer(start) < 1)
		refuse("substr() from before the first character");
}

static void
check_function(const FuncCall *call)
{
	const char *name = strVal(llast(call->funcname));

	if (!is_harmless(name) || call->agg_order || call->agg_filter ||
		call->over || call->agg_star || call->agg_distinct ||
		call->agg_within_group || call->func_variadic)
		refuse(name);
	if (list_length(call->funcname) > 1 &&
		strcmp(strVal(linitial(call->funcname)), "pg_catalog") != 0)
		refuse(name);
	check_start(call);
}

static bool
check_node(Node *node, void *context)
{
	if (!node)
		return false;
	switch (nodeTag(node))
	{
		case T_A_Const:
		case T_String:
		case T_Integer:
		case T_Float:
		case T_SQLValueFunction:
			return false;
		case T_ColumnRef:
			if (list_length(((ColumnRef *) node)->fields) != 1 ||
				!IsA(linitial(((ColumnRef *) node)->fields), String))
				refuse("a name of several parts");
			return false;
		case T_FuncCall:
			check_function((FuncCall *) node);
			break;
		case T_A_Expr:
			if (list_length(((A_Expr *) node)->name) != 1)
				refuse("an operator of somebody's");
			break;
		case T_List:
		case T_BoolExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_CaseExpr:
		case T_CaseWhen:
		case T_CoalesceExpr:
		case T_TypeCast:
		case T_TypeName:
		case T_CollateClause:
			break;
		default:
			refuse("this expression");
	}
	return raw_expression_tree_walker(node, check_node, context);
}

/* SELECT (expression), and nothing more. */
static void
check_expression(const char *sql)
{
	List *parsed = pg_parse_query(psprintf("SELECT (%s)", sql));
	const SelectStmt *select;

	if (list_length(parsed) != 1 ||
		!IsA(linitial_node(RawStmt, parsed)->stmt, SelectStmt))
		refuse("what is several statements");
	select = (SelectStmt *) linitial_node(RawStmt, parsed)->stmt;
	if (list_length(select->targetList) != 1 || select->fromClause ||
		select->whereClause || select->groupClause || select->havingClause ||
		select->windowClause || select->sortClause || select->limitCount ||
		select->limitOffset || select->lockingClause || select->withClause ||
		select->intoClause || select->distinctClause || select->valuesLists ||
		select->op != SETOP_NONE)
		refuse("what is more than an expression");
	check_node(linitial_node(ResTarget, select->targetList)->val, NULL);
}

typedef struct statement
{
	const char *sql;
	List *expressions;
} statement;

static void
run(void *arg)
{
	const statement *self = arg;
	ListCell *cell;

	foreach(cell, self->expressions) check_expression(lfirst(cell));
	zdbpg_query_exec(self->sql);
}

char *
zdbpg_lite_attempt(const char *sql, List *expressions)
{
	statement self = {sql, expressions};
	const ErrorData *error = zdbpg_attempt(run, &self, true);

	return error ? zdbpg_error_text(error) : NULL;
}

static const char *
checked(const zdb_arena *arena, const char *text)
{
	if (zdb_arena_failed(arena))
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return text;
}

const char *
zdbpg_lite_expr(const zdbpg_lite_table *table, const char *sql,
				const char **reason)
{
	zdb_lite_scope scope = {table->name, NULL, list_length(table->columns)};
	zdb_lite_column *columns = palloc(scope.count * sizeof *columns);
	zdb_arena *arena = zdbpg_lite_arena();
	ListCell *cell;
	int i = 0;

	foreach(cell, table->columns)
	{
		const zdbpg_lite_column *column = lfirst(cell);

		columns[i++] = (zdb_lite_column){
			column->name, quote_identifier(column->here), column->chosen.type};
	}
	scope.columns = columns;
	return checked(arena, zdb_lite_expr(arena, &scope, sql, reason));
}

const char *
zdbpg_lite_default(const zdbpg_lite_column *column, const char **reason)
{
	zdb_arena *arena = zdbpg_lite_arena();

	return checked(arena, zdb_lite_default(arena, column->chosen.type,
										   column->preset, reason));
}
