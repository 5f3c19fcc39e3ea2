/*
 * objects - which objects a statement of a script creates
 *
 * As ALTER or DROP would name them, so that the server's own
 * get_object_address() finds them.
 */
#include "pg_ext/objects.h"

#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_largeobject.h"
#include "catalog/pg_subscription.h"
#include "commands/defrem.h"
#include "nodes/makefuncs.h"
#include "storage/large_object.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "pg_ext/compat.h"

typedef struct named
{
	ObjectType type;
	Node *name;
	RangeVar *range; /* instead: anything that is like a table */
} named;

static Node *
range_name(const RangeVar *range)
{
	List *name = list_make1(makeString(range->relname));

	if (range->schemaname)
		name = lcons(makeString(range->schemaname), name);
	return (Node *) name;
}

static Node *
one_name(char *name)
{
	return (Node *) makeString(name);
}

/* The function as ALTER FUNCTION names it: by the types of its inputs. */
static Node *
function_name(const CreateFunctionStmt *stmt)
{
	ObjectWithArgs *name = makeNode(ObjectWithArgs);
	ListCell *cell;

	name->objname = stmt->funcname;
	foreach(cell, stmt->parameters)
	{
		FunctionParameter *parameter = lfirst(cell);

		if (parameter->mode != FUNC_PARAM_OUT &&
			parameter->mode != FUNC_PARAM_TABLE)
			name->objargs = lappend(name->objargs, parameter->argType);
	}
	return (Node *) name;
}

/* CREATE AGGREGATE name (arguments) (definition). */
static Node *
aggregate_name(const DefineStmt *stmt)
{
	ObjectWithArgs *name = makeNode(ObjectWithArgs);
	ListCell *cell;

	name->objname = stmt->defnames;
	if (stmt->oldstyle || stmt->args == NIL)
		return (Node *) name;
	foreach(cell, linitial_node(List, stmt->args)) name->objargs =
		lappend(name->objargs, lfirst_node(FunctionParameter, cell)->argType);
	return (Node *) name;
}

/* A type among options; NULL: none. An error for what is no type. */
static TypeName *
type_option(const List *definition, const char *option)
{
	ListCell *cell;

	foreach(cell, definition)
	{
		DefElem *element = lfirst_node(DefElem, cell);

		if (strcmp(element->defname, option) == 0)
			return defGetTypeName(element);
	}
	return NULL;
}

static Node *
operator_name(const DefineStmt *stmt)
{
	ObjectWithArgs *name = makeNode(ObjectWithArgs);
	TypeName *left = type_option(stmt->definition, "leftarg");
	TypeName *right = type_option(stmt->definition, "rightarg");

	name->objname = stmt->defnames;
	name->objargs = list_make2(left, right);
	return (Node *) name;
}

static Node *
type_name(List *names)
{
	return (Node *) makeTypeNameFromNameList(names);
}

static named
define_name(const DefineStmt *stmt)
{
	switch (stmt->kind)
	{
		case OBJECT_AGGREGATE:
			return (named){stmt->kind, aggregate_name(stmt)};
		case OBJECT_OPERATOR:
			return (named){stmt->kind, operator_name(stmt)};
		case OBJECT_TYPE:
			return (named){stmt->kind, type_name(stmt->defnames)};
		default: /* collations, text search */
			return (named){stmt->kind, (Node *) stmt->defnames};
	}
}

static named
relation_name(RangeVar *range)
{
	return (named){.range = range};
}

static named
transform_name(const CreateTransformStmt *stmt)
{
	return (named){
		OBJECT_TRANSFORM,
		(Node *) list_make2(stmt->type_name, makeString(stmt->lang))};
}

static named
mapping_name(const CreateUserMappingStmt *stmt)
{
	const RoleSpec *user = stmt->user;
	char *name = user->roletype == ROLESPEC_CSTRING ? user->rolename
													: pstrdup("public");

	return (named){
		OBJECT_USER_MAPPING,
		(Node *) list_make2(makeString(name), makeString(stmt->servername))};
}

static named
access_list(Node *stmt, const char *method, List *family)
{
	ObjectType type =
		IsA(stmt, CreateOpClassStmt) ? OBJECT_OPCLASS : OBJECT_OPFAMILY;

	return (named){
		type, (Node *) lcons(makeString(pstrdup(method)), list_copy(family))};
}

/* Objects that are named by a single identifier. */
static named
simple_name(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateFdwStmt:
			return (named){OBJECT_FDW,
						   one_name(((CreateFdwStmt *) stmt)->fdwname)};
		case T_CreateForeignServerStmt:
			return (named){
				OBJECT_FOREIGN_SERVER,
				one_name(((CreateForeignServerStmt *) stmt)->servername)};
		case T_CreatePLangStmt:
			return (named){OBJECT_LANGUAGE,
						   one_name(((CreatePLangStmt *) stmt)->plname)};
		case T_CreatePublicationStmt:
			return (named){
				OBJECT_PUBLICATION,
				one_name(((CreatePublicationStmt *) stmt)->pubname)};
		case T_CreateEventTrigStmt:
			return (named){OBJECT_EVENT_TRIGGER,
						   one_name(((CreateEventTrigStmt *) stmt)->trigname)};
		case T_CreateAmStmt:
			return (named){OBJECT_ACCESS_METHOD,
						   one_name(((CreateAmStmt *) stmt)->amname)};
		default:
			return (named){0};
	}
}

static named
name_of(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateStmt:
			return relation_name(((CreateStmt *) stmt)->relation);
		case T_CreateForeignTableStmt:
			return relation_name(((CreateStmt *) stmt)->relation);
		case T_CreateSeqStmt:
			return relation_name(((CreateSeqStmt *) stmt)->sequence);
		case T_ViewStmt:
			return relation_name(((ViewStmt *) stmt)->view);
		case T_CreateTableAsStmt:
			return relation_name(((CreateTableAsStmt *) stmt)->into->rel);
		case T_CompositeTypeStmt:
			return (named){OBJECT_TYPE,
						   type_name((List *) range_name(
							   ((CompositeTypeStmt *) stmt)->typevar))};
		case T_CreateEnumStmt:
			return (named){OBJECT_TYPE,
						   type_name(((CreateEnumStmt *) stmt)->typeName)};
		case T_CreateRangeStmt:
			return (named){OBJECT_TYPE,
						   type_name(((CreateRangeStmt *) stmt)->typeName)};
		case T_CreateDomainStmt:
			return (named){OBJECT_DOMAIN,
						   type_name(((CreateDomainStmt *) stmt)->domainname)};
		case T_CreateFunctionStmt:
			return (named){((CreateFunctionStmt *) stmt)->is_procedure
							   ? OBJECT_PROCEDURE
							   : OBJECT_FUNCTION,
						   function_name((CreateFunctionStmt *) stmt)};
		case T_DefineStmt:
			return define_name((DefineStmt *) stmt);
		case T_CreateOpClassStmt:
			return access_list(stmt, ((CreateOpClassStmt *) stmt)->amname,
							   ((CreateOpClassStmt *) stmt)->opclassname);
		case T_CreateOpFamilyStmt:
			return access_list(stmt, ((CreateOpFamilyStmt *) stmt)->amname,
							   ((CreateOpFamilyStmt *) stmt)->opfamilyname);
		case T_CreateCastStmt:
			return (named){
				OBJECT_CAST,
				(Node *) list_make2(((CreateCastStmt *) stmt)->sourcetype,
									((CreateCastStmt *) stmt)->targettype)};
		case T_CreateConversionStmt:
			return (named){
				OBJECT_CONVERSION,
				(Node *) ((CreateConversionStmt *) stmt)->conversion_name};
		case T_CreateUserMappingStmt:
			return mapping_name((CreateUserMappingStmt *) stmt);
		case T_CreateTransformStmt:
			return transform_name((CreateTransformStmt *) stmt);
		case T_CreateStatsStmt:
			return (named){OBJECT_STATISTIC_EXT,
						   (Node *) ((CreateStatsStmt *) stmt)->defnames};
		default:
			return simple_name(stmt);
	}
}

/* SELECT pg_catalog.lo_create('123'); */
static bool
large_object_of(const SelectStmt *stmt, ObjectAddress *found)
{
	const ResTarget *target;
	const FuncCall *call;
	const char *number;

	if (list_length(stmt->targetList) != 1)
		return false;
	target = linitial_node(ResTarget, stmt->targetList);
	if (!target->val || !IsA(target->val, FuncCall))
		return false;
	call = (const FuncCall *) target->val;
	if (strcmp(strVal(llast(call->funcname)), "lo_create") != 0 ||
		list_length(call->args) != 1 || !IsA(linitial(call->args), A_Const))
		return false;
	number = zdbpg_const_string(linitial_node(A_Const, call->args));
	if (!number)
		return false;
	ObjectAddressSet(*found, LargeObjectRelationId,
					 (Oid) strtoul(number, NULL, 10));
	return LargeObjectExists(found->objectId);
}

bool
zdbpg_object_of(Node *stmt, ObjectAddress *found)
{
	Relation rel = NULL;
	named what;

	if (IsA(stmt, SelectStmt))
		return large_object_of((SelectStmt *) stmt, found);
	what = name_of(stmt);
	if (what.range)
		ObjectAddressSet(*found, RelationRelationId,
						 RangeVarGetRelid(what.range, AccessExclusiveLock,
										  true)); /* whatever its kind is */
	else if (what.name)
		*found = get_object_address(what.type, what.name, &rel,
									AccessExclusiveLock, true);
	else
		return false;
	if (rel)
		relation_close(rel, NoLock);
	return OidIsValid(found->objectId) &&
		   !OidIsValid(getExtensionOfObject(found->classId, found->objectId));
}

bool
zdbpg_object_stays(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateSchemaStmt:
			return OidIsValid(get_namespace_oid(
				((CreateSchemaStmt *) stmt)->schemaname, true));
		case T_CreateSubscriptionStmt:
			return OidIsValid(get_subscription_oid(
				((CreateSubscriptionStmt *) stmt)->subname, true));
		default:
			return false;
	}
}
