/*
 * merge_facts - PostgreSQL's tables as core/policy/merge.h wants them
 */
#include "pg_ext/merge_facts.h"

#include "nodes/pg_list.h"
#include "utils/guc.h"

#include "pg_ext/job.h"
#include "pg_ext/query.h"
#include "pg_ext/zdbpg.h"

/* Whether the elements of an array have no equality that comparing it finds;
 * that of rows may not be one. */
#define ELEMENTS_AS_TEXT                                                   \
	"(SELECT e.typtype IN ('c', 'd') OR e.typtype = 'b' AND e.typcategory" \
	" <> 'S' AND NOT EXISTS (SELECT FROM pg_catalog.pg_opclass k JOIN"     \
	" pg_catalog.pg_am m ON m.oid = k.opcmethod WHERE k.opcdefault AND"    \
	" k.opcintype = e.oid AND m.amname IN ('btree', 'hash'))"              \
	" FROM pg_catalog.pg_type x JOIN pg_catalog.pg_type y ON y.oid ="      \
	" x.typelem JOIN pg_catalog.pg_type e ON e.oid = CASE y.typtype"       \
	" WHEN 'd' THEN y.typbasetype ELSE y.oid END WHERE x.oid = t.bt)"

/* Equality that is not "the same text", or that an extension has in another
 * schema: compared as text instead. */
#define AS_TEXT                                                               \
	"CASE WHEN t.typcategory = 'A' THEN " ELEMENTS_AS_TEXT " ELSE NOT EXISTS" \
	" (SELECT FROM pg_catalog.pg_operator o WHERE o.oprname = '=' AND"        \
	" o.oprcanhash AND o.oprleft = t.bt AND o.oprright = t.bt AND"            \
	" o.oprnamespace = 'pg_catalog'::regnamespace) AND"                       \
	" t.typtype NOT IN ('e', 'r', 'm') AND NOT (t.typcategory = 'S' AND"      \
	" t.bt < 16384) END"

/* How type t is compared, if not by an operator that "=" finds: as its default
 * operator class says, which only superusers make. Anybody makes operators. */
#define EQUAL                                                            \
	"(SELECT pg_catalog.format('OPERATOR(%s.=)',"                        \
	" o.oprnamespace::regnamespace) FROM pg_catalog.pg_opclass k JOIN"   \
	" pg_catalog.pg_am m ON m.oid = k.opcmethod JOIN pg_catalog.pg_amop" \
	" p ON p.amopfamily = k.opcfamily AND p.amoplefttype = t.bt AND"     \
	" p.amoprighttype = t.bt JOIN pg_catalog.pg_operator o ON o.oid ="   \
	" p.amopopr WHERE k.opcdefault AND k.opcintype = t.bt AND"           \
	" m.amname IN ('btree', 'hash') AND o.oprname = '=' AND"             \
	" o.oprnamespace <> 'pg_catalog'::regnamespace LIMIT 1)"

/* Types; bt is what a domain is of. */
#define TYPES                                                                \
	"(SELECT y.*, CASE y.typtype WHEN 'd' THEN y.typbasetype ELSE y.oid END" \
	" AS bt FROM pg_catalog.pg_type y)"

#define COLUMNS                                                              \
	"(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object("            \
	"'name', a.attname, 'not_null', a.attnotnull,"                           \
	"'equal', " EQUAL ","                                                    \
	"'has_default', a.atthasdef OR a.attidentity <> '' OR"                   \
	" t.typdefault IS NOT NULL,"                                             \
	"'generated', a.attgenerated <> '', 'always', a.attidentity = 'a',"      \
	"'integer', t.bt IN ('int2'::regtype, 'int4'::regtype,"                  \
	" 'int8'::regtype), 'text', t.bt IN ('text'::regtype,"                   \
	" 'varchar'::regtype), 'as_text', " AS_TEXT ") ORDER BY a.attnum)"       \
	" FROM pg_catalog.pg_attribute a JOIN " TYPES " t ON t.oid = a.atttypid" \
	" WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"

/* An element is a column, or an expression with the column it looks at. */
#define ELEMENT                                                             \
	"pg_catalog.jsonb_build_object("                                        \
	"'sql', pg_catalog.pg_get_indexdef(i.indexrelid, k.n::int4, false) ||"  \
	" CASE WHEN a.attname IS NOT NULL AND i.indcollation[k.n - 1] NOT IN"   \
	" (0, a.attcollation) THEN ' COLLATE ' || (SELECT"                      \
	" pg_catalog.format('%I.%I', cn.nspname, co.collname) FROM"             \
	" pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON"        \
	" cn.oid = co.collnamespace WHERE co.oid = i.indcollation[k.n - 1])"    \
	" ELSE '' END,"                                                         \
	"'equal', (SELECT " EQUAL " FROM pg_catalog.pg_attribute a JOIN " TYPES \
	" t ON t.oid = a.atttypid WHERE a.attrelid = i.indexrelid AND"          \
	" a.attnum = k.n),"                                                     \
	"'column', a.attname, 'plain', a.attname IS NOT NULL AND"               \
	" i.indcollation[k.n - 1] IN (0, a.attcollation),"                      \
	"'of', CASE WHEN a.attname IS NULL AND i.indnkeyatts = 1 THEN"          \
	" (SELECT CASE pg_catalog.count(DISTINCT d.refobjsubid) WHEN 1 THEN"    \
	" pg_catalog.max(b.attname) END FROM pg_catalog.pg_depend d JOIN"       \
	" pg_catalog.pg_attribute b ON b.attrelid = d.refobjid AND b.attnum ="  \
	" d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND"             \
	" d.objid = i.indexrelid AND d.refobjid = c.oid AND"                    \
	" d.refobjsubid > 0) END)"

#define INDEXES                                                            \
	"coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(" \
	"'name', x.relname, 'primary', i.indisprimary, 'nulls_equal',"         \
	" coalesce((pg_catalog.to_jsonb(i)->>'indnullsnotdistinct')::bool,"    \
	" false), 'where', pg_catalog.pg_get_expr(i.indpred, i.indrelid),"     \
	"'elements', (SELECT pg_catalog.jsonb_agg(" ELEMENT " ORDER BY k.n)"   \
	" FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k(n)"           \
	" LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND"       \
	" a.attnum = i.indkey[k.n - 1] AND a.attnum > 0)) ORDER BY x.relname)" \
	" FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON"            \
	" x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique AND" \
	" i.indislive), '[]')"

#define FOREIGN                                                              \
	"coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object("   \
	"'name', f.conname, 'schema', pn.nspname, 'parent', p.relname,"          \
	"'columns', (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY u.n) FROM"   \
	" pg_catalog.unnest(f.conkey) WITH ORDINALITY AS u(c, n) JOIN"           \
	" pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND"              \
	" a.attnum = u.c),"                                                      \
	"'parent_columns', (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY u.n)" \
	" FROM pg_catalog.unnest(f.confkey) WITH ORDINALITY AS u(c, n) JOIN"     \
	" pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND"             \
	" a.attnum = u.c), 'deferrable', f.condeferrable) ORDER BY f.conname)"   \
	" FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class p ON"         \
	" p.oid = f.confrelid JOIN pg_catalog.pg_namespace pn ON"                \
	" pn.oid = p.relnamespace WHERE f.conrelid = c.oid AND f.contype = 'f'"  \
	" AND f.conparentid = 0), '[]')"

/* The last id that the primary key's sequence gave. */
#define LAST_ID                                                            \
	"(SELECT '(SELECT last_value FROM ' || d.objid::regclass::text || ')'" \
	" FROM pg_catalog.pg_index i JOIN pg_catalog.pg_depend d ON"           \
	" d.refobjid = c.oid AND d.refobjsubid = i.indkey[0] JOIN"             \
	" pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' WHERE"  \
	" i.indrelid = c.oid AND i.indisprimary AND d.classid ="               \
	" 'pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1)"

#define PROBLEM                                                            \
	"CASE WHEN pg_catalog.row_security_active(c.oid) THEN"                 \
	" 'row-level security hides rows from you'"                            \
	" WHEN NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') THEN"       \
	" 'you may not select its rows'"                                       \
	" WHEN %s AND NOT (pg_catalog.has_table_privilege(c.oid, 'INSERT')"    \
	" AND pg_catalog.has_table_privilege(c.oid, 'UPDATE')) THEN"           \
	" 'you may not insert and update its rows'"                            \
	" WHEN %s AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') AND"     \
	" EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid" \
	" AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')) THEN"          \
	" 'it has triggers, which only its owner can switch off' END"

#define LIVE                                                              \
	"SELECT pg_catalog.jsonb_build_object("                               \
	"'schema', n.nspname, 'name', c.relname,"                             \
	"'sql', CASE WHEN c.relhassubclass AND c.relkind = 'r' THEN 'ONLY '"  \
	" ELSE '' END || pg_catalog.format('%%I.%%I', n.nspname, c.relname)," \
	"'into', pg_catalog.format('%%I.%%I', n.nspname, c.relname),"         \
	"'identity', 'ctid', 'problem', " PROBLEM ", 'last_id', " LAST_ID "," \
	"'columns', %s, 'unique', %s, 'foreign', %s)::text"                   \
	" FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON"       \
	" n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND"           \
	" NOT c.relispartition AND c.relpersistence <> 't' AND"               \
	" n.nspname NOT IN ('pg_catalog', 'information_schema') AND"          \
	" n.nspname !~ '^pg_toast' AND NOT EXISTS (SELECT FROM"               \
	" pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND"  \
	" d.objid = c.oid AND d.deptype = 'e') ORDER BY c.oid"

json_t *
zdbpg_merge_own(json_t *json)
{
	json_t **slot = zdbpg_own_json();

	if (!json)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	*slot = json;
	return json;
}

json_t *
zdbpg_merge_live(bool writes, bool triggers)
{
	json_t *list = zdbpg_merge_own(json_array());
	int nest = NewGUCNestLevel();
	ListCell *cell;

	/* compiling that query takes many times as long as running it */
	(void) set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	foreach(cell,
			zdbpg_query_texts(psprintf(LIVE, writes ? "true" : "false",
									   writes && !triggers ? "true" : "false",
									   COLUMNS, INDEXES, FOREIGN)))
	{
		json_t *fact = json_loads(zdbpg_to_utf8(lfirst(cell)), 0, NULL);

		if (!fact || json_array_append_new(list, fact) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	AtEOXact_GUC(false, nest);
	return list;
}
