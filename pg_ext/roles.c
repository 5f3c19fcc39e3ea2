/*
 * roles - which roles a statement needs
 */
#include "postgres.h"

#include "nodes/parsenodes.h"

#include "pg_ext/objects.h"

typedef struct taker
{
	void (*take)(void *arg, const char *role);
	void *arg;
} taker;

static void
take_spec(const taker *to, const RoleSpec *role)
{
	if (role && role->roletype == ROLESPEC_CSTRING)
		to->take(to->arg, role->rolename);
}

static void
take_list(const taker *to, const List *roles)
{
	ListCell *cell;

	foreach(cell, roles) take_spec(to, lfirst_node(RoleSpec, cell));
}

static void
take_alter_table(const taker *to, const AlterTableStmt *stmt)
{
	ListCell *cell;

	foreach(cell, stmt->cmds)
		take_spec(to, lfirst_node(AlterTableCmd, cell)->newowner);
}

static void
take_default_privileges(const taker *to,
						const AlterDefaultPrivilegesStmt *stmt)
{
	ListCell *cell;

	foreach(cell, stmt->options)
	{
		const DefElem *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "roles") == 0)
			take_list(to, (List *) option->arg);
	}
	take_list(to, stmt->action->grantees);
}

void
zdbpg_roles_of(Node *stmt, void (*take)(void *arg, const char *role),
			   void *arg)
{
	const taker to = {take, arg};

	switch (nodeTag(stmt))
	{
		case T_AlterOwnerStmt:
			take_spec(&to, ((AlterOwnerStmt *) stmt)->newowner);
			break;
		case T_AlterTableStmt:
			take_alter_table(&to, (AlterTableStmt *) stmt);
			break;
		case T_GrantStmt:
			take_list(&to, ((GrantStmt *) stmt)->grantees);
			break;
		case T_AlterDefaultPrivilegesStmt:
			take_default_privileges(&to, (AlterDefaultPrivilegesStmt *) stmt);
			break;
		case T_CreatePolicyStmt:
			take_list(&to, ((CreatePolicyStmt *) stmt)->roles);
			break;
		case T_CreateSchemaStmt:
			take_spec(&to, ((CreateSchemaStmt *) stmt)->authrole);
			break;
		case T_CreateUserMappingStmt:
			take_spec(&to, ((CreateUserMappingStmt *) stmt)->user);
			break;
		default:
			break;
	}
}
