/*
 * ddl_guard - did somebody change the schema while it was read?
 */
#include "pg_ext/ddl_guard.h"

#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "pg_ext/query.h"

/* What belongs to temporary tables is left out: they come and go. */
static const struct
{
	const char *catalog;
	const char *relation; /* the column with the table it belongs to */
} catalogs[] = {
	{"pg_class", "oid"},
	{"pg_attribute", "attrelid"},
	{"pg_attrdef", "adrelid"},
	{"pg_index", "indexrelid"},
	{"pg_constraint", "conrelid"},
	{"pg_trigger", "tgrelid"},
	{"pg_rewrite", "ev_class"},
	{"pg_policy", "polrelid"},
	{"pg_statistic_ext", "stxrelid"},
	{"pg_partitioned_table", "partrelid"},
	{"pg_sequence", "seqrelid"},
	{"pg_proc", NULL},
	{"pg_operator", NULL},
	{"pg_opclass", NULL},
	{"pg_opfamily", NULL},
	{"pg_collation", NULL},
	{"pg_cast", NULL},
	{"pg_language", NULL},
	{"pg_enum", NULL},
	{"pg_extension", NULL},
};

static char *
build_query(void)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text,
						   "WITH temporary AS MATERIALIZED (SELECT oid FROM "
						   "pg_catalog.pg_class WHERE relpersistence = 't') "
						   "SELECT pg_catalog.string_agg(s, ',') FROM (");
	for (int i = 0; i < (int) lengthof(catalogs); i++)
	{
		appendStringInfo(
			&text,
			"%sSELECT pg_catalog.concat(pg_catalog.count(*), ':', "
			"pg_catalog.sum(pg_catalog.hashtext(ctid::text || "
			"xmin::text)::bigint)) FROM pg_catalog.%s",
			i > 0 ? " UNION ALL " : "", catalogs[i].catalog);
		if (catalogs[i].relation)
			appendStringInfo(&text,
							 " WHERE %s NOT IN (SELECT oid FROM temporary)",
							 catalogs[i].relation);
	}
	appendStringInfoString(&text, ") AS all_of_them(s)");
	return text.data;
}

static void
take_text(void *arg, TupleTableSlot *slot)
{
	*(char **) arg = zdbpg_slot_text(slot, 1);
}

void
zdbpg_ddl_guard(Snapshot snapshot)
{
	char *query = build_query(), *then = NULL, *now = NULL;

	zdbpg_query_each(query, snapshot, take_text, &then);
	zdbpg_query_each(query, GetLatestSnapshot(), take_text, &now);
	if (strcmp(then, now) != 0)
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("schema changed during backup"),
						errdetail("Another session committed a change of the "
								  "schema that this transaction cannot see."),
						errhint("Try again.")));
}
