/*
 * set_aside - what would change rows and rights while they are restored
 */
#include "pg_ext/set_aside.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_default_acl.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "pg_ext/query.h"

#define WORKING                                                           \
	"SELECT pg_catalog.format('ALTER TABLE ONLY %%s DISABLE %%s %%I',"    \
	" x.relid::regclass, x.kind, x.name),"                                \
	" pg_catalog.format('ALTER TABLE ONLY %%s ENABLE %%s%%s %%I',"        \
	" x.relid::regclass, CASE x.state WHEN 'A' THEN 'ALWAYS ' WHEN"       \
	" 'R' THEN 'REPLICA ' ELSE '' END, x.kind, x.name) FROM"              \
	" (SELECT tgrelid AS relid, 'TRIGGER' AS kind, tgname AS name,"       \
	" tgenabled AS state FROM pg_catalog.pg_trigger WHERE NOT"            \
	" tgisinternal UNION ALL SELECT ev_class, 'RULE', rulename,"          \
	" ev_enabled FROM pg_catalog.pg_rewrite WHERE rulename <> '_RETURN')" \
	" x WHERE x.state IN ('A', '%s') AND (x.relid = %u OR x.relid IN"     \
	" (SELECT relid FROM pg_catalog.pg_partition_ancestors(%u) AS relid))"

typedef struct pairs
{
	List *off;
	List *on;
} pairs;

static void
take_pair(void *arg, TupleTableSlot *slot)
{
	pairs *all = arg;

	all->off = lappend(all->off, zdbpg_slot_text(slot, 1));
	all->on = lappend(all->on, zdbpg_slot_text(slot, 2));
}

List *
zdbpg_aside_triggers(Oid relid, bool in_replica)
{
	pairs all = {NIL, NIL};
	ListCell *cell;

	zdbpg_query_each(psprintf(WORKING, in_replica ? "R" : "O", relid, relid),
					 NULL, take_pair, &all);
	foreach(cell, all.off) zdbpg_query_exec(lfirst(cell));
	return all.on;
}

/* Entries are found by the type of their objects; nothing has this one. */
static char
other_type(char type)
{
	return (char) (type ^ 0x80);
}

static void
set_type(Relation rel, HeapTuple tuple, char type)
{
	HeapTuple copy = heap_copytuple(tuple);

	((Form_pg_default_acl) GETSTRUCT(copy))->defaclobjtype = type;
	CatalogTupleUpdate(rel, &copy->t_self, copy);
	heap_freetuple(copy);
}

List *
zdbpg_aside_privileges(void)
{
	Relation rel = table_open(DefaultAclRelationId, RowExclusiveLock);
	SysScanDesc scan =
		systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	List *aside = NIL;
	HeapTuple tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_default_acl entry = (Form_pg_default_acl) GETSTRUCT(tuple);

		aside = lappend_oid(aside, entry->oid);
		set_type(rel, tuple, other_type(entry->defaclobjtype));
	}
	systable_endscan(scan);
	table_close(rel, RowExclusiveLock);
	CommandCounterIncrement();
	return aside;
}

static void
put_back(Relation rel, HeapTuple tuple)
{
	Form_pg_default_acl entry = (Form_pg_default_acl) GETSTRUCT(tuple);
	char type = other_type(entry->defaclobjtype);
	ObjectAddress address = {DefaultAclRelationId, entry->oid, 0};

	if (SearchSysCacheExists3(
			DEFACLROLENSPOBJ, ObjectIdGetDatum(entry->defaclrole),
			ObjectIdGetDatum(entry->defaclnamespace), CharGetDatum(type)))
		performDeletion(&address, DROP_RESTRICT, 0);
	else
		set_type(rel, tuple, type);
}

void
zdbpg_aside_privileges_back(List *aside)
{
	Relation rel = table_open(DefaultAclRelationId, RowExclusiveLock);
	ListCell *cell;

	foreach(cell, aside)
	{
		ScanKeyData key;
		SysScanDesc scan;
		HeapTuple tuple;

		CommandCounterIncrement();
		ScanKeyInit(&key, Anum_pg_default_acl_oid, BTEqualStrategyNumber,
					F_OIDEQ, ObjectIdGetDatum(lfirst_oid(cell)));
		scan =
			systable_beginscan(rel, DefaultAclOidIndexId, true, NULL, 1, &key);
		tuple = systable_getnext(scan);
		if (HeapTupleIsValid(tuple)) /* its schema may be gone */
			put_back(rel, tuple);
		systable_endscan(scan);
	}
	table_close(rel, RowExclusiveLock);
	CommandCounterIncrement();
}
