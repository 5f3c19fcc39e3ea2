/*
 * sequences - that give a table's ids must not fall behind its rows
 */
#include "pg_ext/sequences.h"

#include "pg_ext/query.h"

/* A statement for each sequence that belongs to a column or stands in its
 * default; one that counts down is moved down. One that has given nothing yet
 * stands at its first number: that, too, may be taken. */
#define STATEMENTS                                                           \
	"SELECT DISTINCT pg_catalog.format('SELECT pg_catalog.setval(%%L, m) "   \
	"FROM"                                                                   \
	" (SELECT pg_catalog.%%s(%%I)::pg_catalog.int8 AS m FROM %%s) AS x, %%s" \
	" AS s WHERE m %%s s.last_value', s.seqrelid::regclass, CASE WHEN"       \
	" s.seqincrement > 0 THEN 'max' ELSE 'min' END, a.attname,"              \
	" a.attrelid::regclass, s.seqrelid::regclass, CASE WHEN"                 \
	" s.seqincrement > 0 THEN '>=' ELSE '<=' END)"                           \
	" FROM pg_catalog.pg_attribute a JOIN (SELECT d.refobjid AS relid,"      \
	" d.refobjsubid AS attnum, d.objid AS seq FROM pg_catalog.pg_depend d"   \
	" WHERE d.classid = 'pg_class'::regclass AND d.refclassid = d.classid"   \
	" AND d.deptype IN ('a', 'i') UNION SELECT f.adrelid, f.adnum,"          \
	" d.refobjid FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_depend d"   \
	" ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND"         \
	" d.refclassid = 'pg_class'::regclass) q ON q.relid = a.attrelid AND"    \
	" q.attnum = a.attnum JOIN pg_catalog.pg_sequence s ON"                  \
	" s.seqrelid = q.seq WHERE a.attrelid = %u AND a.atttypid IN"            \
	" ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)"

void
zdbpg_sequences_advance(Oid relid)
{
	ListCell *cell;

	foreach(cell, zdbpg_query_texts(psprintf(STATEMENTS, relid)))
		zdbpg_query_int64(lfirst(cell));
}
