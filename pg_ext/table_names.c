/*
 * table_names - the tables that options name
 */
#include "pg_ext/table_names.h"

#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/varlena.h"

static Oid
lookup_plain(const char *schema, const char *name)
{
	RangeVar *range =
		makeRangeVar(schema ? pstrdup(schema) : NULL, pstrdup(name), -1);

	if (strlen(name) >= NAMEDATALEN ||
		(schema && !OidIsValid(get_namespace_oid(schema, true))))
		return InvalidOid;
	return RangeVarGetRelid(range, NoLock, true);
}

/* As "schema.name", at each dot. */
static Oid
lookup_dotted(const char *name)
{
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
	{
		Oid relid = lookup_plain(pnstrdup(name, (Size) (dot - name)), dot + 1);

		if (OidIsValid(relid))
			return relid;
	}
	return InvalidOid;
}

/* As SQL would read it: folded, or quoted. */
static Oid
lookup_identifier(const char *name)
{
	List *parts;

	if (!SplitIdentifierString(pstrdup(name), '.', &parts) ||
		list_length(parts) < 1 || list_length(parts) > 2)
		return InvalidOid;
	return lookup_plain(list_length(parts) == 2 ? linitial(parts) : NULL,
						llast(parts));
}

Oid
zdbpg_table_lookup(const char *name)
{
	Oid relid = lookup_plain(NULL, name);

	if (!OidIsValid(relid))
		relid = lookup_dotted(name);
	if (!OidIsValid(relid))
		relid = lookup_identifier(name);
	return relid;
}

Oid
zdbpg_table_find(const char *name)
{
	Oid relid = zdbpg_table_lookup(name);

	if (!OidIsValid(relid))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("there is no table \"%s\"", name),
						errhint("Name it with its schema, like "
								"\"public.users\".")));
	if (relid < FirstNormalObjectId)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" belongs to the system", name),
						errhint("A backup restores it with what it "
								"describes.")));
	return relid;
}

List *
zdbpg_table_family(Oid relid)
{
	return get_rel_relkind(relid) == RELKIND_PARTITIONED_TABLE
			   ? find_all_inheritors(relid, AccessShareLock, NULL)
			   : list_make1_oid(relid);
}

static void
append_quoted(StringInfo text, const char *name)
{
	appendStringInfoChar(text, '"');
	for (; *name; name++)
	{
		if (*name == '"')
			appendStringInfoChar(text, '"');
		appendStringInfoChar(text, *name);
	}
	appendStringInfoChar(text, '"');
}

char *
zdbpg_table_pattern(Oid relid)
{
	StringInfoData text;

	initStringInfo(&text);
	append_quoted(&text, get_namespace_name(get_rel_namespace(relid)));
	appendStringInfoChar(&text, '.');
	append_quoted(&text, get_rel_name(relid));
	return text.data;
}
